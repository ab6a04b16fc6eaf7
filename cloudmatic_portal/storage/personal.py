"""What in the database is about one account, found by following the references between tables.

A new table that belongs to an account appears in the copy by itself; what happens to it when the
account is deleted has to be decided in `personal_lists.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    FromClause,
    LargeBinary,
    Table,
    bindparam,
    case,
    delete,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.account import DELETED_HOST, Account, fold
from cloudmatic_portal.domain.due import DOCUMENTS
from cloudmatic_portal.domain.mail import without_secrets
from cloudmatic_portal.domain.privacy import Section
from cloudmatic_portal.storage.personal_lists import ERASED
from cloudmatic_portal.storage.tables import (
    access_periods,
    accounts,
    bank_lines,
    billing_addresses,
    declarations,
    due_actions,
    hub_keys,
    hubs,
    invoices,
    ledger_entries,
    mails,
    metadata,
    orders,
    pairings,
    payments,
    registrations,
)

_OUTLIVES: Final = frozenset({"access_changes", "status_stamps"})
"""What stays when an account is forgotten."""

_SECRET: Final = ("_hash", "user_code")
"""How columns end that open something, or would if somebody guessed long enough."""

_ACCOUNT: Final[BindParameter[Any]] = bindparam("account")
_EMAIL: Final[BindParameter[Any]] = bindparam("folded")
_SPECIAL: Final[Mapping[Table, ColumnElement[bool]]] = {
    accounts: accounts.c.id == _ACCOUNT,
    registrations: registrations.c.email_folded == _EMAIL,
    declarations: (declarations.c.account_id == _ACCOUNT) | (declarations.c.email_folded == _EMAIL),
    mails: (mails.c.account_id == _ACCOUNT) | (mails.c.recipient == bindparam("email")),
    pairings: (pairings.c.account_id == _ACCOUNT) | (pairings.c.wanted == _ACCOUNT),
}
"""Where the number of the account is not all that names it."""

_KEPT_FOR_INVOICES: Final = (billing_addresses, due_actions)


def tables() -> tuple[str, ...]:
    """The tables that can hold something about an account."""
    return tuple(table.name for table in _about())


def columns() -> Mapping[str, tuple[str, ...]]:
    """The columns of these tables that somebody sees whom they are about."""
    return {table.name: tuple(column.name for column in _shown(table)) for table in _about()}


async def sections(connection: AsyncConnection, account: Account) -> tuple[Section, ...]:
    """All rows about the account, but for what would open it to whoever reads them."""
    found = []
    for table, condition in _about().items():
        query = select(*_shown(table)).where(condition).order_by(*table.primary_key)
        rows = [dict(row) for row in (await connection.execute(query, _of(account))).mappings()]
        for row in rows:
            if table is mails:
                row["facts"] = without_secrets(json.loads(row["facts"]))
            if table is invoices:
                row["content"] = json.loads(row["content"])
        if rows:
            found.append(Section(table.name, rows))
    return tuple(found)


async def latest_receipt(connection: AsyncConnection, account: Account) -> datetime | None:
    """When the last receipt or letter of the account came; None if there is nothing."""
    about = _about()
    latest = (
        select(func.max(column)).where(about[table])
        for table, column in (
            (orders, orders.c.created_at),
            (payments, payments.c.booked_at),
            (ledger_entries, ledger_entries.c.booked_at),
            (invoices, invoices.c.issued_at),
            (bank_lines, bank_lines.c.settled_at),
            (declarations, declarations.c.received_at),
        )
    )
    found = [(await connection.execute(query, _of(account))).scalar() for query in latest]
    return max((each for each in found if each is not None), default=None)


async def erase(connection: AsyncConnection, account: Account) -> None:
    """Delete what need not be kept. Lock the account first."""
    for table, condition in reversed(_about().items()):
        if table.name in ERASED:
            gone = condition if table not in _KEPT_FOR_INVOICES else condition & _not_needed(table)
            await connection.execute(delete(table).where(gone), _of(account))


async def erase_what_invoices_needed(connection: AsyncConnection) -> None:
    """Delete addresses and settled actions of deleted accounts whose invoices are all issued."""
    gone = select(accounts.c.id).where(accounts.c.deleted_at.is_not(None))
    for table in _KEPT_FOR_INVOICES:
        done = table.c.account_id.in_(gone) & _not_needed(table)
        if table is due_actions:
            done &= due_actions.c.kind.in_(DOCUMENTS)
        await connection.execute(delete(table).where(done))


async def conceal(
    connection: AsyncConnection, account: Account, now: datetime, keep_until: date
) -> None:
    """Let what stays name nobody any more but by number. Lock the account first."""
    number = account.account_id
    nobody = f"#{number}"
    address = f"{number}@{DELETED_HOST}"
    gone = {
        "user_name": nobody,
        "user_name_folded": nobody,
        "email": address,
        "email_folded": address,
        # A hash that no password has.
        "password_hash": "$argon2id$deleted",
        "user_key_hash": None,
        "deleted_at": now,
        "keep_until": keep_until,
    }
    await connection.execute(update(accounts).where(accounts.c.id == number).values(gone))
    mine = hubs.c.account_id == number
    keys = hub_keys.c.hub_id.in_(select(hubs.c.id).where(mine)), hub_keys.c.revoked_at.is_(None)
    # A hub's clock is no excuse for a key that was revoked before it was made.
    revoked = case((hub_keys.c.created_at > now, hub_keys.c.created_at), else_=now)
    await connection.execute(update(hub_keys).where(*keys).values(revoked_at=revoked))
    for hub_id in (await connection.execute(select(hubs.c.id).where(mine))).scalars().all():
        unnamed = update(hubs).where(hubs.c.id == hub_id).values(serial=f"deleted-{hub_id}")
        await connection.execute(unnamed)
    await connection.execute(
        update(orders).where(orders.c.account_id == number).values(session_hash=None)
    )
    # Once the address is concealed nothing else says whose these letters are.
    letters = update(declarations).where(_SPECIAL[declarations])
    await connection.execute(letters.values(account_id=number), _of(account))


async def end_access(connection: AsyncConnection, account_id: int, today: date) -> None:
    """Let the account's access end today, and what was to follow not begin."""
    mine = access_periods.c.account_id == account_id
    later = access_periods.c.first_day > today
    await connection.execute(delete(access_periods).where(mine, later))
    running = (mine, access_periods.c.last_day > today)
    await connection.execute(update(access_periods).where(*running).values(last_day=today))


