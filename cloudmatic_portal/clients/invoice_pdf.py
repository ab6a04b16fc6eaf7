"""Draw an invoice: PDF/A-3b (ISO 19005-3) with the same invoice as XML inside.

What it says comes as a `Sheet`, in words; here it gets its places. Lengths are millimetres.
Importing this, or `factur_x`, loads the libraries for PDF, fonts and XML; do it late.
"""

from __future__ import annotations

import logging
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

from fpdf import FPDF
from fpdf.enums import AssociatedFileRelationship, XPos, YPos
from fpdf.fonts import TTFFont

from cloudmatic_portal.clients import factur_x
from cloudmatic_portal.clients.sheet import Sheet

HERE: Final = Path(__file__).parent.parent
_FONTS: Final = {"": "OpenSans-Regular.ttf", "B": "OpenSans-Semibold.ttf"}
_LOGO: Final = HERE / "static" / "logo.svg"

Colour = tuple[int, int, int]
_INK: Final[Colour] = (23, 33, 61)
_SOFT: Final[Colour] = (85, 96, 125)
_LINE: Final[Colour] = (216, 222, 236)
_ACCENT: Final[Colour] = (26, 44, 107)
_TINT: Final[Colour] = (233, 238, 251)
_GOOD: Final[Colour] = (29, 107, 67)

_LEFT: Final = 25.0
_RIGHT: Final = 190.0
_WIDE: Final = _RIGHT - _LEFT
_TOP: Final = 16.0
_ADDRESS: Final = 47.0
"""Where the sender's line stands: DIN 5008, form B, less what is above the window."""
_FACTS: Final = 122.0
_BOTTOM: Final = 34.0
_COLUMNS: Final = (78.0, 34.0, 15.0, 19.0, 19.0)

logging.getLogger("fontTools").setLevel(logging.WARNING)
logging.getLogger("fpdf").setLevel(logging.WARNING)


def draw(sheet: Sheet, xml: bytes, made_at: datetime) -> bytes:
    """The document, with `xml` attached as its other form."""
    page = _Page(sheet)
    page.set_creation_date(made_at)
    page.set_xmp_metadata(factur_x.metadata(sheet.title, sheet.author, sheet.title, made_at))
    page.embed_file(
        bytes=xml,
        basename=factur_x.FILE_NAME,
        mime_type="text/xml",
        desc=sheet.attachment,
        associated_file_relationship=AssociatedFileRelationship.ALTERNATIVE.value,
        creation_date=made_at,
        modification_date=made_at,
        checksum=True,
    )
    try:
        page.add_page()
        page.draw()
        return bytes(page.output())
    finally:
        _close(page)


def writable(character: str) -> bool:
    """Whether the font has a sign for it."""
    return ord(character) in _signs()


@cache
def _signs() -> frozenset[int]:
    probe = FPDF()
    for style, file in _FONTS.items():
        probe.add_font("Open Sans", style, HERE / "fonts" / file)
    fonts = [font for font in probe.fonts.values() if isinstance(font, TTFFont)]
    known = frozenset.intersection(*(frozenset(font.cmap) for font in fonts))
    _close(probe)
    return known


def _close(document: FPDF) -> None:
    """Close the font files, which fpdf2 leaves to the garbage collector."""
    for font in document.fonts.values():
        if isinstance(font, TTFFont):
            font.ttfont.close()


