"""The document: what a person reads, what a program reads, and that archives may keep it.

There is no reference validator (veraPDF is Java's, and not on PyPI): what ISO 19005-3 asks of a
file like ours is checked here by itself. The XML is checked against the profile's schema and, with
a processor of XSLT 3, against the business rules of EN 16931 that come with the factur-x package.
"""

from __future__ import annotations

import hashlib
import io
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import facturx  # type: ignore[import-untyped]
import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject
from saxonche import PySaxonProcessor  # type: ignore[import-not-found]

from cloudmatic_portal.clients import factur_x
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.web import formats, invoice_sheet
from tests.invoicing import EVERY, UNKNOWN, invoice, line

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
RULES = (
    Path(facturx.__file__).parent
    / "xsd_and_schematron"
    / "facturx-en16931"
    / "FACTUR-X_EN16931.xslt"
)
RAM = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"

each_kind = pytest.mark.parametrize("kind", EVERY)


@pytest.fixture(scope="module")
def read() -> Callable[[str], PdfReader]:
    made: dict[str, PdfReader] = {}

    def reader(kind: str) -> PdfReader:
        if kind not in made:
            made[kind] = PdfReader(io.BytesIO(invoice_sheet.write(EVERY[kind], NOW)), strict=True)
        return made[kind]

    return reader


def text(reader: PdfReader) -> str:
    pages = "\n".join(page.extract_text() for page in reader.pages)
    return pages.replace("\xa0", " ")


def attached(reader: PdfReader) -> bytes:
    [(name, files)] = reader.attachments.items()
    assert name == factur_x.FILE_NAME
    return bytes(files[0])


@each_kind
def test_what_a_person_reads_is_what_a_program_reads(
    read: Callable[[str], PdfReader], kind: str
) -> None:
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


def test_the_invoice_says_all_that_the_law_wants(read: Callable[[str], PdfReader]) -> None:
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


def test_other_treatments_bring_their_words(read: Callable[[str], PdfReader]) -> None:
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


def test_an_invoice_of_many_lines_has_several_pages(read: Callable[[str], PdfReader]) -> None:
    reader = read("many lines")
    assert len(reader.pages) > 1
    for number, page in enumerate(reader.pages, start=1):
        said = page.extract_text()
        assert f"Seite {number} von {len(reader.pages)}" in said
        assert "USt-IdNr. DE136695976" in said
    assert text(reader).count("CloudMatic Complete") == 30


