"""The second factor: codes of six digits that change every 30 seconds (RFC 6238, with SHA-1)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

import pyotp
from pyotp.exceptions import OTPVerificationError

SECRET_BYTES: Final = 20
"""RFC 4226, section 4, R6 recommends 160 bits."""

ISSUER: Final = "CloudMatic"
_CODE: Final = re.compile(r"[0-9]{6}")
_WINDOW: Final = 1
"""Steps before and after the present one that count, too (RFC 6238, section 5.2)."""


def read_code(text: str) -> str | None:
    """The code that `text` is, also in two groups as apps show it; None if none."""
    code = "".join(text.split())
    return code if code.isascii() and _CODE.fullmatch(code) else None


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code `code` is, near `now`; None if it is none of them.

    Whoever accepts a code must remember its step and accept no code of that or an earlier one
    (RFC 6238, section 5.2). `secret` is in base32.
    """
    known = read_code(code)
    if known is None:
        return None
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(known, for_time=now, valid_window=_WINDOW)
    except OTPVerificationError:
        return None


def address(secret: str, name: str) -> str:
    """What an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)