class _Page(FPDF):
    """A document of one or more pages, each with head and foot."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__(format="A4", enforce_compliance="PDF/A-3B")
        self.sheet = sheet
        for style, file in _FONTS.items():
            self.add_font("Open Sans", style, HERE / "fonts" / file)
        self.set_margins(_LEFT, _TOP, 210 - _RIGHT)
        self.set_auto_page_break(True, _BOTTOM)
        self.set_lang(sheet.language)
        self.set_title(sheet.title)
        self.set_author(sheet.author)
        self.set_subject(sheet.title)
        self.set_producer(factur_x.PRODUCER)
        self.set_creator(factur_x.PRODUCER)

    def header(self) -> None:
        self.image(_LOGO, _LEFT, _TOP, 13)
        self._write(self.sheet.brand, _LEFT + 17, _TOP + 0.8, size=15, bold=True, colour=_ACCENT)
        self._write(self.sheet.claim, _LEFT + 17, _TOP + 7.6, size=8.5, colour=_SOFT)
        if self.page_no() > 1:
            self._write(self.sheet.title, _LEFT, _TOP + 4, size=9, colour=_SOFT, align="R")
        self.set_y(_TOP + 24)

    def footer(self) -> None:
        top = 297 - _BOTTOM + 8
        self._rule(top)
        for place, lines in enumerate(self.sheet.foot):
            for row, line in enumerate(lines):
                left = _LEFT + place * _WIDE / len(self.sheet.foot)
                self._write(line, left, top + 2 + row * 3.6, size=7, colour=_SOFT)
        number = self.sheet.page.format(page=self.page_no(), pages="{nb}")
        self._write(number, _LEFT, 297 - 9, size=7, colour=_SOFT)

    def draw(self) -> None:
        sheet = self.sheet
        self._write(sheet.sender, _LEFT, _ADDRESS, size=7, colour=_SOFT)
        for row, line in enumerate(sheet.receiver):
            self._write(line, _LEFT, _ADDRESS + 6 + row * 5, size=10.5)
        end = self._draw_facts()
        self.set_y(max(end, _ADDRESS + 6 + len(sheet.receiver) * 5) + 12)
        self._paragraph(sheet.title, size=19, bold=True, colour=_ACCENT)
        self.ln(1.5)
        self._paragraph(sheet.intro, size=9.5)
        self.ln(5)
        self._draw_table()
        self._draw_sums()
        self.ln(5)
        for note in sheet.notes:
            self._paragraph(note, size=8.5, colour=_SOFT)
            self.ln(1.2)

    def _draw_facts(self) -> float:
        """The facts beside the address; where they end."""
        top = _ADDRESS
        for label, value in self.sheet.facts:
            self._write(label, _FACTS, top, size=7.5, colour=_SOFT)
            self._write(value, _FACTS, top + 3.6, size=9.5)
            top += 9.6
        return top

    def _draw_table(self) -> None:
        self._headings()
        for row in self.sheet.rows:
            high = 9 + 4 * len(row.details)
            if self.get_y() + high > 297 - _BOTTOM:
                self.add_page()
                self._headings()
            top = self.get_y() + 2
            self._write(row.name, _LEFT, top, size=9.5, bold=True, wide=_COLUMNS[0] - 2)
            for place, line in enumerate(row.details):
                self._write(
                    line, _LEFT, top + 5 + place * 4, size=8, colour=_SOFT, wide=_COLUMNS[0]
                )
            left = _LEFT + _COLUMNS[0]
            for place, (cell, wide) in enumerate(zip(row.cells, _COLUMNS[1:], strict=True)):
                lines = cell.split("\n")
                for below, line in enumerate(lines):
                    align = "L" if place == 0 else "R"
                    self._write(line, left, top + below * 4.2, size=9, wide=wide, align=align)
                left += wide
            self.set_y(top + high - 2)
            self._rule(self.get_y())

    def _headings(self) -> None:
        top, left = self.get_y(), _LEFT
        for place, (heading, wide) in enumerate(zip(self.sheet.headings, _COLUMNS, strict=True)):
            align = "L" if place < 2 else "R"
            self._write(heading, left, top, size=8, bold=True, colour=_SOFT, wide=wide, align=align)
            left += wide
        self._rule(top + 6, _ACCENT, 0.4)
        self.set_y(top + 6.4)

    def _draw_sums(self) -> None:
        high = 5.4 * (len(self.sheet.sums) + len(self.sheet.settled)) + 12
        if self.get_y() + high > 297 - _BOTTOM:
            self.add_page()
        self.ln(3)
        left = _LEFT + 76
        for label, amount, total in self.sheet.sums:
            top = self.get_y()
            if total:
                self.set_fill_color(*_TINT)
                self.rect(left - 3, top, _RIGHT - left + 5, 8.5, style="F", round_corners=True)
                top += 1.6
            size = 11.0 if total else 9.0
            colour = _ACCENT if total else _INK
            self._write(label, left, top, size=size, bold=total, colour=colour)
            self._write(amount, left, top, size=size, bold=total, colour=colour, align="R")
            self.set_y(top + (8.4 if total else 5.4))
        for label, amount in self.sheet.settled:
            top = self.get_y() + 0.6
            self._write(label, left, top, size=9, colour=_GOOD)
            self._write(amount, left, top, size=9, colour=_GOOD, align="R")
            self.set_y(top + 5)

    def _paragraph(
        self, text: str, *, size: float, bold: bool = False, colour: Colour = _INK
    ) -> None:
        self._style(size, bold=bold, colour=colour)
        self.set_x(_LEFT)
        self.multi_cell(
            _WIDE, size * 0.5, self._known(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )

    def _write(  # noqa: PLR0913 - where and how
        self,
        text: str,
        left: float,
        top: float,
        *,
        size: float,
        bold: bool = False,
        colour: Colour = _INK,
        align: str = "L",
        wide: float | None = None,
    ) -> None:
        """One line, made smaller if it does not fit."""
        wide = _RIGHT - left if wide is None else wide
        known = self._known(text)
        self._style(size, bold=bold, colour=colour)
        if (natural := self.get_string_width(known)) > wide:
            self._style(max(4.5, size * wide / natural), bold=bold, colour=colour)
        self.set_xy(left, top)
        self.c_margin = 0
        self.cell(wide, size * 0.45, known, align=align)

    def _style(self, size: float, *, bold: bool, colour: Colour) -> None:
        self.set_font("Open Sans", "B" if bold else "", size)
        self.set_text_color(*colour)

    def _known(self, text: str) -> str:
        """A sign that the font lacks would be an empty box, which PDF/A forbids."""
        return "".join(each if writable(each) or each == "\n" else "?" for each in text)

    def _rule(self, top: float, colour: Colour = _LINE, width: float = 0.2) -> None:
        self.set_draw_color(*colour)
        self.set_line_width(width)
        self.line(_LEFT, top, _RIGHT, top)
