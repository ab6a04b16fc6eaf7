"""Which passwords will do. Length counts; that is all that is asked beyond the obvious.

After NIST SP 800-63B, section 5.1.1.2: no rules about signs, no expiry, no cutting off; refused is
what everybody tries first and what stands on the same page.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

from cloudmatic_portal.domain.account import fold
from cloudmatic_portal.domain.common_passwords import COMMON
from cloudmatic_portal.domain.errors import PasswordUnfit

MIN_LENGTH: Final = 10
MAX_LENGTH: Final = 1024
"""In characters."""

_HOUSE: Final = (
    *("cloudmatic", "homematic", "homematicip", "openccu", "raspberrymatic"),
    *("connect", "smarthome", "complete", "fullservice", "notifyme"),
)


def prepared(password: str) -> str:
    """The form that is hashed: `ü` is the same password on every keyboard (RFC 8265, 4.2.2)."""
    return unicodedata.normalize("NFC", password)


def require_fit(password: str, *, user_name: str, email: str) -> None:
    """Raise PasswordUnfit unless `password` will do for the account with these names."""
    text = prepared(password)
    if len(text) < MIN_LENGTH:
        raise PasswordUnfit("short")
    if len(text) > MAX_LENGTH:
        raise PasswordUnfit("long")
    names = (user_name, email, email.partition("@")[0], *_HOUSE)
    if _is_one_of(text, names):
        raise PasswordUnfit("name")
    if fold(text) in COMMON or len(set(fold(text))) < 3:
        raise PasswordUnfit("common")


def _is_one_of(password: str, names: Iterable[str]) -> bool:
    """Whether it is one of the names, also several or twice, with digits and signs about it."""
    rest = _letters(password)
    cores = sorted({_letters(name) for name in names} - {""}, key=len, reverse=True)
    for core in cores:
        rest = rest.replace(core, " ")
    known = {fold(name) for name in names}
    return fold(password) in known or (rest != "" and rest.strip() == "")


def _letters(text: str) -> str:
    return "".join(sign for sign in fold(text) if sign.isalpha())
