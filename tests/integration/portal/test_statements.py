"""Bank statements on both databases: what is booked, what waits, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from cloudmatic_portal.domain.errors import StatementForeign, StatementUnreadable
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.reference import grouped
from cloudmatic_portal.services import orders, statements
from cloudmatic_portal.services.statements import Upload
from cloudmatic_portal.storage import ledger as stored_ledger
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import bank_lines, order_items
from tests.bank_statements import OWN, Paid, archive, batch, camt, mt940, volksbank
from tests.integration.portal.bank_imports import (
    DAY,
    MAX,
    bring,
    look,
    open_reasons,
    ordered,
    received,
    state,
)
from tests.integration.portal.purchases import add_accounts, buy, fill, find
from tests.integration.portal.world import NOW, all_rows

FORMATS: dict[str, Callable[..., bytes]] = {
    "camt": camt,
    "camt02": lambda *paid: camt(*paid, version="02", form="052"),
    "mt940": lambda *paid: mt940(paid),
    "csv": volksbank,
    "zip": lambda *paid: archive({"a.xml": camt(*paid)}),
}


@pytest.mark.parametrize("form", FORMATS)
async def test_a_payment_with_its_reference_activates_the_order(
    database: Database, form: str
) -> None:
    reference = await ordered(database)
    data = FORMATS[form](Paid(cents=3600, text=f"Rechnung {grouped(reference)} Danke"))
    imported = await bring(database, data)
    assert dict(imported.counts) == {"booked": 1}
    assert imported.received == Money(3600)
    assert await state(database, reference) == "active"


@pytest.mark.parametrize("form", FORMATS)
async def test_the_same_file_twice_books_nothing_twice(database: Database, form: str) -> None:
    reference = await ordered(database)
    data = FORMATS[form](Paid(cents=3600, text=reference), Paid(cents=1, text="Spende"))
    await bring(database, data)
    before = await all_rows(database)
    again = await bring(database, data)
    assert dict(again.counts) == {"known": 2}
    assert await all_rows(database) == before
    assert (await look(database, data)).counts == {"known": 2}


@pytest.mark.parametrize("form", FORMATS)
async def test_two_equal_transfers_on_one_day_are_two(database: Database, form: str) -> None:
    reference = await ordered(database)
    twice = [Paid(cents=1800, text=reference)] * 2
    assert dict((await bring(database, FORMATS[form](*twice))).counts) == {"booked": 2}
    assert await state(database, reference) == "active"
    assert await received(database) == (2, 3600)


async def test_exports_whose_days_overlap_book_once(database: Database) -> None:
    reference = await ordered(database)
    same = Paid(cents=900, text=reference)
    later = Paid(cents=900, text=reference, day=same.day + DAY)
    assert dict((await bring(database, volksbank(same))).counts) == {"booked": 1}
    imported = await bring(database, volksbank(same, same, later))
    assert dict(imported.counts) == {"known": 1, "booked": 2}
    assert await received(database) == (3, 2700)


async def test_a_report_within_the_day_and_the_statement_after_it_book_once(
    database: Database,
) -> None:
    reference = await ordered(database)
    paid = [Paid(cents=1200, text=reference), Paid(cents=1200, text=reference)]
    await bring(database, camt(paid[0], form="052"))
    assert dict((await bring(database, camt(*paid))).counts) == {"known": 1, "booked": 1}
    numbered = [Paid(cents=600, text=reference, reference=f"B{each}") for each in (1, 2)]
    await bring(database, camt(numbered[0], form="052"))
    assert dict((await bring(database, camt(*numbered, number=2))).counts) == {
        "known": 1,
        "booked": 1,
    }
    assert await received(database) == (4, 3600)


async def test_a_bank_that_numbers_only_in_the_statement_is_understood(
    database: Database,
) -> None:
    reference = await ordered(database)
    paid = Paid(cents=1200, text=reference)
    numbered = Paid(cents=1200, text=reference, reference="B1")
    another = Paid(cents=1200, text=reference, reference="B2")
    await bring(database, camt(paid, form="052"))
    assert dict((await bring(database, camt(numbered))).counts) == {"known": 1}
    assert dict((await bring(database, camt(numbered, another, number=2))).counts) == {
        "known": 1,
        "booked": 1,
    }


async def test_equal_lines_of_different_statements_are_left_to_somebody(
    database: Database,
) -> None:
    reference = await ordered(database)
    paid = Paid(cents=1800, text=reference)
    await bring(database, camt(paid, opening=100))
    await bring(database, camt(paid, opening=1900, number=2))
    assert await open_reasons(database) == ["perhaps_known"]
    assert await received(database) == (1, 1800)
    assert dict((await bring(database, camt(paid, opening=1900, number=2))).counts) == {"known": 1}


async def test_equal_lines_of_two_statements_in_one_file_are_two(database: Database) -> None:
    reference = await ordered(database)
    paid = Paid(cents=1800, text=reference)
    data = mt940([paid], [paid])
    assert dict((await bring(database, data)).counts) == {"booked": 2}
    assert dict((await bring(database, data)).counts) == {"known": 2}


async def test_another_format_that_says_the_same_books_once(database: Database) -> None:
    reference = await ordered(database)
    paid = Paid(cents=1800, text=reference)
    await bring(database, volksbank(paid))
    assert dict((await bring(database, mt940([paid, paid]))).counts) == {"known": 1, "booked": 1}
    assert dict((await bring(database, camt(paid, paid))).counts) == {"known": 2}


async def test_one_number_for_a_whole_batch_makes_its_parts_no_doubles(
    database: Database,
) -> None:
    first, second = await ordered(database), await ordered(database, 4712)
    parts = (Paid(cents=3600, text=first), Paid(cents=3600, text=second))
    data = batch(*parts, reference="SAMMEL-1")
    assert dict((await bring(database, data)).counts) == {"booked": 2}
    assert dict((await bring(database, data)).counts) == {"known": 2}
    assert await state(database, second) == "active"


async def test_files_of_one_archive_that_overlap_book_once(database: Database) -> None:
    reference = await ordered(database)
    paid = Paid(cents=1800, text=reference)
    data = archive({"1.xml": camt(paid, form="052"), "2.xml": camt(paid, paid)})
    upload = Upload(name="zip", data=data)
    seen = await statements.preview(database, upload, [OWN], NOW)
    assert [dict(each.counts) for each in seen] == [{"booked": 1}, {"known": 1, "booked": 1}]
    imported = await statements.run(database, upload, [OWN], NOW)
    assert [dict(each.counts) for each in imported] == [dict(each.counts) for each in seen]


async def test_too_little_stays_visible_and_too_much_becomes_balance(database: Database) -> None:
    reference = await ordered(database)
    await bring(database, camt(Paid(cents=3000, text=reference)))
    assert (await find(database, reference)).due == Money(600)
    await bring(database, volksbank(Paid(cents=1000, text=reference)))
    assert await state(database, reference) == "active"
    async with database.reading() as connection:
        left = await stored_ledger.balance(connection, 4711)
    assert left == Money(400)


@pytest.mark.parametrize("text", ["{0}{1}", "abc{0}xyz", "{2} {3}", "{4}"])
async def test_a_mangled_reference_is_found_if_the_amount_agrees(
    database: Database, text: str
) -> None:
    reference = await ordered(database)
    wrong = "2" if reference[4] != "2" else "3"
    mistyped = reference[:4] + wrong + reference[5:]
    swapped = reference[:7] + reference[8] + reference[7]
    parts = (reference, "DANKE", mistyped[:6], mistyped[6:], swapped)
    paid = text.format(*parts)
    if reference[7] == reference[8] and "{4}" in text:
        paid = mistyped
    await bring(database, camt(Paid(cents=3500, text=paid, payer="")))
    assert await open_reasons(database) == ["amount_differs"]
    await bring(database, camt(Paid(cents=3600, text=paid, payer="")))
    assert await state(database, reference) == "active"


async def test_several_orders_in_one_transfer(database: Database) -> None:
    first, second = await ordered(database), await ordered(database, product="connect")
    text = f"{grouped(first)} und {grouped(second)}"
    await bring(database, camt(Paid(cents=5000, text=text)))
    assert await open_reasons(database) == ["sum_differs"]
    await bring(database, camt(Paid(cents=6000, text=text)))
    assert [await state(database, each) for each in (first, second)] == ["active", "active"]


async def test_a_payer_who_is_known_needs_no_reference(database: Database) -> None:
    first = await ordered(database)
    await bring(database, camt(Paid(cents=3600, text=first, iban=MAX)))
    second = await ordered(database, product="connect")
    await bring(database, camt(Paid(cents=2300, text="wie immer", iban=MAX)))
    assert await open_reasons(database) == ["amount_differs"]
    await bring(database, camt(Paid(cents=2400, text="wie immer", iban=MAX)))
    assert await state(database, second) == "active"
    third, _ = await ordered(database), await ordered(database)
    await bring(database, camt(Paid(cents=3600, text="wie immer", iban=MAX)))
    assert await state(database, third) == "open"
    assert await open_reasons(database) == ["amount_differs", "several_meant"]


async def test_a_stranger_without_reference_waits_with_suggestions(database: Database) -> None:
    reference = await ordered(database)
    seen = await look(database, camt(Paid(cents=3600, text="Kunde 4711 fuer erikamuster")))
    [line] = seen.lines
    assert (line.state, line.reason) == ("open", "nothing_found")
    assert line.match is not None
    [best, other] = line.match.suggestions
    assert best.candidate is not None
    assert (best.candidate.reference, best.why, best.agrees) == (reference, "account_number", True)
    assert (other.account_id, other.why) == (4712, "user_name")
    assert (await all_rows(database))["bank_lines"] == []


async def test_a_subscription_s_own_reference_pays_its_oldest_order(database: Database) -> None:
    agreed = await fill(database, product="connect", quantity=12, kind="subscription")
    first = await buy(database, agreed, method="standing_order")
    async with database.reading() as connection:
        query = select(order_items.c.subscription_reference)
        own = (await connection.execute(query)).scalar_one()
    assert own is not None
    await bring(database, camt(Paid(cents=2400, text=f"Dauerauftrag {grouped(own)}")))
    assert await state(database, first) == "active"
    await bring(database, camt(Paid(cents=2400, text=own, day=NOW.date() + 3 * DAY)))
    assert await received(database) == (2, 4800)


async def test_what_goes_out_is_never_a_payment(database: Database) -> None:
    reference = await ordered(database)
    imported = await bring(database, camt(Paid(cents=-3600, text=reference)))
    assert dict(imported.counts) == {"ignored": 1}
    assert await received(database) == (0, 0)


async def test_a_statement_of_another_account_is_refused(database: Database) -> None:
    reference = await ordered(database)
    data = camt(Paid(cents=3600, text=reference), account=MAX)
    before = await all_rows(database)
    with pytest.raises(StatementForeign, match="not one of ours"):
        await bring(database, data)
    await statements.run(database, Upload(name="old", data=data), [OWN, MAX], NOW)
    assert await all_rows(database) != before
    assert await state(database, reference) == "active"


async def test_a_file_that_breaks_at_its_end_books_nothing(database: Database) -> None:
    reference = await ordered(database)
    good = [Paid(cents=10, text=reference)] * 5
    whole = camt(*good, Paid(cents=1234567))
    before = await all_rows(database)
    for broken in (whole.replace(b"12345.67", b"12,34"), whole[:-30]):
        with pytest.raises(StatementUnreadable, match=r"line \d+"):
            await bring(database, broken)
    assert await all_rows(database) == before


async def test_a_preview_says_line_by_line_what_the_import_then_does(database: Database) -> None:
    await add_accounts(database, *range(5000, 5010))
    references = [await ordered(database, account) for account in range(5000, 5010)]
    paid = [Paid(cents=3600, text=each) for each in references]
    paid += [Paid(cents=3600, text=references[0]), Paid(cents=7, text="?"), Paid(cents=-3600)]
    before = await all_rows(database)
    seen = await look(database, camt(*paid))
    assert await all_rows(database) == before
    imported = await bring(database, camt(*paid))
    assert imported.counts == seen.counts
    assert imported.received == seen.received
    async with database.reading() as connection:
        query = select(bank_lines.c.state, bank_lines.c.reason).order_by(bank_lines.c.position)
        stored = [tuple(row) for row in await connection.execute(query)]
    assert stored == [(line.state, line.reason) for line in seen.lines]


async def test_an_order_that_is_cancelled_keeps_the_money_for_its_customer(
    database: Database,
) -> None:
    reference = await ordered(database)
    await orders.cancel(database, None, reference, NOW)
    assert dict((await bring(database, camt(Paid(cents=3600, text=reference)))).counts) == {
        "booked": 1
    }
    assert await state(database, reference) == "cancelled"
    assert await received(database) == (1, 3600)
