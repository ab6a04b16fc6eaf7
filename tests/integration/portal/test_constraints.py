"""What must never be, the databases refuse by themselves, whatever the code does."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Executable, insert, update
from sqlalchemy.exc import IntegrityError, StatementError

from cloudmatic_portal.domain.access import AccessPeriod
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import metadata
from tests.integration.portal.world import LAST_DAY, NOW

JANUARY = (date(2027, 1, 1), date(2027, 1, 31))


async def add(database: Database, account: int, days: tuple[date, date], **facts: Any) -> None:
    period = AccessPeriod(*days, facts.get("product", "complete"), "", facts.get("trial", False))
    async with database.writing() as connection:
        await stored_access.add(connection, account, period)


async def put(database: Database, table: str, **values: Any) -> None:
    await do(database, insert(metadata.tables[table]).values(values))


async def do(database: Database, statement: Executable) -> None:
    async with database.writing() as connection:
        await connection.execute(statement)


@pytest.mark.parametrize(
    "days",
    [
        JANUARY,
        (date(2027, 1, 31), date(2027, 3, 1)),
        (date(2026, 12, 25), date(2027, 1, 1)),
        (date(2027, 1, 10), date(2027, 1, 10)),
        (date(2026, 12, 25), date(2028, 1, 1)),
    ],
)
async def test_access_periods_of_a_product_never_overlap(
    database: Database, days: tuple[date, date]
) -> None:
    await add(database, 4711, JANUARY)
    with pytest.raises(IntegrityError, match="ex_access_periods_no_overlap"):
        await add(database, 4711, days)
    with pytest.raises(IntegrityError, match="ex_access_periods_no_overlap"):
        await add(database, 4711, days, trial=True)


async def test_access_periods_may_touch_and_others_may_have_the_same_days(
    database: Database,
) -> None:
    await add(database, 4711, JANUARY)
    await add(database, 4711, (date(2027, 2, 1), date(2027, 2, 1)))
    await add(database, 4711, (date(2026, 12, 25), date(2026, 12, 31)))
    await add(database, 4711, JANUARY, product="connect")
    await add(database, 4712, JANUARY)


async def test_a_period_cannot_be_moved_onto_another(database: Database) -> None:
    await add(database, 4711, JANUARY)
    table = metadata.tables["access_periods"]
    mine = (table.c.account_id == 4711, table.c.last_day == LAST_DAY)
    await do(database, update(table).where(*mine).values(last_day=date(2026, 12, 31)))
    shift = update(table).where(table.c.account_id == 4711, table.c.first_day < NOW.date())
    with pytest.raises(IntegrityError, match="ex_access_periods_no_overlap"):
        await do(database, shift.values(last_day=date(2027, 1, 1)))


async def test_a_product_is_tried_once(database: Database) -> None:
    await add(database, 4712, JANUARY, trial=True)
    with pytest.raises(IntegrityError):
        await add(database, 4712, (date(2028, 1, 1), date(2028, 1, 30)), trial=True)


async def test_a_term_has_one_price_on_any_day(database: Database) -> None:
    term = {"product": "complete", "quantity": 36, "price_cents": 9900, "currency": "EUR"}
    term |= {"vat_basis_points": 1900}
    await put(database, "terms", **term, valid_from=date(2026, 1, 1), valid_until=JANUARY[1])
    await put(database, "terms", **term, valid_from=date(2027, 2, 1))
    with pytest.raises(IntegrityError, match="ex_terms_no_overlap"):
        await put(database, "terms", **term, valid_from=date(2035, 2, 1))


ACCOUNT = {
    "id": 9,
    "user_name": "jemand",
    "user_name_folded": "jemand",
    "email": "j@x.example",
    "email_folded": "j@x.example",
    "password_hash": "$argon2id$v=19$",
    "language": "de",
    "created_at": NOW,
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": 0},
        {"id": 10_000_000_000},
        {"user_name": ""},
        {"user_name": "max@muster.example"},
        {"user_name_folded": "maxmuster"},
        {"email": "nobody"},
        {"email_folded": "max@muster.example"},
        {"password_hash": "secret"},
        {"user_key_hash": "A1B2C3"},
        {"language": "fr"},
    ],
)
async def test_an_account_is_as_agreed(database: Database, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        await put(database, "accounts", **(ACCOUNT | wrong))
    await put(database, "accounts", **ACCOUNT)


ITEM = {
    "product": "complete",
    "quantity": 12,
    "kind": "single",
    "price_cents": 3600,
    "currency": "EUR",
    "vat_basis_points": 1900,
    "added_at": NOW,
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"quantity": 0},
        {"quantity": 100_001},
        {"kind": "lease"},
        {"price_cents": -1},
        {"currency": "eur"},
        {"vat_basis_points": 10_001},
        {"product": "unknown"},
    ],
)
async def test_a_cart_item_is_as_agreed(database: Database, wrong: dict[str, Any]) -> None:
    await put(database, "carts", account_id=4711, created_at=NOW)
    with pytest.raises(IntegrityError):
        await put(database, "cart_items", cart=4711, **(ITEM | wrong))
    await put(database, "cart_items", cart=4711, **ITEM)
    with pytest.raises(IntegrityError):
        await put(database, "cart_items", cart=4711, **(ITEM | {"quantity": 6}))


SESSION = {
    "token_hash": b"h" * 32,
    "kind": "login",
    "account_id": 4711,
    "created_at": NOW,
    "last_seen_at": NOW,
    "expires_at": datetime(2027, 1, 1, tzinfo=UTC),
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"token_hash": b"the token itself"},
        {"kind": "admin"},
        {"account_id": 999},
        {"expires_at": NOW},
        {"hub_key_id": "k" * 43},
    ],
)
async def test_a_session_is_as_agreed(database: Database, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        await put(database, "sessions", **(SESSION | wrong))
    await put(database, "sessions", **SESSION)


async def test_an_instant_without_its_zone_is_refused(database: Database) -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(StatementError, match="time zone"):
        await put(database, "carts", account_id=4711, created_at=naive)
