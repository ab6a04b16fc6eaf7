"""What is signed: frozen values, no cryptography, no clock. Here are the tokens of a hub.

`BookingLink`   opens the booking flow for one account (shown to a browser, works once)
`HubToken`      lets a hub ask the portal's API (RFC 7523 style)
`HubEnrolment`  proves that whoever hands in a public key holds the private one
`HubPairing`    the same for a hub that has no account yet

Another kind of statement, a release of the add-on, is the publisher's: see `releases.py`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final, Literal, Self, get_args

from cloudmatic_link.errors import BadClaim
from cloudmatic_link.formats import ACCOUNT_ID, PRODUCT, SERIAL, TOKEN_ID

BookingKind = Literal["single", "subscription"]
BOOKING_KINDS: Final[tuple[BookingKind, ...]] = get_args(BookingKind)
MAX_MONTHS: Final = 60
_LATEST_INSTANT: Final = int(datetime(9999, 1, 1, tzinfo=UTC).timestamp())


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What is signed says when it was made and until when it holds: UTC, whole seconds."""

    TYPE: ClassVar[str]
    LIFETIME: ClassVar[timedelta]

    issued_at: datetime
    expires_at: datetime

    def to_payload(self) -> dict[str, Any]:
        """The claims as the JSON object of RFC 7519."""
        return {
            "iat": int(self.issued_at.timestamp()),
            "exp": int(self.expires_at.timestamp()),
        }

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Self:
        """Read the claims strictly; what we do not know is ignored (RFC 7519, section 4).

        Raises BadClaim for a claim that is missing, of another type or format, or for a token
        that would live longer than its kind may.
        """
        return cls(**cls._fields(payload))

    @classmethod
    def _fields(cls, payload: Mapping[str, Any]) -> dict[str, Any]:
        issued_at, expires_at = _instant(payload, "iat"), _instant(payload, "exp")
        if not timedelta(0) < expires_at - issued_at <= cls.LIFETIME:
            raise BadClaim("exp")
        return {"issued_at": issued_at, "expires_at": expires_at}


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed(Statement):
    """What every token of a hub says: which hub, to which portal.

    `issuer` is the hub's serial, `audience` the portal's origin, `token_id` is 128 random bits in
    base64url.
    """

    issuer: str
    audience: str
    token_id: str

    def to_payload(self) -> dict[str, Any]:
        return {
            "iss": self.issuer,
            "aud": self.audience,
            **Statement.to_payload(self),
            "jti": self.token_id,
        }

    @classmethod
    def _fields(cls, payload: Mapping[str, Any]) -> dict[str, Any]:
        # `super()` without arguments does not work in a dataclass with slots.
        return super(Addressed, cls)._fields(payload) | {
            "issuer": text_claim(payload, "iss", SERIAL),
            "audience": text_claim(payload, "aud", None),
            "token_id": text_claim(payload, "jti", TOKEN_ID),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims(Addressed):
    """The same for one account: `subject` is its CloudMatic-ID."""

    subject: str

    def to_payload(self) -> dict[str, Any]:
        return {**Addressed.to_payload(self), "sub": self.subject}

    @classmethod
    def _fields(cls, payload: Mapping[str, Any]) -> dict[str, Any]:
        return super(Claims, cls)._fields(payload) | {
            "subject": text_claim(payload, "sub", ACCOUNT_ID),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingLink(Claims):
    """Book `product` for the account `subject`; term and kind may be left to the customer."""

    TYPE: ClassVar[str] = "booking-link+jwt"
    LIFETIME: ClassVar[timedelta] = timedelta(seconds=120)

    product: str
    months: int | None = None
    kind: BookingKind | None = None

    def to_payload(self) -> dict[str, Any]:
        payload = Claims.to_payload(self) | {"product": self.product}
        if self.months is not None:
            payload["months"] = self.months
        if self.kind is not None:
            payload["kind"] = self.kind
        return payload

    @classmethod
    def _fields(cls, payload: Mapping[str, Any]) -> dict[str, Any]:
        return super(BookingLink, cls)._fields(payload) | {
            "product": text_claim(payload, "product", PRODUCT),
            "months": _months(payload),
            "kind": _kind(payload),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class HubToken(Claims):
    """The bearer token of a hub's request to the portal's API."""

    TYPE: ClassVar[str] = "hub-auth+jwt"
    LIFETIME: ClassVar[timedelta] = timedelta(seconds=300)


@dataclass(frozen=True, slots=True, kw_only=True)
class HubEnrolment(Claims):
    """Signed with the very key that is handed in: proof of possession (RFC 7800's idea)."""

    TYPE: ClassVar[str] = "hub-enrolment+jwt"
    LIFETIME: ClassVar[timedelta] = timedelta(seconds=300)


@dataclass(frozen=True, slots=True, kw_only=True)
class HubPairing(Addressed):
    """A hub that has no account yet says who it is, signed with the key that is handed in.

    It authenticates the device flow's client (RFC 8628) by an assertion (RFC 7523, section 3):
    `sub` is the client itself.
    """

    TYPE: ClassVar[str] = "hub-pairing+jwt"
    LIFETIME: ClassVar[timedelta] = timedelta(seconds=300)

    def to_payload(self) -> dict[str, Any]:
        return {**Addressed.to_payload(self), "sub": self.issuer}

    @classmethod
    def _fields(cls, payload: Mapping[str, Any]) -> dict[str, Any]:
        fields = super(HubPairing, cls)._fields(payload)
        if text_claim(payload, "sub", SERIAL) != fields["issuer"]:
            raise BadClaim("sub")
        return fields


def token_id(random_bytes: bytes) -> str:
    """Return 16 random bytes as a `jti`."""
    if len(random_bytes) != 16:
        raise ValueError("a token id is made of 128 bits")
    return base64.urlsafe_b64encode(random_bytes).rstrip(b"=").decode("ascii")


def whole_second(instant: datetime) -> datetime:
    """`instant` as a NumericDate can hold it; claims compare equal after a round trip."""
    return instant.astimezone(UTC).replace(microsecond=0)


def text_claim(payload: Mapping[str, Any], claim: str, pattern: re.Pattern[str] | None) -> str:
    """Return a text, which matches `pattern` as a whole. Raises BadClaim."""
    value = payload.get(claim)
    if not isinstance(value, str) or (pattern is not None and not pattern.fullmatch(value)):
        raise BadClaim(claim)
    return value


def _instant(payload: Mapping[str, Any], claim: str) -> datetime:
    value = payload.get(claim)
    # bool is an int in Python, and a JSON `true` is no date.
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _LATEST_INSTANT:
        raise BadClaim(claim)
    return datetime.fromtimestamp(value, UTC)


def _months(payload: Mapping[str, Any]) -> int | None:
    value = payload.get("months")
    if "months" not in payload:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_MONTHS:
        raise BadClaim("months")
    return value


def _kind(payload: Mapping[str, Any]) -> BookingKind | None:
    if "kind" not in payload:
        return None
    for kind in BOOKING_KINDS:
        if payload["kind"] == kind:
            return kind
    raise BadClaim("kind")