class TestForArchives:
    """ISO 19005-3 (PDF/A-3), level b; clauses of ISO 19005-2/-3, which share their numbers."""

    @pytest.fixture(params=EVERY)
    def reader(self, request: pytest.FixtureRequest, read: Callable[[str], PdfReader]) -> PdfReader:
        return read(request.param)

    def test_header_identifier_and_no_encryption(self, reader: PdfReader) -> None:
        reader.stream.seek(0)
        start = reader.stream.read(20)
        # 6.1.2: the second line is a comment of at least four bytes beyond ASCII.
        assert re.match(rb"%PDF-1\.7\n%[\x80-\xff]{4}", start)
        assert "/ID" in reader.trailer  # 6.1.3
        assert "/Encrypt" not in reader.trailer

    def test_metadata_names_the_standard(self, reader: PdfReader) -> None:
        stream: Any = reader.root_object["/Metadata"].get_object()
        assert "/Filter" not in stream  # 6.6.2
        packet = stream.get_data().decode("utf-8")
        assert "<pdfaid:part>3</pdfaid:part>" in packet
        assert "<pdfaid:conformance>B</pdfaid:conformance>" in packet
        xmp = ElementTree.fromstring(re.sub(r"<\?xpacket.*?\?>", "", packet).strip("\n\ufeff "))  # noqa: S314
        facts = {
            each.tag.rpartition("}")[2]: "".join(each.itertext()).strip()
            for description in xmp.iter(f"{RDF}Description")
            for each in description
        }
        # Without the old information dictionary nothing can be at odds with the metadata (6.6.2.3).
        assert "/Info" not in reader.trailer
        assert facts["title"].endswith(("RE-2026-000017", "ST-2026-000003"))
        assert facts["creator"] == "Beispiel Fernzugriff GmbH"
        assert datetime.fromisoformat(facts["CreateDate"]) == NOW

    def test_it_says_what_it_carries(self, reader: PdfReader) -> None:
        """Factur-X 1.0, section 6.2: four properties, and the schema that explains them."""
        stream: Any = reader.root_object["/Metadata"].get_object()
        packet = stream.get_data().decode("utf-8")
        for name, value in (
            ("DocumentType", "INVOICE"),
            ("DocumentFileName", "factur-x.xml"),
            ("Version", "1.0"),
            ("ConformanceLevel", "EN 16931"),
        ):
            assert f"<fx:{name}>{value}</fx:{name}>" in packet
            assert f"<pdfaProperty:name>{name}</pdfaProperty:name>" in packet

    def test_colours_are_those_of_a_profile_inside(self, reader: PdfReader) -> None:
        intents: Any = reader.root_object["/OutputIntents"].get_object()
        [intent] = intents
        intent = intent.get_object()
        assert intent["/S"] == "/GTS_PDFA1"
        profile = intent["/DestOutputProfile"].get_object()
        assert profile["/N"] == 3
        assert profile.get_data()[36:40] == b"acsp"  # ICC.1, 7.2.9
        # 6.2.4.3: device colours are RGB or gray only, as the profile is one of RGB.
        for page in reader.pages:
            contents: Any = page.get_contents()
            assert not re.search(rb"\s[kK]\s", contents.get_data())

    def test_every_font_is_inside_and_every_sign_is_known(self, reader: PdfReader) -> None:
        fonts = [each for each in objects(reader) if each.get("/Type") == "/Font"]
        descendants = [each for each in fonts if each["/Subtype"] == "/CIDFontType2"]
        assert len(descendants) == 2
        for font in descendants:
            descriptor = font["/FontDescriptor"].get_object()
            assert descriptor["/FontFile2"].get_object().get_data()
            assert font["/CIDToGIDMap"] is not None  # 6.2.11.3.2
            assert re.match(r"/[A-Z]{6}\+|/MPDFAA\+", descriptor["/FontName"])
        for font in fonts:
            if font["/Subtype"] == "/Type0":
                assert font["/Encoding"] == "/Identity-H"
                assert "/ToUnicode" in font
        # 6.2.11.8: no sign without a glyph. Identity-H: two bytes each, 0 is the missing one.
        for page in reader.pages:
            assert "\x00" not in page.extract_text()

    def test_nothing_moves_shines_through_or_leads_elsewhere(self, reader: PdfReader) -> None:
        for each in objects(reader):
            assert not {"/JS", "/JavaScript", "/AA", "/OC", "/XFA"} & set(each)
            # 6.5: a place in the document, no action.
            assert isinstance(each.get("/OpenAction", ArrayObject()), ArrayObject)
            assert each.get("/Type") != "/Annot"
            # 6.2.10: transparency would need a blending colour space.
            assert each.get("/SMask", "/None") == "/None"
            assert float(each.get("/CA", 1)) == float(each.get("/ca", 1)) == 1.0
            assert each.get("/BM", "/Normal") == "/Normal"
            filters = str(each.get("/Filter", ""))
            assert "LZW" not in filters  # 6.1.7.2

    def test_the_xml_is_an_alternative_of_the_whole_document(self, reader: PdfReader) -> None:
        files: Any = reader.root_object["/AF"].get_object()
        [associated] = files
        spec = associated.get_object()
        assert (spec["/F"], spec["/UF"]) == ("factur-x.xml", "factur-x.xml")
        assert spec["/AFRelationship"] == "/Alternative"
        assert spec["/Desc"]
        stream = spec["/EF"]["/F"].get_object()
        assert stream["/Subtype"] in {"/text/xml", "/text#2Fxml"}
        data = stream.get_data()
        assert stream["/Params"]["/Size"] == len(data)
        digest = hashlib.md5(data, usedforsecurity=False).digest()
        assert stream["/Params"]["/CheckSum"].original_bytes == digest
        assert "/ModDate" in stream["/Params"]


def objects(reader: PdfReader) -> Iterator[Any]:
    """All dictionaries of the file, those of streams too."""
    size: Any = reader.trailer["/Size"]
    for number in range(1, int(size)):
        found = reader.get_object(number)
        if isinstance(found, DictionaryObject):
            yield found


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
