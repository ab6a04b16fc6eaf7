"""Whatever lies in the vendor's folder, there is an answer, and it is never another account."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccu_dashboard.domain.account import (
    Account,
    Fault,
    License,
    Linked,
    NotLinked,
    Pending,
    Unreadable,
)
from ccu_dashboard.storage.vendor_files import MAX_BYTES, read_account, read_serial
from tests.factories import COMPLETE, FULLSERVICE, SERIAL, TODAY, USER_KEY, linked
from tests.simulated_ccu import account_files as vendor
from tests.simulated_ccu.account_files import AccountFiles, Case, account_files
from tests.unit.ccu_dashboard.conftest import write_account_files

IN_A_YEAR = TODAY + timedelta(days=200)
USUAL = linked(last_day=IN_A_YEAR)
MHCFG = account_files(Case.LINKED, TODAY).mhcfg or b""
NOT_KNOWN = License(None, trial=False)

EXPECTED: dict[Case, Account] = {
    Case.LINKED: USUAL,
    Case.NOT_LINKED: NotLinked(),
    Case.REGISTRATION_PENDING: Pending(),
    Case.TRIAL: linked(last_day=TODAY + timedelta(days=20), license=License(COMPLETE, trial=True)),
    Case.EXPIRED: linked(last_day=TODAY - timedelta(days=3)),
    Case.NEARLY_EXPIRED: linked(last_day=TODAY + timedelta(days=5)),
    Case.LOWER_CASE_PRODUCT: USUAL,
    Case.UMLAUTS: replace(USUAL, user_name="müller-größe", user_key="Schlüssel0815"),
    Case.MISSING: NotLinked(vendor_files=False),
    Case.EMPTY: Unreadable(Fault.EMPTY, "mhcfg"),
    Case.TRUNCATED_IN_KEY: Unreadable(Fault.TRUNCATED, "mhcfg"),
    Case.TRUNCATED_IN_VALUE: Unreadable(Fault.TRUNCATED, "mhcfg"),
    Case.TRUNCATED_BEFORE_DATE: Unreadable(Fault.TRUNCATED, "mhcfg"),
    Case.CRLF: USUAL,
    Case.BINARY_RUBBISH: Unreadable(Fault.BINARY, "mhcfg"),
    Case.IDS_EMPTY_VALUES: USUAL,
    Case.IDS_COPROCESSOR_ERROR: USUAL,
    Case.OFFLINE: replace(USUAL, license=NOT_KNOWN),
    Case.NO_LICENCE: replace(USUAL, license=NOT_KNOWN),
    Case.UNKNOWN_KEYS: USUAL,
}


def read(folder: Path, files: AccountFiles) -> Account:
    write_account_files(folder, files)
    return read_account(folder)


def read_mhcfg(folder: Path, content: bytes) -> Account:
    return read(folder, replace(account_files(Case.LINKED, TODAY), mhcfg=content))


@pytest.mark.parametrize("case", Case)
def test_each_case_of_the_vendors_files_is_understood(tmp_path: Path, case: Case) -> None:
    assert read(tmp_path, account_files(case, TODAY)) == EXPECTED[case]


def test_a_read_in_the_middle_of_a_write_never_shows_another_account(tmp_path: Path) -> None:
    for length in range(len(MHCFG)):
        account = read_mhcfg(tmp_path, MHCFG[:length])
        if isinstance(account, Linked):
            # Cut at a line end behind all that matters; at worst the date is not there yet.
            assert replace(account, last_day=None) == replace(USUAL, last_day=None)
            assert account.last_day in {None, USUAL.last_day}
        else:
            assert isinstance(account, Unreadable)
            assert account.fault in {Fault.EMPTY, Fault.TRUNCATED, Fault.INCOMPLETE}


@given(mhcfg=st.binary(max_size=400), smsguthaben=st.binary(max_size=200))
def test_any_bytes_give_an_answer(tmp_path: Path, mhcfg: bytes, smsguthaben: bytes) -> None:
    files = AccountFiles(mhcfg, mhcfg, smsguthaben, smsguthaben)
    assert isinstance(read(tmp_path, files), Account)
    assert read_serial((tmp_path / "ids",)) in {None, mhcfg.decode("latin-1").strip()}


LINES = st.sampled_from(MHCFG.splitlines(keepends=True)) | st.binary(max_size=30).map(
    lambda raw: raw.replace(b"\n", b"") + b"\n"
)


@given(st.lists(LINES, max_size=14).map(b"".join))
def test_mixed_up_lines_give_an_answer(tmp_path: Path, content: bytes) -> None:
    assert isinstance(read_mhcfg(tmp_path, content), Account)


@pytest.mark.parametrize(
    ("line", "fault", "key"),
    [
        (b"userid=", Fault.INCOMPLETE, "userid"), (b"userid=0", Fault.BAD_VALUE, "userid"),
        (b"userid=04711", Fault.BAD_VALUE, "userid"), (b"userid=47 11", Fault.BAD_VALUE, "userid"),
        (b"userid=\xb9", Fault.BAD_VALUE, "userid"), (b"userid=1;2", Fault.BAD_VALUE, "userid"),
        (b"userid=99999999999", Fault.BAD_VALUE, "userid"),
        (b"userid=<b>", Fault.BAD_VALUE, "userid"), (b"userkey=", Fault.INCOMPLETE, "userkey"),
        (b"userkennung=", Fault.INCOMPLETE, "userkennung"),
        (b"userkennung=" + b"x" * 101, Fault.BAD_VALUE, "userkennung"),
        (b"userkennung=max\x85muster", Fault.BAD_VALUE, "userkennung"),
        (b"userkennung=max\x00", Fault.BINARY, ""), (b"user_has_account=", Fault.INCOMPLETE,
        "user_has_account"),
    ],
)  # fmt: skip
def test_the_entry_at_fault_is_named(tmp_path: Path, line: bytes, fault: Fault, key: str) -> None:
    account = read_mhcfg(tmp_path, MHCFG + line + b"\n")
    assert account == Unreadable(fault, "mhcfg", key)


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [("2026", "02", "30"), ("2026", "13", "01"), ("0", "1", "1"), ("", "", ""), ("x", "y", "z"),
     ("9" * 30, "1", "1"), ("9" * 5000, "1", "1"), ("-2026", "1", "1"), ("2026.0", "1", "1")],
)  # fmt: skip
def test_an_impossible_date_is_an_unknown_end_not_an_error(
    tmp_path: Path, year: str, month: str, day: str
) -> None:
    lines = f"premiumjahr={year}\npremiummonat={month}\npremiumtag={day}\n".encode()
    assert read_mhcfg(tmp_path, MHCFG + lines) == replace(USUAL, last_day=None)


def test_single_digits_are_a_date(tmp_path: Path) -> None:
    lines = b"premiumjahr=2027\npremiummonat=1\npremiumtag=2\n"
    assert read_mhcfg(tmp_path, MHCFG + lines) == replace(USUAL, last_day=date(2027, 1, 2))


def test_a_huge_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    at_most = MHCFG + b"#" * (MAX_BYTES - len(MHCFG) - 1) + b"\n"
    assert read_mhcfg(tmp_path, at_most) == USUAL
    assert read_mhcfg(tmp_path, at_most + b"\n") == Unreadable(Fault.TOO_LARGE, "mhcfg")


def test_a_folder_in_the_files_place_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "mhcfg").mkdir()
    assert read_account(tmp_path) == Unreadable(Fault.NO_PERMISSION, "mhcfg")
    assert read_account(tmp_path / "nowhere") == NotLinked(vendor_files=False)


@pytest.mark.parametrize("content", [b"", b"status=0\n", b"status=1", b"\x00", b"x\n"])
def test_a_registration_is_under_way_only_where_the_vendor_says_so(
    tmp_path: Path, content: bytes
) -> None:
    files = replace(vendor.not_linked(), register_pending=content)
    assert read(tmp_path, files) == NotLinked()


@pytest.mark.parametrize(
    ("product", "license_"),
    [
        ("cloudmatic fullSERVICE", License(FULLSERVICE, trial=False)),
        ("TESTZUGANG CloudMatic complete", License(COMPLETE, trial=True)),
        ("Testzugang CloudMatic Complete", License(COMPLETE, trial=True)),
        ("TESTZUGANG ", License(None, trial=False)),
        ("TESTZUGANG CloudMatic Unheard", License(None, trial=True)),
        ("Complete", NOT_KNOWN), ("", NOT_KNOWN),
    ],
)  # fmt: skip
def test_the_product_is_recognised_in_the_vendors_spellings(
    tmp_path: Path, product: str, license_: License
) -> None:
    account = read(tmp_path, vendor.linked(ends=IN_A_YEAR, product=product))
    assert account == replace(USUAL, license=license_)


def test_the_user_key_does_not_show() -> None:
    assert USER_KEY not in repr(USUAL)


@pytest.mark.parametrize(
    ("content", "serial"),
    [
        (b"SerialNumber=3014F711A0001F5A4993A42B\nBidCoS-Address=0x1\n", SERIAL),
        (b"BidCoS-Address=0x1\r\nSerialNumber=3014F711A0001F5A4993A42B\r\n", SERIAL),
        (b"3014F711A0001F5A4993A42B\n", SERIAL), (b"3014F711A0001F5A4993A42B", SERIAL),
        (b"SerialNumber=\nBidCoS-Address=\n", None), (b"", None), (b"\x00" * 30, None),
        (b"SerialNumber=Did not get an answer from coprocessor\n", None),
        (b"SerialNumber=ABC12\n", None), (b"SerialNumber=" + b"A" * 33, None),
        (b"SerialNumber=ABC\xc4123\n", None), (b"XSerialNumber=ABC123\n", None),
        (b"ABC123\nABC124\n", None),
    ],
    ids=repr,
)  # fmt: skip
def test_a_serial_is_used_only_in_its_strict_form(
    tmp_path: Path, content: bytes, serial: str | None
) -> None:
    (tmp_path / "ids").write_bytes(content)
    assert read_serial((tmp_path / "ids",)) == serial


def test_the_next_file_helps_where_the_first_names_no_serial(tmp_path: Path) -> None:
    (tmp_path / "ids").write_bytes(vendor.ids_file("", ""))
    (tmp_path / "folder").mkdir()
    (tmp_path / "board").write_text("ABCDEF0123\n")
    files = tuple(tmp_path / name for name in ("missing", "folder", "ids", "board"))
    assert read_serial(files) == "ABCDEF0123"
