"""How the secret of a second factor is shown to whoever sets it up, operator or customer."""

from __future__ import annotations

from dataclasses import dataclass, field

from markupsafe import Markup

from cloudmatic_portal.domain import totp
from cloudmatic_portal.web import qr


@dataclass(frozen=True, slots=True)
class Shown:
    """As a picture for the app's camera, and in groups to be typed."""

    picture: Markup = field(repr=False)
    key: str = field(repr=False)


def shown(secret: str, name: str) -> Shown:
    """`name` is what the app calls the login."""
    groups = (secret[start : start + 4] for start in range(0, len(secret), 4))
    return Shown(qr.svg(totp.address(secret, name)), " ".join(groups))
