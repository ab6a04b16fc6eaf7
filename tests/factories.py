"""Values for tests: one good example of each, to be changed where a test is about the change."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import OKPKey

from ccu_dashboard.domain.account import License, Linked
from cloudmatic_link.claims import BookingLink, token_id
from cloudmatic_link.keys import HubKey
from cloudmatic_link.products import PACKAGES, Product
from cloudmatic_link.releases import Download, Release
from cloudmatic_link.status import HubStatus, PackageStatus

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
PORTAL = "https://portal.example"
SERIAL = "3014F711A0001F5A4993A42B"
ACCOUNT_ID = "4711"
USER_NAME = "maxmuster"
USER_KEY = "a1b2c3d4e5f60718293a4b5c6d7e8f90"
CONNECT, SMARTHOME, COMPLETE, FULLSERVICE = PACKAGES


def private_key(number: int = 0) -> Ed25519PrivateKey:
    """The same key for the same number, so that a failure can be repeated."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(bytes([number])).digest())


def hub_key(number: int = 0) -> HubKey:
    return HubKey(OKPKey.import_key(private_key(number)))


def booking_link(**changes: Any) -> BookingLink:
    values: dict[str, Any] = {
        "issuer": SERIAL,
        "subject": ACCOUNT_ID,
        "audience": PORTAL,
        "issued_at": NOW,
        "expires_at": NOW + BookingLink.LIFETIME,
        "token_id": token_id(bytes(16)),
        "product": COMPLETE.code,
    }
    return BookingLink(**values | changes)


def download(**changes: Any) -> Download:
    values: dict[str, Any] = {
        "address": "https://downloads.example/cloudmatic-ccu-1.2.3-armv7l.tar.gz",
        "sha256": "0" * 64,
        "size": 12_906_982,
    }
    return Download(**values | changes)


def release(**changes: Any) -> Release:
    values: dict[str, Any] = {
        "issued_at": NOW,
        "expires_at": NOW + timedelta(days=180),
        "version": "1.2.3",
        "downloads": {"armv7l": download()},
    }
    return Release(**values | changes)


def header(**changes: Any) -> dict[str, Any]:
    """The header of a booking link of `hub_key()`."""
    usual = {"alg": "Ed25519", "typ": "booking-link+jwt", "kid": hub_key().key_id}
    return usual | changes


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def compact(*, head: object, payload: object, key: Ed25519PrivateKey | None = None) -> str:
    """A compact JWS of anything, truly signed, past every check of ours; bytes stay as they are."""
    parts = [each if isinstance(each, bytes) else _json(each) for each in (head, payload)]
    signed = ".".join(map(base64url, parts))
    return f"{signed}.{base64url((key or private_key()).sign(signed.encode()))}"


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def linked(**changes: Any) -> Linked:
    values: dict[str, Any] = {
        "account_id": ACCOUNT_ID,
        "user_name": USER_NAME,
        "user_key": USER_KEY,
        "last_day": date(2026, 12, 24),
        "license": License(COMPLETE, trial=False),
    }
    return Linked(**values | changes)


def period(first: date, last: date, product: Product = COMPLETE) -> PackageStatus:
    return PackageStatus(product, first, last)


def hub_status(*packages: PackageStatus, products: tuple[Product, ...] = PACKAGES) -> HubStatus:
    return HubStatus(ACCOUNT_ID, USER_NAME, packages, products)
