"""Any bytes: what is no statement, or a broken or hostile one, is refused with its place."""

from __future__ import annotations

import contextlib
import io
import struct
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudmatic_portal.clients import bank_files
from cloudmatic_portal.clients.bank_files import archive, numbers
from cloudmatic_portal.domain.errors import StatementUnreadable
from cloudmatic_portal.domain.statement import BankFile, BankLine
from tests.bank_statements import OWN, REFERENCE, SAMPLES, Paid, camt, mt940, volksbank
from tests.bank_statements import archive as packed


def refusal(data: bytes, name: str = "file") -> StatementUnreadable:
    with pytest.raises(StatementUnreadable) as caught:
        bank_files.read(data, name)
    return caught.value


@pytest.mark.parametrize(
    ("name", "line", "place", "problem"),
    [
        ("loader-regression-booking-month-13.mt940", 5, ":61:", "month"),
        ("loader-regression-amount-commas.mt940", 4, ":60F:", "not an amount"),
        ("loader-regression-no-account.mt940", 4, ":61:", "before the account"),
    ],
)
def test_published_broken_samples_are_refused_with_their_place(
    name: str, line: int, place: str, problem: str
) -> None:
    error = refusal((SAMPLES / name).read_bytes(), name)
    assert (error.file, error.line, error.place) == (name, line, place)
    assert problem in error.problem
    assert f"{name}, line {line}, {place}" in str(error)


LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE Document [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">
<!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;"><!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;">]>
<Document><BkToCstmrStmt><Stmt><Id>&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;</Id></Stmt></BkToCstmrStmt>
</Document>"""


def hostile(tmp_path: Path) -> dict[str, bytes]:
    secret = tmp_path / "secret"
    secret.write_text("the operator's secret")
    external = f'<!DOCTYPE Document [<!ENTITY x SYSTEM "file://{secret}">]>'.encode()
    outside = b'<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/statement.dtd">'
    return {
        "laughs": LAUGHS,
        "external": external + camt(Paid(cents=1)).split(b"?>", 1)[1].replace(b"M1", b"&x;"),
        "outside": outside + camt(Paid(cents=1)).split(b"?>", 1)[1],
        "deep": b"<Document>" + b"<a>" * 100_000,
        "large": b"<Document>" + b" " * (100 * 1024 * 1024),
    }


@pytest.mark.parametrize("kind", ["laughs", "external", "outside", "deep", "large"])
def test_hostile_xml_is_refused_soon(kind: str, tmp_path: Path) -> None:
    data = hostile(tmp_path)[kind]
    begun = time.perf_counter()
    error = refusal(data, "hostile.xml")
    assert time.perf_counter() - begun < 5
    assert "secret" not in str(error)
    if kind in {"laughs", "external", "outside"}:
        assert "document type" in error.problem


def test_a_bomb_in_an_archive_is_refused_soon() -> None:
    bomb = packed({"statement.xml": b" " * (bank_files.MOST_BYTES + 2)})
    assert len(bomb) < 200_000
    assert "too large when unpacked" in refusal(bomb).problem
    assert "an archive within" in refusal(packed({"a": packed({"b": b"x"})})).problem
    many = packed({str(number): b"" for number in range(archive.MOST_FILES + 1)})
    assert "at most" in refusal(many).problem


def test_an_archive_with_a_directory_of_any_length_is_refused_before_it_is_read() -> None:
    """Reading it would cost a kilobyte of memory for every 46 bytes that were sent."""
    small = packed({"a": b""})
    first, end = small.index(b"PK\x01\x02"), small.index(b"PK\x05\x06")
    number, entry = 60_000, small[first:end]
    tail = struct.pack("<HHIIH", number, number, number * len(entry), first, 0)
    many = small[:first] + entry * number + small[end : end + 8] + tail
    began = time.process_time()
    assert refusal(many).problem == "has more than 1000 files"
    assert time.process_time() - began < 0.5


def test_mt940_with_more_tags_than_are_read_is_refused_and_not_read_in_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    statement = mt940([Paid(cents=1), Paid(cents=2)])
    assert len(bank_files.read(statement, "any")[0].lines) == 2
    monkeypatch.setattr("cloudmatic_portal.clients.bank_files.mt940._MOST_TAGS", 6)
    assert refusal(statement).problem == "has too many tags to be a statement"


def test_a_damaged_archive_is_refused() -> None:
    whole = packed({"statement.xml": camt(Paid(cents=1))})
    assert refusal(whole[: len(whole) // 2]).problem == "a damaged or encrypted archive"
    with zipfile.ZipFile(io.BytesIO(), "w") as empty:
        empty.comment = b"nothing"
    assert refusal(b"PK\x03\x04" + b"\0" * 50)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_that_no_bank_makes_is_refused(method: int) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archived:
        archived.writestr("statement.xml", camt(Paid(cents=1)))
    assert "unusual method" in refusal(made.getvalue()).problem


@given(st.data())
@settings(max_examples=300)
def test_an_archive_with_changed_bytes_is_read_or_refused(drawn: st.DataObject) -> None:
    method = drawn.draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, 12, 14]))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archived:
        archived.writestr("one.csv", b"a;b\n" * 50)
        archived.writestr("folder/two.csv", b"c;d\n")
    data = bytearray(made.getvalue())
    places = st.integers(4, len(data) - 1)
    for place in drawn.draw(st.lists(places, min_size=1, max_size=4)):
        data[place] = drawn.draw(st.integers(0, 255))
    with contextlib.suppress(StatementUnreadable):
        list(archive.members(bytes(data), "file", 1_000_000))


def test_an_archive_with_a_file_without_a_name_is_refused() -> None:
    whole = packed({"a": camt(Paid(cents=1))})
    # What stands after a NUL is no part of a name.
    assert refusal(whole.replace(b"a" + b"PK\x05\x06", b"\0" + b"PK\x05\x06")).problem == (
        "a damaged or encrypted archive"
    )


def test_broken_xml_names_line_and_element() -> None:
    good = camt(Paid(cents=2400), Paid(cents=3600))
    assert refusal(good[:-40]).line is not None
    wrong = refusal(good.replace(b"36.00", b"3O.00"), "november.xml")
    assert (wrong.line, wrong.place) == (9, "Amt")
    assert str(wrong) == "november.xml, line 9, Amt: “3O.00” is not an amount"
    assert refusal(good.replace(b"CRDT</CdtDbtInd><Sts>", b"CR</CdtDbtInd><Sts>")).place == (
        "CdtDbtInd"
    )
    assert "no day of the calendar" in refusal(good.replace(b"11-24", b"02-30")).problem
    assert "account" in refusal(good.replace(OWN.encode(), b"")).problem
    assert "CAMT.054" in refusal(good.replace(b"BkToCstmrStmt", b"BkToCstmrDbtCdtNtfctn")).problem


@pytest.mark.parametrize(
    ("change", "line", "place", "problem"),
    [
        ((b"24,00;EUR", b"2A,00;EUR"), 2, "column Betrag", "is not an amount"),
        ((b";24,00;", b";2.4,00;"), 2, "column Betrag", "is not an amount"),
        ((b"24.11.2026;24", b"31.11.2026;24"), 2, "column Buchungstag", "no day of the calendar"),
        ((OWN.encode(), b"4711"), 2, "column IBAN Auftragskonto", "is not an account"),
        ((b";24,00;EUR;1,00;;;;", b""), 2, None, "columns"),
    ],
)
def test_a_broken_table_names_line_and_column(
    change: tuple[bytes, bytes], line: int, place: str | None, problem: str
) -> None:
    error = refusal(volksbank(Paid(cents=2400)).replace(*change))
    assert (error.line, error.place) == (line, place)
    assert problem in error.problem


@pytest.mark.parametrize(
    "data", [b"", b" \r\n", b"hello", b"a;b;c\n1;2;3\n", b"%PDF-1.7", b"\0" * 99]
)
def test_what_is_no_statement_is_refused(data: bytes) -> None:
    assert refusal(data).problem


GOOD = (
    camt(Paid(cents=2400, text=REFERENCE, reference="B"), Paid(cents=-1)),
    mt940([Paid(cents=2400, text=REFERENCE), Paid(cents=-1)]),
    volksbank(Paid(cents=2400, text=REFERENCE)),
    packed({"a.xml": camt(Paid(cents=2400))}),
    *(path.read_bytes() for path in sorted(SAMPLES.glob("own-*"))),
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(GOOD)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        removed = draw(st.integers(0, 12))
        data[at : at + removed] = draw(st.binary(max_size=12))
    return bytes(data)


@given(st.one_of(st.binary(max_size=300), damaged()))
@settings(max_examples=400, deadline=2000)
def test_any_bytes_are_statements_or_refused(data: bytes) -> None:
    files: tuple[BankFile, ...] = ()
    with contextlib.suppress(StatementUnreadable):
        files = bank_files.read(data, "any")
    for line in (line for file in files for line in file.lines):
        assert isinstance(line, BankLine)
        assert abs(line.amount.cents) <= numbers.MOST_CENTS
