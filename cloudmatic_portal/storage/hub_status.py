"""What a hub is told of its account's orders: rows in, domain out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, and_, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.storage import order as stored_order
from cloudmatic_portal.storage.tables import access_periods, order_items, orders


@dataclass(frozen=True, slots=True)
class ToldOrders:
    """`last_days` are the ends of what an order's lines gave, and `subscriptions` the orders of
    subscriptions, both by the order's id.
    """

    orders: tuple[Order, ...]
    last_days: Mapping[int, date]
    subscriptions: Mapping[int, int]


async def orders_to_tell(
    connection: AsyncConnection, account_id: int, *, expired_since: datetime, paid_since: datetime
) -> ToldOrders:
    """Orders that wait for their payment, and those that were paid lately; the oldest first."""
    values = {"account": account_id, "expired": expired_since, "paid": paid_since}
    rows = list(await connection.execute(_TOLD, values))
    last_days: dict[int, list[date]] = defaultdict(list)
    subscriptions = {}
    for row in rows:
        if row.access_periods_last_day is not None:
            last_days[row.orders_id].append(row.access_periods_last_day)
        if row.order_items_subscription_id is not None:
            subscriptions[row.orders_id] = row.order_items_subscription_id
    ends = {order: max(days) for order, days in last_days.items()}
    return ToldOrders(stored_order.from_rows(rows), ends, subscriptions)


_WAITING: Final = or_(
    orders.c.state == "open",
    and_(orders.c.state == "expired", orders.c.created_at >= bindparam("expired")),
)
_PAID: Final = and_(orders.c.state == "active", orders.c.activated_at >= bindparam("paid"))
_TOLD: Final = (
    select(orders, order_items, access_periods.c.last_day)
    .join(order_items, order_items.c.order_id == orders.c.id)
    .outerjoin(access_periods, access_periods.c.order_item == order_items.c.id)
    .where(orders.c.account_id == bindparam("account"), or_(_WAITING, _PAID))
    .order_by(orders.c.id, order_items.c.position)
    .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
)
