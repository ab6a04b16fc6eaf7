"""Ed25519 keys as hub and portal hold them; a key is named by its RFC 7638 thumbprint."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final, Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc.jwk import OKPKey

from cloudmatic_link.formats import BYTES_32

_CURVE: Final = "Ed25519"

_FIELD: Final = 2**255 - 19
_EIGHTH: Final = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
# The y coordinates, in every spelling, of points of order 1, 2, 4 and 8 (RFC 8032, section 5.1):
# as a public key, such a point verifies signatures that nobody made.
_SMALL_ORDER: Final = frozenset({0, 1, _FIELD - 1, _FIELD, _FIELD + 1, _EIGHTH, _FIELD - _EIGHTH})


class KeyUnusable(Exception):
    """The bytes or the JWK given are not an Ed25519 key of the kind asked for."""


class PublicKey:
    """The half of a key that the other side keeps: the portal a hub's, a hub the publisher's."""

    def __init__(self, key: OKPKey, key_id: str | None = None) -> None:
        self.jwk = key
        self.key_id = key_id or key.thumbprint()

    @classmethod
    def from_jwk(cls, jwk: object) -> Self:
        """Read a public JWK (RFC 8037). A private part in it is refused, not ignored."""
        if not isinstance(jwk, Mapping) or jwk.get("kty") != "OKP" or jwk.get("crv") != _CURVE:
            raise KeyUnusable("not an Ed25519 public key")
        if "d" in jwk:
            raise KeyUnusable("a private key was sent")
        return cls.from_bytes(_decode_coordinate(jwk.get("x")))

    @classmethod
    def from_bytes(cls, raw: bytes, key_id: str | None = None) -> Self:
        """Read the 32 bytes of RFC 8032, section 5.1.5.

        `key_id` is given by who calculated it of these very bytes before, and keeps both.
        """
        if len(raw) != 32:
            raise KeyUnusable("an Ed25519 public key has 32 bytes")
        if int.from_bytes(raw, "little") % 2**255 in _SMALL_ORDER:
            raise KeyUnusable("anybody could sign for this key")
        return cls(OKPKey.import_key(Ed25519PublicKey.from_public_bytes(raw)), key_id)

    def to_bytes(self) -> bytes:
        return _decode_coordinate(self.to_jwk()["x"])

    def to_jwk(self) -> dict[str, Any]:
        jwk = self.jwk.as_dict(private=False)
        return {name: jwk[name] for name in ("kty", "crv", "x")}


class HubKey:
    """A whole key pair, a hub's or (of the same kind) the publisher's. It never leaves its owner.

    `repr` shows the key id only.
    """

    def __init__(self, key: OKPKey) -> None:
        if not key.is_private or key.curve_name != _CURVE:
            raise KeyUnusable("not an Ed25519 private key")
        self.jwk = key
        self.key_id = key.thumbprint()

    def __repr__(self) -> str:
        return f"HubKey({self.key_id})"

    @classmethod
    def generate(cls) -> Self:
        return cls(OKPKey.generate_key(_CURVE, private=True))

    @classmethod
    def from_pem(cls, pem: bytes) -> Self:
        """Read an unencrypted PKCS #8 PEM file. Raises KeyUnusable for anything else."""
        try:
            key = load_pem_private_key(pem, password=None)
        # TypeError: the key is encrypted.
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise KeyUnusable("not an Ed25519 private key in PEM") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyUnusable("not an Ed25519 private key")
        return cls(OKPKey.import_key(key))

    def to_pem(self) -> bytes:
        return self.jwk.as_pem(private=True)

    @property
    def public(self) -> PublicKey:
        return PublicKey.from_jwk(self.jwk.as_dict(private=False))


def _decode_coordinate(text: object) -> bytes:
    if not isinstance(text, str) or not BYTES_32.fullmatch(text):
        raise KeyUnusable("an Ed25519 public key is 32 bytes in base64url")
    return base64.urlsafe_b64decode(text + "=")
