"""Which package the dashboard shows as active, and how it stands on a given day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ccu_dashboard.domain.account import Linked
from cloudmatic_link.products import PACKAGES, Product
from cloudmatic_link.status import HubStatus, PackageStatus

ENDING_SOON_DAYS = 14
"""From this many days before the end the page says so in colour (DESIGN.md's first warning)."""


class Standing(StrEnum):
    """How a package stands on a day."""

    ACTIVE = "active"
    ENDING = "ending"
    QUEUED = "queued"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Package:
    """A package as the dashboard shows it.

    `product` is None where the hub knows an end but not what it is the end of. `first_day` is
    known only from the portal.
    """

    product: Product | None
    last_day: date | None
    first_day: date | None = None
    trial: bool = False

    def days_left(self, today: date) -> int | None:
        """Days of access after `today`; 0 on the last day, negative once it is over."""
        return None if self.last_day is None else (self.last_day - today).days

    def standing(self, today: date) -> Standing:
        days = self.days_left(today)
        if days is None:
            return Standing.UNKNOWN
        if self.first_day is not None and self.first_day > today:
            return Standing.QUEUED
        if days < 0:
            return Standing.EXPIRED
        return Standing.ENDING if days <= ENDING_SOON_DAYS else Standing.ACTIVE

    def share_left(self, today: date) -> float | None:
        """How much of the period is left, 1.0 to 0.0; None where its first day is unknown."""
        if self.first_day is None or self.last_day is None:
            return None
        whole = (self.last_day - self.first_day).days + 1
        return min(1.0, max(0.0, ((self.last_day - today).days + 1) / whole))


@dataclass(frozen=True, slots=True)
class Packages:
    """The active package (or the one that ended last) and those that follow it."""

    active: Package
    queued: tuple[Package, ...] = ()


def from_vendor(account: Linked) -> Packages:
    """The package as the vendor's files on the hub tell it."""
    vendor = account.license
    return Packages(Package(vendor.product, account.last_day, trial=vendor.trial))


def from_portal(status: HubStatus, today: date) -> Packages | None:
    """The packages as the portal told them; None if it knows of none.

    Access counts, not purchase: of several running packages, the one that runs longest is shown;
    if none runs, the one that ended last.
    """
    begun = [each for each in status.packages if each.first_day <= today]
    queued = [each for each in status.packages if each.first_day > today]
    if not begun:
        begun, queued = queued[:1], queued[1:]
    if not begun:
        return None
    shown = max(begun, key=lambda each: each.last_day)
    return Packages(_package(shown), tuple(map(_package, queued)))


def offered(status: HubStatus | None) -> tuple[Product, ...]:
    """What can be booked: the portal's list where it is known."""
    return status.products if status is not None and status.products else PACKAGES


def _package(period: PackageStatus) -> Package:
    return Package(period.product, period.last_day, period.first_day, period.trial)
