"""Secrets that must be read again: sealed with a key that is not in the database."""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cloudmatic_portal.services.sessions import RandomBytes

_NONCE: Final = 12


class SealBroken(Exception):
    """What was sealed cannot be opened: another key, another purpose, or damage."""


class Sealing:
    """AES-256-GCM with a key drawn from the portal's secret for one `purpose` (RFC 5869)."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode("utf-8"))
        self._key = AESGCM(derive.derive(secret))

    def seal(self, plain: str, about: str, random_bytes: RandomBytes) -> bytes:
        """`about` names whose it is: it cannot be opened as somebody else's."""
        nonce = random_bytes(_NONCE)
        return nonce + self._key.encrypt(nonce, plain.encode("utf-8"), about.encode("utf-8"))

    def open(self, sealed: bytes, about: str) -> str:
        """Raises SealBroken."""
        nonce, rest = sealed[:_NONCE], sealed[_NONCE:]
        try:
            return self._key.decrypt(nonce, rest, about.encode("utf-8")).decode("utf-8")
        except (InvalidTag, ValueError) as error:
            raise SealBroken from error
