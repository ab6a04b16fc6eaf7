"""Sign and check tokens: JWS compact serialisation (RFC 7515) with Ed25519 (RFC 9864) only."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jws import CompactSignature
from joserfc.registry import Header

from cloudmatic_link.claims import Addressed, Statement
from cloudmatic_link.errors import (
    BadSignature,
    Expired,
    Malformed,
    NotYetValid,
    WrongAlgorithm,
    WrongAudience,
    WrongType,
)
from cloudmatic_link.formats import KEY_ID
from cloudmatic_link.keys import HubKey, PublicKey
from cloudmatic_link.strict_json import read_object

ALGORITHM: Final = "Ed25519"
MAX_LENGTH: Final = 2048
"""Longest token looked at, in characters; ours have about 500."""

CLOCK_LEEWAY: Final = timedelta(seconds=60)
"""How far a token may seem to come from the future: hub and portal clocks differ a little."""

_COMPACT: Final = re.compile(r"[A-Za-z0-9_-]{1,400}\.[A-Za-z0-9_-]{1,1600}\.[A-Za-z0-9_-]{86}")
# No `crit`, `jwk`, `jku`, `x5u`, `b64`: a header may name a key of ours and do nothing else.
_HEADER_NAMES: Final = frozenset({"alg", "typ", "kid"})
_REGISTRY: Final = jws.JWSRegistry(algorithms=[ALGORITHM])

T = TypeVar("T", bound=Addressed)
S = TypeVar("S", bound=Statement)


def sign(claims: Statement, key: HubKey) -> str:
    """Return `claims` as a compact JWS signed with `key`."""
    header: Header = {"alg": ALGORITHM, "typ": claims.TYPE, "kid": key.key_id}
    payload = json.dumps(claims.to_payload(), separators=(",", ":")).encode("ascii")
    return jws.serialize_compact(header, payload, key.jwk, algorithms=[ALGORITHM])


@dataclass(frozen=True, slots=True)
class Unverified(Generic[S]):
    """A token of the form that ours have: it names a key and says what kind of statement it is.
    Nothing is proven yet.
    """

    key_id: str
    _kind: type[S]
    _signed: CompactSignature

    def statement(self, key: PublicKey) -> S:
        """What the token states if `key` signed it, whether or not that holds now.

        Raises a TokenError that tells why not. The signature is checked before any claim is read,
        so that a forged token learns nothing but that it is forged.
        """
        if self.key_id != key.key_id or not _is_signed(self._signed, key):
            raise BadSignature
        return self._kind.from_payload(_read_object(self._signed.payload or b""))


def read(token: str, kind: type[S]) -> Unverified[S]:
    """Return `token` as far as it can be read without its key.

    Raises Malformed, WrongAlgorithm or WrongType. Everything that a header could ask for beside
    our algorithm, our type and a key id is refused here, before any key is looked up.
    """
    if len(token) > MAX_LENGTH or not _COMPACT.fullmatch(token):
        raise Malformed
    try:
        signed = jws.extract_compact(token.encode("ascii"))
    except (JoseError, ValueError) as error:
        raise Malformed from error
    # The library is content with a header that names a member twice.
    header = _read_object(base64.urlsafe_b64decode(token.partition(".")[0] + "=="))
    if header.get("alg") != ALGORITHM:
        raise WrongAlgorithm
    if header.get("typ") != kind.TYPE:
        raise WrongType
    key_id = header.get("kid")
    if (
        header.keys() != _HEADER_NAMES
        or not isinstance(key_id, str)
        or not KEY_ID.fullmatch(key_id)
    ):
        raise Malformed
    return Unverified(key_id, kind, signed)


def verify(token: str, kind: type[T], key: PublicKey, *, audience: str, now: datetime) -> T:
    """Return the claims of `token` if `key` signed it, for `audience`, and it is valid at `now`.

    Raises a TokenError that tells why not.
    """
    return check(read(token, kind), key, audience=audience, now=now)


def check(unverified: Unverified[T], key: PublicKey, *, audience: str, now: datetime) -> T:
    """The same for a token that has been read, as its key had to be found."""
    claims = unverified.statement(key)
    if claims.audience != audience:
        raise WrongAudience
    require_valid(claims, now)
    return claims


def require_valid(statement: Statement, now: datetime) -> None:
    """Raise NotYetValid or Expired if `statement` does not hold at `now`."""
    if statement.issued_at > now + CLOCK_LEEWAY:
        raise NotYetValid(statement.issued_at)
    if statement.expires_at <= now:
        raise Expired(statement.issued_at, statement.expires_at)


def _is_signed(signed: CompactSignature, key: PublicKey) -> bool:
    try:
        return jws.validate_compact(signed, key.jwk, registry=_REGISTRY)
    except (JoseError, ValueError) as error:
        raise Malformed from error


def _read_object(content: bytes) -> dict[str, Any]:
    try:
        return read_object(content)
    except ValueError as error:
        raise Malformed from error
