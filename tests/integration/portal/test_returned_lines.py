"""Money that the bank takes back: of one payment that is certain, else somebody decides."""

from __future__ import annotations

import pytest

from cloudmatic_portal.domain.errors import SharesUnfit
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.statement import StoredLine
from cloudmatic_portal.services import payments, work_list
from cloudmatic_portal.services.work_list import Choice
from cloudmatic_portal.storage import payment as stored_payment
from cloudmatic_portal.storage import statement as stored_statement
from cloudmatic_portal.storage.database import Database
from tests.bank_statements import Paid, camt, mt940, volksbank
from tests.integration.portal.bank_imports import DAY, MAX, bring, look, open_reasons, ordered
from tests.integration.portal.purchases import find
from tests.integration.portal.world import NOW, all_rows


@pytest.mark.parametrize("by", ["text", "end_to_end", "iban"])
async def test_a_return_of_a_known_payment_takes_it_back(database: Database, by: str) -> None:
    reference = await ordered(database)
    facts = {"text": reference, "end_to_end": "E2E-17", "iban": MAX}
    paid = Paid(cents=3000, **facts)  # type: ignore[arg-type]
    facts = {"text": "", "end_to_end": "NOTPROVIDED", "iban": ""} | {by: facts[by]}
    back = Paid(cents=-3000, returned=True, day=paid.day + DAY, **facts)  # type: ignore[arg-type]
    assert dict((await bring(database, camt(back, paid))).counts) == {"booked": 2}
    assert (await find(database, reference)).due == Money(3600)
    async with database.reading() as connection:
        lines = await stored_statement.search(connection)
        assert {each.returns for each in lines} == {
            None,
            *(each.line_id for each in lines if each.line.incoming),
        }
        [original] = [each for each in lines if each.line.incoming]
        assert await stored_payment.find(connection, original.source)


async def test_a_return_that_fits_nothing_or_two_waits(database: Database) -> None:
    reference = await ordered(database)
    back = Paid(cents=-1000, returned=True, text=reference)
    await bring(database, camt(back))
    await bring(database, camt(*[Paid(cents=1000, text=reference, iban=MAX)] * 2))
    await bring(database, volksbank())
    await bring(database, mt940([Paid(cents=-1000, returned=True, iban=MAX)]))
    assert await open_reasons(database) == ["return", "return"]


async def brought(database: Database) -> StoredLine:
    """The one line by which money came."""
    async with database.reading() as connection:
        [line] = [each for each in await stored_statement.search(connection) if each.line.incoming]
    return line


async def taken_back_by_hand(database: Database, paid: Paid, cents: int) -> StoredLine:
    """The money arrived, and the operator noted that the bank took so much of it back."""
    await bring(database, camt(paid))
    line = await brought(database)
    async with database.writing() as connection:
        await payments.take_back(
            connection, line.source, Money(cents), "return_debit", "letter of the bank", NOW
        )
    return line


async def split_by_hand(database: Database, paid: Paid) -> StoredLine:
    """The money arrived for two customers: the line has become two payments."""
    await bring(database, camt(Paid(cents=paid.cents, text="fuer uns beide", iban=MAX)))
    line = await brought(database)
    halves = [Choice(account_id=each, amount=Money(paid.cents // 2)) for each in (4711, 4712)]
    await work_list.assign(database, line.line_id, halves, NOW)
    return line


@pytest.mark.parametrize("before", ["all", "a part", "split"])
async def test_a_return_of_what_is_not_there_as_a_whole_waits_and_stops_nothing(
    database: Database, before: str
) -> None:
    reference = await ordered(database)
    paid = Paid(cents=1000, text=reference, iban=MAX)
    if before == "split":
        original = await split_by_hand(database, paid)
    else:
        original = await taken_back_by_hand(database, paid, 1000 if before == "all" else 1)
    back = Paid(cents=-1000, returned=True, iban=MAX, day=paid.day + DAY)
    other = await ordered(database, 4712, "connect")
    data = camt(back, Paid(cents=2400, text=other), number=2)
    assert dict((await look(database, data)).counts) == {"open": 1, "booked": 1}
    assert dict((await bring(database, data)).counts) == {"open": 1, "booked": 1}
    assert await open_reasons(database) == ["return"]
    assert (await find(database, other)).state == "active"
    [task] = await work_list.tasks(database, NOW)
    rows = await all_rows(database)
    with pytest.raises(SharesUnfit, match="as a whole"):
        await work_list.take_back(database, task.stored.line_id, original.line_id, NOW)
    assert await all_rows(database) == rows
