"""GiroCodes: what stands in them, and that a reader which is not ours reads just that."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cloudmatic_portal.domain.girocode import MOST_BYTES, payload
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.payment import BankAccount
from cloudmatic_portal.web import girocode

IBAN = "DE02120300000000202051"
BIC = "BYLADEM1001"
BANK = BankAccount("CloudMatic (Beispiel)", IBAN, BIC)
HOLDERS = st.text(min_size=1, max_size=70).filter(lambda text: text.isprintable() and text.strip())


def test_it_says_who_gets_how_much_for_what() -> None:
    assert payload(BANK, Money(1205), "K7Q-X4M-P9R") == (
        "BCD\n002\n1\nSCT\nBYLADEM1001\nCloudMatic (Beispiel)\nDE02120300000000202051\n"
        "EUR12.05\n\n\nK7Q-X4M-P9R"
    )


@pytest.mark.parametrize(
    ("cents", "written"), [(1, "EUR0.01"), (99_999_999_999, "EUR999999999.99")]
)
def test_the_smallest_and_the_largest_amount_can_be_said(cents: int, written: str) -> None:
    said = payload(BANK, Money(cents), "K7Q-X4M-P9R")
    assert said is not None
    assert said.splitlines()[7] == written


@pytest.mark.parametrize("amount", [Money(0), Money(-1), Money(10**11), Money(100, "CHF")])
def test_what_a_code_cannot_say_has_none(amount: Money) -> None:
    assert payload(BANK, amount, "K7Q-X4M-P9R") is None
    assert girocode.svg(BANK, amount, "K7Q-X4M-P9R") is None
    assert girocode.png(BANK, amount, "K7Q-X4M-P9R") is None


def test_too_long_a_text_has_no_code() -> None:
    holder = "\N{GRINNING FACE}" * 70
    assert payload(BankAccount(holder, IBAN, BIC), Money(1), "K7Q-X4M-P9R") is None


@pytest.mark.parametrize("reference", ["", "x" * 141, "two\nlines", "\0"])
def test_a_reference_is_one_line(reference: str) -> None:
    with pytest.raises(ValueError, match="one line"):
        payload(BANK, Money(1), reference)


@given(HOLDERS, st.integers(1, 99_999_999_999))
def test_whatever_the_holders_name_the_lines_keep_their_meaning(holder: str, cents: int) -> None:
    said = payload(BankAccount(holder, IBAN, BIC), Money(cents), "K7Q-X4M-P9R")
    if said is not None:
        lines = said.split("\n")
        assert len(lines) == 11
        assert lines[6] == IBAN
        assert round(float(lines[7].removeprefix("EUR")) * 100) == cents
        assert len(said.encode()) <= MOST_BYTES


@pytest.mark.parametrize(
    "holder", ["CloudMatic", "Jörg & Söhne Gebäudetechnik, Zürich", "Łódź", "Ж"]
)
def test_another_program_reads_what_we_wrote(holder: str) -> None:
    bank = BankAccount(holder, IBAN, BIC)
    drawn = girocode.png(bank, Money(2400), "K7Q-X4M-P9R")
    assert drawn is not None
    [read] = zxingcpp.read_barcodes(Image.open(io.BytesIO(drawn)).convert("L"))
    said = payload(bank, Money(2400), "K7Q-X4M-P9R")
    assert said is not None
    assert read.bytes.decode("utf-8") == said
    assert str(read.format) == "QR Code"
    assert read.ec_level == "M"


def test_the_longest_text_still_fits_into_version_13() -> None:
    holder = "ä" * 70
    said = payload(BankAccount(holder, IBAN, BIC), Money(99_999_999_999), "x" * 117)
    assert said is not None
    assert len(said.encode()) > 300
    assert girocode._symbol(said).version <= 13  # type: ignore[operator]


def test_the_picture_on_a_page_has_neither_style_nor_script() -> None:
    drawn = girocode.svg(BANK, Money(2400), "K7Q-X4M-P9R")
    assert drawn is not None
    assert drawn.startswith("<svg viewBox=")
    for forbidden in ("style", "script", "class", "href", "http", "xmlns"):
        assert forbidden not in drawn
