"""What the hub status tells of orders and subscriptions.

All of this came later than the packages: a portal may lack it, and what a hub cannot read of it is
left out instead of making the rest useless.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeVar

from cloudmatic_link.picture import Picture

_TEXT: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,200}")
_NUMBER: Final = re.compile(r"[A-Z0-9-]{1,20}")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_WORD: Final = re.compile(r"[a-z][a-z_-]{0,31}")
_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}")
_BIC: Final = re.compile(r"[A-Z0-9]{8}([A-Z0-9]{3})?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOST: Final = 20
_MAX_CENTS: Final = 10**11


@dataclass(frozen=True, slots=True, kw_only=True)
class BankData:
    """Where to pay. `reference` is what the transfer must say."""

    holder: str
    iban: str
    bic: str
    reference: str

    def to_json(self) -> dict[str, Any]:
        return {
            "holder": self.holder,
            "iban": self.iban,
            "bic": self.bic,
            "reference": self.reference,
        }

    @classmethod
    def from_json(cls, document: object) -> BankData | None:
        if document is None:
            return None
        members = _object(document)
        return cls(
            holder=_text(members, "holder", _TEXT),
            iban=_text(members, "iban", _IBAN),
            bic=_text(members, "bic", _BIC),
            reference=_text(members, "reference", _TEXT),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrder:
    """An order that waits for its payment: `due` cents until `pay_until`.

    `late`: what it is for has begun, or the time to pay is over. `girocode` is the text that a
    banking app reads (EPC069-12), `qr` its picture.
    """

    number: str
    items: tuple[str, ...]
    due: int
    currency: str
    method: str
    pay_until: date
    late: bool = False
    bank: BankData | None = None
    girocode: str | None = None
    qr: Picture | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "items": list(self.items),
            "due_cents": self.due,
            "currency": self.currency,
            "method": self.method,
            "pay_until": self.pay_until.isoformat(),
            "late": self.late,
            "bank": self.bank and self.bank.to_json(),
            "girocode": self.girocode,
            "qr": self.qr and self.qr.to_json(),
        }

    @classmethod
    def from_json(cls, document: object) -> OpenOrder:
        members = _object(document)
        items = members.get("items", [])
        if not isinstance(items, list) or len(items) > _MOST:
            raise ValueError("items")
        girocode = members.get("girocode")
        return cls(
            number=_text(members, "number", _NUMBER),
            items=tuple(_text({"item": each}, "item", _TEXT) for each in items),
            due=_cents(members, "due_cents"),
            currency=_text(members, "currency", _CURRENCY),
            method=_text(members, "method", _WORD),
            pay_until=_date(members, "pay_until"),
            late=members.get("late") is True,
            bank=BankData.from_json(members.get("bank")),
            girocode=girocode if isinstance(girocode, str) and len(girocode) < 400 else None,
            qr=Picture.from_json(members.get("qr")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidOrder:
    """An order that was paid lately, on `paid_on`; what it bought runs until `last_day`, if it is
    anything that runs.
    """

    number: str
    items: tuple[str, ...]
    paid_on: date
    last_day: date | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "items": list(self.items),
            "paid_on": self.paid_on.isoformat(),
            "until": self.last_day and self.last_day.isoformat(),
        }

    @classmethod
    def from_json(cls, document: object) -> PaidOrder:
        members = _object(document)
        items = members.get("items", [])
        if not isinstance(items, list) or len(items) > _MOST:
            raise ValueError("items")
        return cls(
            number=_text(members, "number", _NUMBER),
            items=tuple(_text({"item": each}, "item", _TEXT) for each in items),
            paid_on=_date(members, "paid_on"),
            last_day=None if members.get("until") is None else _date(members, "until"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionStatus:
    """A subscription that goes on or is paused: `state` is `active` or `paused`, later perhaps
    something else. `waiting` is the number of the order whose payment is waited for.
    """

    name: str
    months: int
    state: str
    waiting: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "months": self.months,
            "state": self.state,
            "waiting": self.waiting,
        }

    @classmethod
    def from_json(cls, document: object) -> SubscriptionStatus:
        members = _object(document)
        months = members.get("months")
        if not isinstance(months, int) or isinstance(months, bool) or not 1 <= months <= 60:
            raise ValueError("months")
        waiting = members.get("waiting")
        return cls(
            name=_text(members, "name", _TEXT),
            months=months,
            state=_text(members, "state", _WORD),
            waiting=None if waiting is None else _text(members, "waiting", _NUMBER),
        )


T = TypeVar("T")


def readable(document: object, read: Callable[[object], T]) -> tuple[T, ...]:
    """What can be read of a list; nothing of what is none."""
    if not isinstance(document, list):
        return ()
    found = []
    for each in document[:_MOST]:
        try:
            found.append(read(each))
        except ValueError:
            continue
    return tuple(found)


def _object(document: object) -> Mapping[str, Any]:
    if not isinstance(document, dict):
        raise ValueError("not an object")  # noqa: TRY004  the content is wrong, not our type
    return document


def _text(members: Mapping[str, Any], member: str, pattern: re.Pattern[str]) -> str:
    value = members.get(member)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(member)
    return value


def _cents(members: Mapping[str, Any], member: str) -> int:
    value = members.get(member)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < _MAX_CENTS:
        raise ValueError(member)
    return value


def _date(members: Mapping[str, Any], member: str) -> date:
    return date.fromisoformat(_text(members, member, _DAY))
