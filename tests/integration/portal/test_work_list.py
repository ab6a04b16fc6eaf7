"""The work list: lines that nobody but the operator can decide about."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cloudmatic_portal.domain.errors import (
    BankLineCannot,
    BankLineUnknown,
    OrderUnknown,
    PortalError,
    SharesUnfit,
)
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.services import work_list
from cloudmatic_portal.services.work_list import Choice
from cloudmatic_portal.storage import ledger as stored_ledger
from cloudmatic_portal.storage import statement as stored_statement
from cloudmatic_portal.storage.database import Database
from tests.bank_statements import Paid, camt
from tests.integration.portal.bank_imports import MAX, bring, ordered, state
from tests.integration.portal.world import NOW, all_rows


async def waiting(database: Database, *paid: Paid) -> list[int]:
    """Bring lines that nothing fits; their numbers."""
    await bring(database, camt(*paid))
    return [each.stored.line_id for each in await work_list.tasks(database, NOW)]


async def test_a_line_is_assigned_and_its_payer_remembered(database: Database) -> None:
    reference = await ordered(database)
    [line] = await waiting(database, Paid(cents=3600, text="?", iban=MAX))
    [booked] = await work_list.assign(database, line, [Choice(reference=reference.lower())], NOW)
    assert booked.activated
    assert await state(database, reference) == "active"
    assert await work_list.tasks(database, NOW) == ()
    another = await ordered(database, product="connect")
    await bring(database, camt(Paid(cents=2400, text="??", iban=MAX)))
    assert await state(database, another) == "active"


async def test_a_line_is_split_over_orders_accounts_and_balance(database: Database) -> None:
    mine, hers = await ordered(database), await ordered(database, 4712, "connect")
    [line] = await waiting(database, Paid(cents=7000, text="fuer uns beide"))
    choices = [
        Choice(reference=mine),
        Choice(reference=hers, amount=Money(2400)),
        Choice(account_id=4712, amount=Money(1000)),
    ]
    await work_list.assign(database, line, choices, NOW)
    assert [await state(database, each) for each in (mine, hers)] == ["active", "active"]
    async with database.reading() as connection:
        assert await stored_ledger.balance(connection, 4712) == Money(1000)


@pytest.mark.parametrize(
    ("choices", "error"),
    [
        ([], SharesUnfit),
        ([Choice(reference="222222222", amount=Money(1))], OrderUnknown),
        ([Choice(reference="nonsense")], OrderUnknown),
        ([Choice(account_id=4711, amount=Money(1))], SharesUnfit),
        ([Choice(account_id=999, amount=Money(500))], PortalError),
        ([Choice()], SharesUnfit),
        ([Choice(account_id=4711), Choice(account_id=4712)], SharesUnfit),
    ],
)
async def test_what_does_not_fit_changes_nothing(
    database: Database, choices: list[Choice], error: type[PortalError]
) -> None:
    [line] = await waiting(database, Paid(cents=500, text="?"))
    before = await all_rows(database)
    with pytest.raises(error):
        await work_list.assign(database, line, choices, NOW)
    assert await all_rows(database) == before


async def test_another_currency_is_for_nobody_here(database: Database) -> None:
    [line] = await waiting(database, Paid(cents=500, text="?", currency="USD"))
    before = await all_rows(database)
    for amount in (None, Money(500), Money(500, "USD")):
        with pytest.raises(SharesUnfit, match="USD"):
            await work_list.assign(database, line, [Choice(account_id=4711, amount=amount)], NOW)
    assert await all_rows(database) == before


async def test_a_line_is_settled_once(database: Database) -> None:
    [line] = await waiting(database, Paid(cents=500, text="?"))
    await work_list.ignore(database, line, "Zinsen", NOW)
    task = await work_list.task(database, line, NOW)
    assert (task.stored.state, task.stored.note) == ("ignored", "Zinsen")
    await work_list.assign(database, line, [Choice(account_id=4711)], NOW)
    with pytest.raises(BankLineCannot):
        await work_list.assign(database, line, [Choice(account_id=4711)], NOW)
    with pytest.raises(BankLineCannot):
        await work_list.ignore(database, line, "again", NOW)
    with pytest.raises(BankLineUnknown):
        await work_list.ignore(database, 999_999, "none", NOW)


async def test_a_return_is_taken_back_at_the_operator_s_word(database: Database) -> None:
    reference = await ordered(database)
    first = Paid(cents=1000, text=reference, iban=MAX)
    back = Paid(cents=-1000, returned=True, iban=MAX, day=first.day + timedelta(days=1))
    [line] = await waiting(database, first, first, back)
    [task] = await work_list.tasks(database, NOW)
    assert len(task.originals) == 2
    original = task.originals[0].line_id
    await work_list.take_back(database, line, original, NOW)
    with pytest.raises(BankLineCannot):
        await work_list.take_back(database, line, original, NOW)
    # Only one line is left that a second return can mean.
    assert await waiting(database, back, back) == []
    async with database.reading() as connection:
        lines = await stored_statement.search(connection)
    assert {each.returns for each in lines if not each.line.incoming} == {
        each.line_id for each in lines if each.line.incoming
    }


async def test_what_was_taken_back_is_not_taken_back_again(database: Database) -> None:
    reference = await ordered(database)
    first = Paid(cents=1000, text=reference, iban=MAX)
    back = Paid(cents=-1000, returned=True, iban=MAX, day=first.day + timedelta(days=1))
    [stray] = await waiting(database, first, back, back)
    async with database.reading() as connection:
        lines = await stored_statement.search(connection)
    [original] = [each.line_id for each in lines if each.line.incoming]
    before = await all_rows(database)
    with pytest.raises(PortalError):
        await work_list.take_back(database, stray, original, NOW)
    assert await all_rows(database) == before
