"""What banks hand out is read: every format, and what it says of a transaction."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from cloudmatic_portal.clients import bank_files
from cloudmatic_portal.clients.bank_files import numbers
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.statement import BankFile
from tests.bank_statements import (
    DAY,
    OWN,
    PAYER,
    REFERENCE,
    SAMPLES,
    Paid,
    batch,
    camt,
    mt940,
    read,
    volksbank,
)
from tests.bank_statements import archive as packed

CSV_SAMPLES = sorted(SAMPLES.glob("own-*.csv"))
WITHOUT_ACCOUNT = {"own-comdirect.csv", "own-n26.csv"}
WITHOUT_IBAN = {"own-comdirect.csv", "own-ing.csv", "own-commerzbank.csv"}


def sample(name: str) -> BankFile:
    return read((SAMPLES / name).read_bytes(), name)


@pytest.mark.parametrize("path", CSV_SAMPLES, ids=lambda path: path.stem)
def test_the_csv_of_each_bank_is_read(path: Path) -> None:
    file = sample(path.name)
    incoming, outgoing = file.lines
    assert file.form.startswith("CSV ")
    assert file.accounts == ("" if path.name in WITHOUT_ACCOUNT else OWN,)
    assert incoming.amount == Money(2400)
    assert incoming.day == outgoing.day == date(2026, 11, 24)
    assert REFERENCE in incoming.text
    assert "Jürgen Groß" in f"{incoming.payer} {incoming.text}"
    assert incoming.iban == ("" if path.name in WITHOUT_IBAN else PAYER)
    assert outgoing.amount == Money(-123456)
    pending = {"own-sparkasse.csv", "own-dkb.csv", "own-comdirect.csv"}
    assert file.pending == (1 if path.name in pending else 0)


@pytest.mark.parametrize("pad", [0, 1])
@pytest.mark.parametrize("name", ["own-dkb.csv", "own-postbank.csv"])
def test_a_long_csv_is_known_by_its_header_wherever_an_umlaut_stands(name: str, pad: int) -> None:
    """UTF-8 has two bytes for one: with one of both paddings any even place is within an umlaut."""
    long = "Jürgen Groß" + "x" * pad + "ä" * 130_000
    data = (SAMPLES / name).read_text("utf-8-sig").replace("Jürgen Groß", long, 1)
    file = read(data.encode("utf-8-sig"), name)
    assert file.form == sample(name).form
    assert len(file.lines) == 2
    assert file.lines[0].payer == long


def test_mt940_of_a_german_bank_is_read_with_its_return() -> None:
    file = sample("own-sparkasse.sta")
    paid, outgoing, back = file.lines
    assert (file.form, file.accounts, len(file.statements)) == ("MT940", (OWN, OWN)[:1], 2)
    assert (paid.amount, paid.iban, paid.payer) == (Money(2400), PAYER, "Jürgen Groß")
    assert paid.text == "Rechnung K7Q-X4M-P9R Danke"
    assert paid.end_to_end == ""
    assert outgoing.amount == Money(-123456)
    assert outgoing.end_to_end == "E-4711"
    assert (back.amount, back.returned, back.bank_reference) == (Money(-2400), True, "2611250001")
    assert (paid.line, back.line) == (5, 19)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("mt940-abn-amro.txt", 6),
        ("loader-seed-one-statement.mt940", 1),
        ("loader-regression-two-statements.mt940", 3),
        ("loader-regression-booking-year-end.mt940", 1),
        ("camt053-readme.xml", 1),
    ],
)
def test_published_samples_are_read(name: str, lines: int) -> None:
    assert len(sample(name).lines) == lines


@pytest.mark.parametrize("form", ["053", "052"])
@pytest.mark.parametrize("version", ["01", "02", "04", "06", "08", "10", "13"])
def test_every_version_of_camt_says_the_same(form: str, version: str) -> None:
    text = "Rechnung " + REFERENCE + " & <vielen> Dank für die schnelle Lieferung"
    paid = Paid(cents=2400, text=text, reference="B17", end_to_end="E2E")
    file = read(camt(paid, Paid(cents=-500, payer="Strom"), form=form, version=version))
    first, second = file.lines
    assert file.form == f"CAMT.{form}"
    assert first.text.replace(" ", "") == text.replace(" ", "")
    assert (first.payer, first.iban, first.account) == ("Erika Muster", PAYER, OWN)
    assert (first.amount, first.day) == (Money(2400), DAY)
    assert (first.bank_reference, first.end_to_end) == ("B17", "E2E")
    assert (second.amount, second.payer) == (Money(-500), "Strom")
    assert first.statement == ("100000 EUR" if form == "053" else "")


def test_another_namespace_prefix_makes_no_difference() -> None:
    plain = camt(Paid(cents=1)).decode()
    prefixed = plain.replace("<", "<n:").replace("<n:/", "</n:").replace("<n:?", "<?")
    assert read(prefixed.replace("xmlns=", "xmlns:n=").encode()).lines == read(plain.encode()).lines


def test_what_is_not_booked_yet_is_left_out_and_counted() -> None:
    file = read(camt(Paid(cents=100), Paid(cents=200, status="PDNG"), Paid(cents=3, status="INFO")))
    assert ([line.amount.cents for line in file.lines], file.pending) == ([100], 2)


@pytest.mark.parametrize("version", ["02", "08"])
def test_a_batch_is_taken_apart(version: str) -> None:
    parts = (Paid(cents=2400, text="eins"), Paid(cents=3600, text="zwei", payer="Max"))
    lines = read(batch(*parts, reference="SAMMEL", version=version)).lines
    assert [(line.amount.cents, line.text) for line in lines] == [(2400, "eins"), (3600, "zwei")]
    assert {line.bank_reference for line in lines} == {"SAMMEL"}


def test_a_batch_whose_parts_are_not_its_sum_stays_one_line() -> None:
    data = batch(Paid(cents=2400, text="eins"), Paid(cents=3600, text="zwei"), reference="S")
    [line] = read(data.replace(b"60.00", b"59.00")).lines
    assert (line.amount.cents, line.text) == (5900, "eins zwei")


def test_returns_are_known_as_such() -> None:
    for paid in (Paid(cents=-100, reversal=True), Paid(cents=-100, returned=True)):
        for data in (camt(paid), mt940([paid])):
            [line] = read(data).lines
            assert (line.amount.cents, line.returned) == (-100, True)


def test_the_same_transactions_in_both_formats_are_the_same_line() -> None:
    paid = [Paid(cents=2400, text=REFERENCE), Paid(cents=3600, text="Kunde 4711")]
    first = read(mt940(paid)).lines
    second = read(camt(*paid)).lines
    assert [(each.account, each.day, each.amount, each.iban) for each in first] == [
        (each.account, each.day, each.amount, each.iban) for each in second
    ]


def test_several_statements_of_one_file_are_read() -> None:
    file = read(mt940([Paid(cents=1)], [Paid(cents=2), Paid(cents=3)]))
    assert [len(each.lines) for each in file.statements] == [1, 2]


def test_an_archive_of_statements_is_opened() -> None:
    files = {"b.xml": camt(Paid(cents=2)), "a.xml": camt(Paid(cents=1)), "c.csv": volksbank()}
    found = bank_files.read(packed(files), "zip")
    assert [each.name for each in found] == ["zip/a.xml", "zip/b.xml", "zip/c.csv"]
    assert [len(each.lines) for each in found] == [1, 1, 0]


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1.234,56", 123456),
        ("-94", -9400),
        ("23,5", 2350),
        ("+12,00 EUR", 1200),
        ("1234,5 €", 123450),
    ],
)
def test_german_amounts(text: str, cents: int) -> None:
    assert numbers.german(text, "EUR") == Money(cents)


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "1.23", "12.34", "1,234", "x", "--1", "1 2", "1e5", "٣"]
)
def test_what_is_no_german_amount(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        numbers.german(text, "EUR")


def test_a_german_account_number_is_an_iban() -> None:
    assert numbers.own_account("12030000/0000202051") == OWN
    assert numbers.own_account("12030000/202051") == OWN
    assert numbers.own_account("DE02 1203 0000 0000 2020 51") == OWN
    assert numbers.own_account("BYLADEM1001/DE02120300000000202051") == OWN
    assert numbers.own_account("4711") == ""
