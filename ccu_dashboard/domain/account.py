"""The linked account, as the hub's own files tell it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from cloudmatic_link.products import Product


class Fault(StrEnum):
    """What is wrong with the vendor's file, in the terms that a page explains."""

    NO_PERMISSION = "no-permission"
    EMPTY = "empty"
    TRUNCATED = "truncated"
    BINARY = "binary"
    TOO_LARGE = "too-large"
    INCOMPLETE = "incomplete"
    BAD_VALUE = "bad-value"


@dataclass(frozen=True, slots=True)
class License:
    """The vendor's last word on the running package (`smsguthaben`)."""

    product: Product | None
    trial: bool


@dataclass(frozen=True, slots=True)
class Linked:
    """An account is linked: `account_id` is the CloudMatic-ID, `user_key` the shared secret.

    A `paired` one was confirmed at the portal and has no user key; `key_id` is the hub's key that
    was confirmed then. `last_day` is the end of the current booking as the vendor's files have it;
    None if they name no valid day.
    """

    account_id: str
    user_name: str
    user_key: str = field(repr=False)
    last_day: date | None
    license: License
    key_id: str | None = None

    @property
    def paired(self) -> bool:
        return self.key_id is not None


@dataclass(frozen=True, slots=True)
class NotLinked:
    """No account is linked; `vendor_files` tells whether the vendor's add-on is there at all."""

    vendor_files: bool = True


@dataclass(frozen=True, slots=True)
class Pending:
    """A registration was begun on this hub and waits for its key."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """`file` of the vendor cannot be used; `key` is the entry at fault where one is."""

    fault: Fault
    file: str
    key: str = ""


Account = Linked | NotLinked | Pending | Unreadable
