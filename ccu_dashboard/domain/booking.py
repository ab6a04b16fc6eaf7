"""Where "Zugang buchen" leads."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class WhyPlain(StrEnum):
    """Why no link could be signed."""

    NO_SERIAL = "no-serial"
    NOT_ENROLLED = "not-enrolled"
    KEY_UNUSABLE = "key-unusable"
    NO_CLOCK = "no-clock"


@dataclass(frozen=True, slots=True)
class SignedLink:
    """The address of a booking link; whoever has it can book for the account, once."""

    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PlainLink:
    """The website's own address: there the customer must log in with the right account."""

    address: str
    user_name: str
    why: WhyPlain


Target = SignedLink | PlainLink
