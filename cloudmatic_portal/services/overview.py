"""The customer's dashboard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from cloudmatic_portal.domain.access import AccessPeriod, coverage_end
from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.errors import SessionEnded
from cloudmatic_portal.domain.hub import Hub
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.domain.quote import Days, with_days
from cloudmatic_portal.services import activation
from cloudmatic_portal.services.orders import MOST
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import credit as stored_credit
from cloudmatic_portal.storage import hub as stored_hub
from cloudmatic_portal.storage import ledger as stored_ledger
from cloudmatic_portal.storage import order as stored_order
from cloudmatic_portal.storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """An account with all that is its own: access from `today` on, hubs, orders, messages left,
    balance (less than nothing if a payment was taken back).

    `ended` is the period that was over last. The lines of open orders carry the days on which they
    would run if all of them were paid today, the oldest order first.
    """

    account: Account
    today: date
    periods: tuple[AccessPeriod, ...]
    ended: AccessPeriod | None
    hubs: tuple[Hub, ...]
    orders: tuple[Order, ...]
    messages: int
    balance: Money

    @property
    def running(self) -> tuple[AccessPeriod, ...]:
        return tuple(period for period in self.periods if period.runs_on(self.today))

    @property
    def queued(self) -> tuple[AccessPeriod, ...]:
        return tuple(period for period in self.periods if not period.runs_on(self.today))

    @property
    def covered_until(self) -> date | None:
        return coverage_end(self.periods, self.today)

    @property
    def open_orders(self) -> tuple[Order, ...]:
        return tuple(order for order in self.orders if order.due.cents)

    @property
    def closed_orders(self) -> tuple[Order, ...]:
        return tuple(order for order in self.orders if not order.due.cents)


async def overview(database: Database, account_id: int, today: date) -> Overview:
    """Raises SessionEnded if the account is gone."""
    async with database.reading() as connection:
        account = await stored_account.find(connection, account_id)
        if account is None:
            raise SessionEnded
        periods = await stored_access.not_ended(connection, account_id, today)
        orders = await stored_order.search(connection, account_id, None, MOST)
        in_time = {
            order.order_id: await activation.planned(connection, order, today)
            for order in orders
            if order.due.cents
        }
        return Overview(
            account=account,
            today=today,
            periods=periods,
            ended=await stored_access.last_ended(connection, account_id, today),
            hubs=await stored_hub.of_account(connection, account_id),
            orders=tuple(_expected(orders, in_time, periods, today)),
            messages=await stored_credit.balance(connection, account_id),
            balance=await stored_ledger.balance(connection, account_id),
        )


def _expected(
    orders: tuple[Order, ...],
    in_time: Mapping[int, Days | None],
    periods: Iterable[AccessPeriod],
    today: date,
) -> list[Order]:
    """`in_time` are the days of orders that a subscription made and that are not late yet."""
    taken = list(periods)
    dated = []
    for order in reversed(orders):
        if not order.due.cents:
            dated.append(order)
            continue
        planned = in_time[order.order_id]
        if planned is None:
            lines = with_days(order.lines, taken, today)
        else:
            lines = tuple(
                replace(line, days=planned.get(place)) for place, line in enumerate(order.lines)
            )
        taken += (AccessPeriod(*each.days, each.product, each.name) for each in lines if each.days)
        dated.append(replace(order, lines=lines))
    return dated[::-1]
