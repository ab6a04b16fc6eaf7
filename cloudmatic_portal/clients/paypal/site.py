"""Which PayPal we talk to, and what follows from that."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cloudmatic_link.formats import parse_origin

LIVE: Final = "https://api-m.paypal.com"
SANDBOX: Final = "https://api-m.sandbox.paypal.com"

# Where webhooks' certificates lie, where customers approve, and whom the certificates name.
_KNOWN: Final = {
    LIVE: (
        "https://api.paypal.com",
        "https://www.paypal.com",
        ("messageverificationcerts.paypal.com",),
    ),
    SANDBOX: (
        "https://api.sandbox.paypal.com",
        "https://www.sandbox.paypal.com",
        ("messageverificationcerts.sandbox.paypal.com", "messageverificationcerts.paypal.com"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PayPalSite:
    """Base address and what identifies us there; no `repr` shows the secret.

    `authorities` is a file with the certificates that a local server's webhooks are checked
    against; PayPal's own are checked against the well-known ones.
    """

    base: str
    client_id: str
    secret: str = field(repr=False)
    webhook_id: str
    authorities: Path | None = None

    def __post_init__(self) -> None:
        parse_base(self.base)
        if self.authorities is not None and self.base in _KNOWN:
            raise ValueError("authorities of one's own are for a server on this machine only")

    @property
    def fingerprint(self) -> str:
        """Tells PayPal accounts apart, without naming them."""
        return hashlib.sha256(f"{self.base} {self.client_id}".encode()).hexdigest()

    @property
    def certificates(self) -> str:
        """The only origin that a webhook's certificate may come from."""
        return _KNOWN[self.base][0] if self.base in _KNOWN else self.base

    @property
    def approval(self) -> str:
        """The origin at which customers approve: forms may lead there."""
        return _KNOWN[self.base][1] if self.base in _KNOWN else self.base

    @property
    def signers(self) -> tuple[str, ...]:
        """The names that a webhook's certificate may have been issued to."""
        return _KNOWN[self.base][2] if self.base in _KNOWN else _KNOWN[LIVE][2]


def parse_base(text: str) -> str:
    """PayPal, its sandbox, or plain http on this machine. Raises ValueError."""
    if text in _KNOWN:
        return text
    origin = parse_origin(text)
    if urlsplit(origin).scheme != "http":
        raise ValueError(f"expected {LIVE}, {SANDBOX}, or http on this machine")
    return origin
