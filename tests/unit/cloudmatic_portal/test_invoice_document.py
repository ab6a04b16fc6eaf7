"""The document: what a person reads, and what a program reads.

The XML is checked against the profile's schema and, with a processor of XSLT 3, against the
business rules of EN 16931 that come with the factur-x package.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import facturx  # type: ignore[import-untyped]
import pytest
from pypdf import PdfReader
from saxonche import PySaxonProcessor  # type: ignore[import-not-found]

from cloudmatic_portal.clients import factur_x
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.web import formats, invoice_sheet
from tests.invoicing import EVERY, UNKNOWN, invoice, line
from tests.unit.cloudmatic_portal.documents import NOW, read, text

RULES = (
    Path(facturx.__file__).parent
    / "xsd_and_schematron"
    / "facturx-en16931"
    / "FACTUR-X_EN16931.xslt"
)
RAM = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"

each_kind = pytest.mark.parametrize("kind", EVERY)


def attached(reader: PdfReader) -> bytes:
    [(name, files)] = reader.attachments.items()
    assert name == factur_x.FILE_NAME
    return bytes(files[0])


@each_kind
def test_what_a_person_reads_is_what_a_program_reads(kind: str) -> None:
    said, root = text(read(kind)), ElementTree.fromstring(attached(read(kind)))  # noqa: S314
    total = EVERY[kind].total
    language = EVERY[kind].language
    for name, amount in (
        ("LineTotalAmount", total.net),
        ("TaxBasisTotalAmount", total.net),
        ("TaxTotalAmount", total.vat),
        ("GrandTotalAmount", total.gross),
    ):
        [found] = root.iter(f"{RAM}SpecifiedTradeSettlementHeaderMonetarySummation")
        assert Decimal(found.findtext(f"{RAM}{name}") or "") * 100 == amount.cents
    for amount in (total.net, total.gross):
        assert formats.money(amount, language).replace("\xa0", " ") in said
    lines = list(root.iter(f"{RAM}LineTotalAmount"))[:-1]
    assert sum(Decimal(each.text or "") * 100 for each in lines) == total.net.cents
    for each in EVERY[kind].lines:
        assert each.name in said
    assert str(EVERY[kind].number) in said


def test_the_invoice_says_all_that_the_law_wants() -> None:
    said = text(read("at home"))
    for fact in (  # § 14 IV UStG, in its order
        *("Beispiel Fernzugriff GmbH", "Musterstraße 12", "24103 Kiel"),
        *("Muster & Söhne Elektrotechnik", "Lange Straße 7", "10115 Berlin"),
        *("DE136695976", "20/291/12345"),
        "26.11.2026",
        "RE-2026-000017",
        *("Zugang für 12 Monate", "100 Nachrichten"),
        *("25.12.2026 –", "24.12.2027", "25.11.2026"),
        *("Nettobetrag", "39,49 €"),
        *("Umsatzsteuer 19 % auf 39,49 €", "7,51 €"),
        *("Bereits bezahlt am 24.11.2026", "47,00 €"),
        "Bestellung",
        "K7Q-X4M-P9R",
        "Seite 1 von 1",
    ):
        assert fact in said, fact


def test_other_treatments_bring_their_words() -> None:
    assert "Steuerschuldnerschaft des Leistungsempfängers" in text(read("reverse charge"))
    assert "ATU13585627" in text(read("reverse charge"))
    assert "Nicht im Inland steuerbare Leistung" in text(read("outside the EU"))
    assert "SCHWEIZ" in text(read("outside the EU"))
    assert "§ 33 UStDV" in text(read("without an address"))
    assert "VAT 20% on" in text(read("one-stop shop"))
    taken_back = text(read("taken back"))
    assert "Stornorechnung ST-2026-000003" in taken_back
    assert "Rechnung RE-2026-000017 vom 26.11.2026" in taken_back
    assert "Bereits bezahlt" not in taken_back


def test_an_invoice_of_many_lines_has_several_pages() -> None:
    reader = read("many lines")
    assert len(reader.pages) > 1
    for number, page in enumerate(reader.pages, start=1):
        said = page.extract_text()
        assert f"Seite {number} von {len(reader.pages)}" in said
        assert "USt-IdNr. DE136695976" in said
    assert text(reader).count("CloudMatic Complete") == 30


@pytest.fixture(scope="module")
def broken() -> Iterator[Callable[[bytes], list[str]]]:
    """The business rules of EN 16931-1 that an XML breaks."""
    with PySaxonProcessor(license=False) as processor:
        rules = processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(RULES))

        def found(xml: bytes) -> list[str]:
            node = processor.parse_xml(xml_text=xml.decode("utf-8"))
            report = rules.transform_to_string(xdm_node=node)
            assert "svrl:fired-rule" in report
            failures = re.findall(r"<svrl:failed-assert.*?</svrl:failed-assert>", report, re.DOTALL)
            return [
                re.sub(r".*\[(BR-[A-Z0-9-]+)\].*", r"\1", each, flags=re.DOTALL)
                for each in failures
            ]

        yield found


@each_kind
def test_no_business_rule_is_broken(broken: Callable[[bytes], list[str]], kind: str) -> None:
    assert broken(factur_x.xml(EVERY[kind])) == []


def test_a_business_rule_that_is_broken_is_found(broken: Callable[[bytes], list[str]]) -> None:
    xml = factur_x.xml(invoice(line(3600)))
    assert "BR-CO-15" in broken(xml.replace(b">36.00</ram:Grand", b">37.00</ram:Grand"))
    numbers = rb"<ram:SpecifiedTaxRegistration>.*?</ram:SpecifiedTaxRegistration>"
    nameless = re.sub(numbers, b"", factur_x.xml(EVERY["reverse charge"]), flags=re.DOTALL)
    assert "BR-AE-02" in broken(nameless)


def test_every_invoice_is_held_against_the_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules["facturx.generate_xml"]
    check, asked = module.xml_check_xsd, []

    def checking(xml: Any, **options: str) -> None:
        asked.append(options)
        check(xml, **options)

    monkeypatch.setattr(module, "xml_check_xsd", checking)
    xml = factur_x.xml(invoice())
    assert asked == [{"flavor": "factur-x", "level": "en16931"}]
    with pytest.raises(Exception, match="not valid against the official"):
        check(xml.replace(b"ram:DuePayableAmount", b"ram:Unheard"), **asked[0])


def test_signs_that_the_font_lacks_are_written_as_question_marks() -> None:
    strange = invoice(buyer=replace(UNKNOWN, user_name="株式 Ω 👩"))
    reader = PdfReader(io.BytesIO(invoice_sheet.write(strange, NOW)))
    assert "?? Ω ?" in text(reader)
    assert "株式 Ω 👩".encode() in attached(reader)


def test_amounts_are_written_with_two_digits() -> None:
    assert [factur_x._amount(Money(each)) for each in (0, 5, 123456, -5)] == [
        *("0.00", "0.05", "1234.56"),
        "-0.05",
    ]
