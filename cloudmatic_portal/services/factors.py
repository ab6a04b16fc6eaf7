"""What second factors of operators and of customers have in common."""

from __future__ import annotations

import base64
from datetime import datetime

from cloudmatic_portal.domain import totp
from cloudmatic_portal.services.sealing import SealBroken, Sealing


def secret_of(random: bytes) -> str:
    """The secret that `random` is, as apps take it. Raises ValueError if there is too little."""
    if len(random) < totp.SECRET_BYTES:
        raise ValueError("too few random bytes")
    return base64.b32encode(random[: totp.SECRET_BYTES]).decode("ascii")


def unused_step(
    sealing: Sealing, sealed: bytes, about: str, *, after: int, code: str, now: datetime
) -> int | None:
    """The time step of `code`, if it is one of the factor's later than `after`; None if not.

    None also if the factor cannot be opened, because the portal's secret is another one now.
    """
    try:
        factor = sealing.open(sealed, about)
    except SealBroken:
        return None
    step = totp.matching_step(factor, code, now)
    return step if step is not None and step > after else None