async def let_go(connection: AsyncConnection, account: Account, today: date) -> None:
    """Let append-only tables give the account's rows away. The database refuses that while
    anything must be kept. Lock the account first.
    """
    mine = update(accounts).where(accounts.c.id == account.account_id)
    await connection.execute(mine.values(forgotten_on=today))


async def keep_longer(connection: AsyncConnection, account: Account, until: date) -> None:
    """Keep what is left of the account to that day. Lock the account first."""
    mine = update(accounts).where(accounts.c.id == account.account_id)
    await connection.execute(mine.values(keep_until=until))


async def forget(connection: AsyncConnection, account: Account) -> None:
    """Delete all that is about the account, and the account itself. Lock the account first."""
    for table, condition in reversed(_about().items()):
        if table.name in _OUTLIVES:
            continue
        await connection.execute(delete(table).where(condition), _of(account))


@cache
def _about() -> dict[Table, ColumnElement[bool]]:
    """Which rows of which tables are about an account; what refers to others comes after them."""
    found: dict[Table, ColumnElement[bool]] = {}
    for table in metadata.sorted_tables:
        condition = _condition(table, found)
        if condition is not None:
            found[table] = condition
    return found


def _not_needed(table: Table) -> ColumnElement[bool]:
    """That no invoice or credit note which is still to be issued needs the row."""
    if table is due_actions:
        return ~_document_due(due_actions)
    other = due_actions.alias()
    mine = other.c.account_id == table.c.account_id
    return ~exists().where(mine, _document_due(other))


def _document_due(actions: FromClause) -> ColumnElement[bool]:
    return actions.c.kind.in_(DOCUMENTS) & actions.c.state.in_(("waiting", "failed"))


def _condition(
    table: Table, known: Mapping[Table, ColumnElement[bool]]
) -> ColumnElement[bool] | None:
    if table in _SPECIAL:
        return _SPECIAL[table]
    if "account_id" in table.c:
        return table.c.account_id == _ACCOUNT
    for column, parent in _references(table):
        if parent.table in known:
            return column.in_(select(parent).where(known[parent.table]))
    return None


def _references(table: Table) -> Iterator[tuple[Column[Any], Column[Any]]]:
    """What the table belongs to: references that every row has, to other tables."""
    for column in table.c:
        for key in column.foreign_keys:
            if not column.nullable and key.column.table is not table:
                yield column, key.column


def _shown(table: Table) -> list[Column[Any]]:
    return [column for column in table.c if not _secret(column)]


def _secret(column: Column[Any]) -> bool:
    return isinstance(column.type, LargeBinary) or column.name.endswith(_SECRET)


def _of(account: Account) -> dict[str, Any]:
    return {
        "account": account.account_id,
        "email": account.email,
        "folded": fold(account.email),
    }
