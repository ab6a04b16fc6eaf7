"""What the overview page shows, put together from the hub's files and the portal's last word."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final, NamedTuple

from ccu_dashboard.domain import package, pairing
from ccu_dashboard.domain.account import Account, Linked
from ccu_dashboard.domain.package import Packages
from ccu_dashboard.domain.pairing import Open, Pairing, Wanted
from ccu_dashboard.domain.timeline import Timeline, timeline
from ccu_dashboard.domain.warning import Warning_, warning
from ccu_dashboard.services.accounts import linked_account
from ccu_dashboard.settings import Settings
from ccu_dashboard.storage import files, pairing_file, status_cache, vendor_files
from ccu_dashboard.storage.status_cache import PortalMemory
from cloudmatic_link.orders import OpenOrder, PaidOrder
from cloudmatic_link.products import Product
from cloudmatic_link.status import HubStatus

_TOLD_PAID: Final = timedelta(days=3)


@dataclass(frozen=True)
class Overview:
    """Everything on the page.

    `told_at` is when the portal told the packages; None where they are from the hub's own files,
    even if the portal was heard (`portal_heard`) but knows of no package. `enrolled`: the portal
    knows this hub for this account, so that a link can be signed. `refusal`: it does not want to
    know it (any more), and why. `silent`: this hub keeps away from it.
    """

    account: Account
    serial: str | None
    packages: Packages | None
    offered: tuple[Product, ...]
    told_at: datetime | None
    portal_heard: bool
    enrolled: bool
    today: date
    refusal: str | None = None
    pairing: Pairing | None = None
    silent: bool = False
    status: HubStatus | None = None

    @property
    def may_pair(self) -> bool:
        """Whether linking this hub at the portal would help."""
        return pairing.needed(self.account, self.refusal) and not isinstance(
            self.pairing, Wanted | Open
        )

    @property
    def under_way(self) -> bool:
        """Whether a code is shown, or is about to be."""
        needed = pairing.needed(self.account, self.refusal)
        return needed and isinstance(self.pairing, Wanted | Open)

    @property
    def orders(self) -> tuple[OpenOrder, ...]:
        return self.status.orders if self.status else ()

    @property
    def paid(self) -> tuple[PaidOrder, ...]:
        """What was paid in these days."""
        return tuple(
            each
            for each in (self.status.paid if self.status else ())
            if timedelta(0) <= self.today - each.paid_on <= _TOLD_PAID
        )

    @property
    def warning(self) -> Warning_ | None:
        return None if self.status is None else warning(self.status, self.today)

    @property
    def timeline(self) -> Timeline | None:
        return None if self.status is None else timeline(self.status.packages, self.today)

    @cached_property
    def mark(self) -> str:
        """Changes with what the page shows, and tells nothing of it."""
        return hashlib.sha256(repr(self).encode("utf-8", "replace")).hexdigest()[:16]

    @property
    def active_product(self) -> Product | None:
        return self.packages.active.product if self.packages else None

    @property
    def active_offer(self) -> Product | None:
        """The active package as it can be booked now, under the name that it is sold by."""
        active = self.active_product
        return next((each for each in self.offered if active and each.code == active.code), None)

    @property
    def others(self) -> tuple[Product, ...]:
        """What can be booked instead of the active package."""
        active = self.active_product
        return tuple(each for each in self.offered if active is None or each.code != active.code)


async def overview(settings: Settings, today: date) -> Overview:
    """Return the page's content for the calendar day `today`."""
    account = await linked_account(settings)
    kept = status_cache.load(settings.status)
    facts = _Facts(
        account,
        vendor_files.read_serial(settings.serial_files),
        _of_account(kept, settings, account),
        refusal_of(kept, settings, account),
        pairing_file.load(settings.pairing, settings.portal),
        silent=files.is_there(settings.silent),
        today=today,
    )
    return _LAST.of(facts)


class _Facts(NamedTuple):
    """All that an overview is made of."""

    account: Account
    serial: str | None
    memory: PortalMemory
    refusal: str | None
    pairing: Pairing | None
    silent: bool
    today: date


class _Last:
    """The last overview: it is looked at more often than it changes.

    Its facts are compared, not hashed as a cache would: most are the very objects of the last time.
    """

    def __init__(self) -> None:
        self._made: tuple[_Facts, Overview] | None = None

    def of(self, facts: _Facts) -> Overview:
        if self._made is None or self._made[0] != facts:
            self._made = facts, _put_together(facts)
        return self._made[1]


_LAST: Final = _Last()


def _put_together(facts: _Facts) -> Overview:
    memory = facts.memory
    packages, told_at = _packages(facts.account, memory, facts.today)
    return Overview(
        account=facts.account,
        serial=facts.serial,
        packages=packages,
        offered=package.offered(memory.status),
        told_at=told_at,
        portal_heard=memory.status is not None,
        enrolled=memory.enrolment is not None,
        today=facts.today,
        refusal=facts.refusal,
        pairing=facts.pairing,
        silent=facts.silent,
        status=memory.status,
    )


def refusal_of(memory: PortalMemory, settings: Settings, account: Account) -> str | None:
    """Why the portal does not want this hub for `account`; None if it does, or has not said."""
    refusal = memory.refusal
    if (
        refusal is None
        or not isinstance(account, Linked)
        or (refusal.portal, refusal.account_id) != (settings.portal, account.account_id)
    ):
        return None
    return refusal.reason


def memory_of(settings: Settings, account: Account) -> PortalMemory:
    """Return what the portal said of `account`; what it said of another one counts for nothing."""
    return _of_account(status_cache.load(settings.status), settings, account)


def _of_account(memory: PortalMemory, settings: Settings, account: Account) -> PortalMemory:
    enrolment = memory.enrolment
    if (
        isinstance(account, Linked)
        and enrolment is not None
        and enrolment.account_id == account.account_id
        and enrolment.portal == settings.portal
    ):
        return memory
    return status_cache.NOTHING


def _packages(
    account: Account, memory: PortalMemory, today: date
) -> tuple[Packages | None, datetime | None]:
    if not isinstance(account, Linked):
        return None, None
    if memory.status is not None:
        told = package.from_portal(memory.status, today)
        if told is not None:
            return told, memory.received_at
    return package.from_vendor(account), None
