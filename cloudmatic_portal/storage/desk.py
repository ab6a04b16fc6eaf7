"""The operator's looks across the tables. Reads only, but for an action that is done again."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_link.formats import ACCOUNT_ID
from cloudmatic_portal.domain.account import Account, fold
from cloudmatic_portal.domain.desk import Waiting
from cloudmatic_portal.domain.reference import read_reference
from cloudmatic_portal.storage.account import from_row
from cloudmatic_portal.storage.tables import (
    accounts,
    bank_lines,
    due_actions,
    hubs,
    mails,
    order_items,
    orders,
)


async def waiting(connection: AsyncConnection) -> Waiting:
    return Waiting(
        bank_lines=await _count(connection, bank_lines.c.state == "open"),
        failed_actions=await _count(connection, due_actions.c.state == "failed"),
        uncertain_mails=await _count(connection, mails.c.state == "uncertain"),
        failed_mails=await _count(connection, mails.c.state == "failed"),
    )


async def find_accounts(connection: AsyncConnection, text: str, most: int) -> tuple[Account, ...]:
    """Accounts with that CloudMatic-ID, order, subscription or hub, or whose user name or e-mail
    address begins with it.
    """
    query = select(accounts).where(or_(*_conditions(text))).order_by(accounts.c.id).limit(most)
    return tuple(map(from_row, await connection.execute(query)))


def _conditions(text: str) -> list[ColumnElement[bool]]:
    folded = fold(text)
    found: list[ColumnElement[bool]] = [
        accounts.c.user_name_folded.startswith(folded, autoescape=True),
        accounts.c.email_folded.startswith(folded, autoescape=True),
    ]
    if ACCOUNT_ID.fullmatch(text):
        found.append(accounts.c.id == int(text))
    reference = read_reference(text)
    if reference is not None:
        ordered = select(orders.c.account_id).where(orders.c.reference == reference)
        subscribed = (
            select(orders.c.account_id)
            .join(order_items, order_items.c.order_id == orders.c.id)
            .where(order_items.c.subscription_reference == reference)
        )
        found += [accounts.c.id.in_(ordered), accounts.c.id.in_(subscribed)]
    serial = select(hubs.c.account_id).where(func.upper(hubs.c.serial) == text.upper())
    return [*found, accounts.c.id.in_(serial)]


async def _count(connection: AsyncConnection, condition: ColumnElement[bool]) -> int:
    query = select(func.count()).where(condition)
    return int((await connection.execute(query)).scalar_one())
