"""What the portal tells a hub about its account: version 1 of the hub status.

A reader ignores what it does not know and refuses what it cannot trust: a later portal may add
members, an earlier hub keeps working.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Self

from cloudmatic_link.formats import ACCOUNT_ID, PRODUCT
from cloudmatic_link.orders import OpenOrder, PaidOrder, SubscriptionStatus, readable
from cloudmatic_link.products import Product

VERSION: Final = 1
NAME: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,200}")
"""No control characters, and no lone surrogates: JSON can carry those, UTF-8 cannot."""

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
"""Python reads more of ISO 8601 than we write."""

_MAX_ITEMS: Final = 100


class StatusUnreadable(ValueError):
    """The document is not a hub status; `member` tells where it fails."""

    def __init__(self, member: str) -> None:
        super().__init__(member)
        self.member = member


@dataclass(frozen=True, slots=True)
class PackageStatus:
    """One access period: `product` is usable from `first_day` to the end of `last_day`.

    `grace`: it is not paid yet.
    """

    product: Product
    first_day: date
    last_day: date
    trial: bool = False
    grace: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "product": self.product.code,
            "name": self.product.name,
            "from": self.first_day.isoformat(),
            "until": self.last_day.isoformat(),
            "trial": self.trial,
            "grace": self.grace,
        }

    @classmethod
    def from_json(cls, document: object) -> Self:
        members = _object(document, "packages")
        first_day, last_day = _date(members, "from"), _date(members, "until")
        if last_day < first_day:
            raise StatusUnreadable("until")
        return cls(
            _product(members),
            first_day,
            last_day,
            trial=members.get("trial") is True,
            grace=members.get("grace") is True,
        )


@dataclass(frozen=True, slots=True)
class HubStatus:
    """The account's access periods, earliest first, what can be booked, and what is to be paid.

    Of the periods that are over it holds the last one only: the hub says since when.
    """

    account_id: str
    user_name: str
    packages: tuple[PackageStatus, ...] = ()
    products: tuple[Product, ...] = field(default=())
    orders: tuple[OpenOrder, ...] = ()
    paid: tuple[PaidOrder, ...] = ()
    subscriptions: tuple[SubscriptionStatus, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "account": {"id": self.account_id, "user_name": self.user_name},
            "packages": [package.to_json() for package in self.packages],
            "products": [{"product": each.code, "name": each.name} for each in self.products],
            "orders": [each.to_json() for each in self.orders],
            "paid": [each.to_json() for each in self.paid],
            "subscriptions": [each.to_json() for each in self.subscriptions],
        }

    @classmethod
    def from_json(cls, document: object) -> Self:
        """Read a status document. Raises StatusUnreadable."""
        members = _object(document, "status")
        account = _object(members.get("account"), "account")
        account_id = account.get("id")
        if not isinstance(account_id, str) or not ACCOUNT_ID.fullmatch(account_id):
            raise StatusUnreadable("account.id")
        packages = tuple(map(PackageStatus.from_json, _list(members, "packages")))
        return cls(
            account_id=account_id,
            user_name=_name(account, "user_name"),
            packages=tuple(sorted(packages, key=lambda each: (each.first_day, each.last_day))),
            products=tuple(
                _product(_object(each, "products")) for each in _list(members, "products")
            ),
            orders=readable(members.get("orders"), OpenOrder.from_json),
            paid=readable(members.get("paid"), PaidOrder.from_json),
            subscriptions=readable(members.get("subscriptions"), SubscriptionStatus.from_json),
        )


def _object(value: object, member: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise StatusUnreadable(member)
    return value


def _list(members: Mapping[str, Any], member: str) -> list[Any]:
    value = members.get(member, [])
    if not isinstance(value, list) or len(value) > _MAX_ITEMS:
        raise StatusUnreadable(member)
    return value


def _name(members: Mapping[str, Any], member: str) -> str:
    value = members.get(member)
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise StatusUnreadable(member)
    return value


def _product(members: Mapping[str, Any]) -> Product:
    code = members.get("product")
    if not isinstance(code, str) or not PRODUCT.fullmatch(code):
        raise StatusUnreadable("product")
    return Product(code, _name(members, "name"))


def _date(members: Mapping[str, Any], member: str) -> date:
    value = members.get(member)
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise StatusUnreadable(member)
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise StatusUnreadable(member) from error
