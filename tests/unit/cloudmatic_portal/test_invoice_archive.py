"""The document: that archives may keep it.

There is no reference validator (veraPDF is Java's, and not on PyPI): what ISO 19005-3 asks of a
file like ours is checked here by itself.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

from tests.invoicing import EVERY
from tests.unit.cloudmatic_portal.documents import NOW, read

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


class TestForArchives:
    """ISO 19005-3 (PDF/A-3), level b; clauses of ISO 19005-2/-3, which share their numbers."""

    @pytest.fixture(params=EVERY)
    def reader(self, request: pytest.FixtureRequest) -> PdfReader:
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
