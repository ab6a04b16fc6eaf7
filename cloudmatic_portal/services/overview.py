"""The customer's dashboard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cloudmatic_portal.domain.access import AccessPeriod
from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.errors import SessionEnded
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage.database import Database


@dataclass(frozen=True, slots=True)
class Overview:
    """An account with its access periods that run on `today` or later."""

    account: Account
    today: date
    periods: tuple[AccessPeriod, ...]

    @property
    def running(self) -> tuple[AccessPeriod, ...]:
        return tuple(period for period in self.periods if period.runs_on(self.today))

    @property
    def queued(self) -> tuple[AccessPeriod, ...]:
        return tuple(period for period in self.periods if not period.runs_on(self.today))


async def overview(database: Database, account_id: int, today: date) -> Overview:
    """Raises SessionEnded if the account is gone."""
    async with database.reading() as connection:
        account = await stored_account.find(connection, account_id)
        periods = await stored_access.not_ended(connection, account_id, today)
    if account is None:
        raise SessionEnded
    return Overview(account, today, periods)
