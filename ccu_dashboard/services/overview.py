"""What the overview page shows, put together from the hub's files and the portal's last word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from ccu_dashboard.domain import package
from ccu_dashboard.domain.account import Account, Linked
from ccu_dashboard.domain.package import Packages
from ccu_dashboard.services.accounts import linked_account
from ccu_dashboard.settings import Settings
from ccu_dashboard.storage import status_cache, vendor_files
from ccu_dashboard.storage.status_cache import PortalMemory
from cloudmatic_link.products import Product


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the page.

    `told_at` is when the portal told the packages; None where they are from the hub's own files,
    even if the portal was heard (`portal_heard`) but knows of no package.
    """

    account: Account
    serial: str | None
    packages: Packages | None
    offered: tuple[Product, ...]
    told_at: datetime | None
    portal_heard: bool
    today: date

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
    account = await linked_account(settings.vendor_folder)
    serial = vendor_files.read_serial(settings.serial_files)
    memory = memory_of(settings, account)
    packages, told_at = _packages(account, memory, today)
    return Overview(
        account=account,
        serial=serial,
        packages=packages,
        offered=package.offered(memory.status),
        told_at=told_at,
        portal_heard=memory.status is not None,
        today=today,
    )


def memory_of(settings: Settings, account: Account) -> PortalMemory:
    """Return what the portal said of `account`; what it said of another one counts for nothing."""
    memory = status_cache.load(settings.status)
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
