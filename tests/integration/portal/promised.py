"""What is promised to customers of `test_killed`, and how much of it they have got."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, insert, select

from cloudmatic_portal.domain import due as rules
from cloudmatic_portal.domain.due import NewDue, Rules
from cloudmatic_portal.storage import due as stored_due
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import (
    access_periods,
    due_actions,
    mails,
    order_items,
    orders,
    payments,
    subscriptions,
)
from tests.integration.portal.purchases import add_accounts
from tests.integration.portal.world import NOW, TODAY

PER_KIND: Final = 2
"""Customers of each kind for each kill, so that there is work all along."""

_YEAR: Final = timedelta(days=365)
_DAY: Final = timedelta(days=1)
_KINDS: Final = ("reminder_early", "reminder_last", "renewal", "payment_note", "order_expiry")
_NOTE: Final = Rules().note_days[0]


@dataclass(frozen=True)
class Promised:
    """Customers by what is due for them, and those who are about to buy."""

    due: dict[str, range]
    buyers: range


async def promise(database: Database, kills: int) -> Promised:
    """Make customers who have something due at NOW; their ids are also those of their orders."""
    each = PER_KIND * kills
    due = {kind: range(at := 10_000 * (n + 1), at + each) for n, kind in enumerate(_KINDS)}
    promised = Promised(due, range(90_000, 90_000 + each))
    await add_accounts(database, *(one for some in due.values() for one in some))
    await add_accounts(database, *promised.buyers)
    async with database.writing() as connection:
        for table, values in (
            (subscriptions, _subscription),
            (orders, _order),
            (order_items, _item),
            (access_periods, _period),
        ):
            rows = [(kind, values(kind, one)) for kind, some in due.items() for one in some]
            # Rows of one kind have the same columns.
            for kind in due:
                if found := [row for of, row in rows if of == kind and row]:
                    await connection.execute(insert(table), found)
        actions = (_due(kind, one) for kind, some in due.items() for one in some)
        await stored_due.plan(connection, actions)
    return promised


async def to_do(database: Database, now: datetime) -> int:
    """How much is due at `now`."""
    async with database.reading() as connection:
        left = 0
        for table, states in (
            (due_actions, ("waiting",)),
            (mails, ("queued", "sending")),
        ):
            waiting = (table.c.state.in_(states), table.c.due_at <= now)
            query = select(func.count()).select_from(table).where(*waiting)
            left += int((await connection.execute(query)).scalar_one())
    return left


async def missing(database: Database, promised: Promised) -> list[str]:
    """What is not as it was promised: too little, too much, or stuck."""
    tables = (subscriptions, orders, order_items, access_periods, due_actions, mails, payments)
    async with database.reading() as connection:
        found = {each.name: (await connection.execute(select(each))).all() for each in tables}
    return [*_amiss_orders(found, promised), *_amiss_actions(found, promised), *_mails(found)]


def _amiss_orders(found: dict[str, Any], promised: Promised) -> list[str]:
    wrong = []
    by_account: dict[int, list[Any]] = {}
    for row in found["orders"]:
        by_account.setdefault(row.account_id, []).append(row)
    state = {kind: ["open"] for kind in promised.due} | {"order_expiry": ["expired"]}
    state |= {"renewal": ["active", "open"], "reminder_early": [], "reminder_last": []}
    wanted = {one: state[kind] for kind, some in promised.due.items() for one in some}
    wanted |= {one: ["active"] for one in promised.buyers}
    for one, states in wanted.items():
        if (got := sorted(row.state for row in by_account.get(one, []))) != states:
            wrong.append(f"orders of {one}: {got}")
    periods = Counter(row.account_id for row in found["access_periods"])
    begun = Counter(row.account_id for row in found["subscriptions"])
    paid = Counter(row.source for row in found["payments"])
    wrong += [
        f"{one}: {periods[one]} periods, {begun[one]} subscriptions"
        for one in promised.buyers
        if periods[one] != 1 or begun[one] != one % 2 or paid[f"statement of {one}"] != 1
    ]
    for one in promised.due["renewal"]:
        ordered = sorted(r.period_number for r in found["order_items"] if r.subscription_id == one)
        if periods[one] != 2 or ordered != [0, 1]:
            wrong.append(f"renewal of {one}: {periods[one]} periods, numbers {ordered}")
    return wrong


def _amiss_actions(found: dict[str, Any], promised: Promised) -> list[str]:
    state = {row.key: (row.state, row.why) for row in found["due_actions"]}
    keys = [_due(kind, one).key for kind, some in promised.due.items() for one in some]
    wrong = [f"{key}: {state.get(key)}" for key in keys if state.get(key, ("", ""))[0] != "done"]
    planned = Counter(row.kind for row in found["due_actions"] if row.account_id >= 10_000)
    each = len(promised.buyers)
    late = sum(1 for row in found["subscriptions"] if row.account_id in promised.buyers)
    expected = {
        "payment_note": each + 2 * each,
        "order_expiry": 2 * each,
        "renewal": each + late,
        "reminder_early": 2 * each,
        "reminder_last": 2 * each,
    }
    return wrong if planned == expected else [*wrong, f"actions: {planned}, not {expected}"]


def _mails(found: dict[str, Any]) -> list[str]:
    """One mail for each occasion, and none beside: sent, or uncertain."""
    keys = {
        row.key
        for row in found["due_actions"]
        if row.state == "done" and row.kind.startswith("reminder")
    }
    for row in found["orders"]:
        if row.account_id >= 90_000:
            keys |= {f"order_confirmation:{row.reference}", f"order_active:{row.reference}"}
        elif row.account_id // 10_000 == 3 and row.state == "open":
            keys.add(f"order_renewed:{row.reference}")
        elif row.account_id // 10_000 == 4:
            keys.add(f"payment_note:{row.reference}:1")
    got = {row.key for row in found["mails"]}
    wrong = [f"mails: {sorted(keys ^ got)[:5]}"] if keys != got else []
    stuck = Counter(row.state for row in found["mails"])
    return wrong if set(stuck) <= {"sent", "uncertain"} else [*wrong, f"mails: {stuck}"]


def _due(kind: str, one: int) -> NewDue:
    if kind.startswith("reminder"):
        ends = TODAY + (rules.EARLY if kind == "reminder_early" else timedelta())
        planned = rules.reminders(one, ends, TODAY - _YEAR)
        return next(each for each in planned if each.kind == kind)
    if kind == "renewal":
        return rules.renewal(one, one, 1, TODAY)
    if kind == "payment_note":
        return rules.payment_notes(one, one, TODAY - _NOTE * _DAY, Rules())[0]
    return rules.order_expiry(one, one, TODAY - _DAY)


def _subscription(kind: str, one: int) -> dict[str, Any] | None:
    if kind not in {"renewal", "payment_note"}:
        return None
    return {
        "id": one, "account_id": one, "state": "active", "product": "complete", "months": 12,
        "price_cents": 4000, "currency": "EUR", "vat_basis_points": 1900, "method": "transfer",
        "anchor": TODAY + _DAY - _YEAR, "first_number": 0, "free_months": 0, "created_at": NOW,
    }  # fmt: skip


def _order(kind: str, one: int) -> dict[str, Any] | None:
    if kind.startswith("reminder"):
        return None
    row = {
        "id": one, "account_id": one, "reference": f"{one:09}", "state": "open",
        "method": "transfer", "language": "de", "currency": "EUR", "total_cents": 4000,
        "created_at": NOW - _YEAR, "pay_until": TODAY - _DAY,
    }  # fmt: skip
    active = {"state": "active", "paid_cents": 4000, "activated_at": NOW - _YEAR}
    return row | active if kind == "renewal" else row


def _item(kind: str, one: int) -> dict[str, Any] | None:
    if kind.startswith("reminder"):
        return None
    of = {"renewal": (one, 0), "payment_note": (one, 1), "order_expiry": (None, None)}[kind]
    return {
        "id": one, "order_id": one, "position": 0, "product": "complete", "name": "Complete",
        "product_kind": "package", "quantity": 12, "free_months": 0,
        "kind": "single" if kind == "order_expiry" else "subscription", "list_cents": 4000,
        "price_cents": 4000, "vat_basis_points": 1900,
        "subscription_id": of[0], "period_number": of[1],
    }  # fmt: skip


def _period(kind: str, one: int) -> dict[str, Any] | None:
    if kind == "order_expiry":
        return None
    days = {"reminder_early": (-300, 5), "payment_note": (-_NOTE, 7 - _NOTE - 1)}
    first, last = days.get(kind, (-300, 0))
    return {
        "account_id": one, "product": "complete", "trial": False,
        "first_day": TODAY + first * _DAY, "last_day": TODAY + last * _DAY,
        "order_item": one if kind == "renewal" else None,
        "grace_for": one if kind == "payment_note" else None,
    }  # fmt: skip
