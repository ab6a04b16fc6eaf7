"""Documents of invoices, each drawn once, to be read by tests."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from functools import cache
from typing import Final

from pypdf import PdfReader

from cloudmatic_portal.web import invoice_sheet
from tests.invoicing import EVERY

NOW: Final = datetime(2026, 11, 26, 12, tzinfo=UTC)


@cache
def read(kind: str) -> PdfReader:
    """The document of one of `EVERY` invoice."""
    return PdfReader(io.BytesIO(invoice_sheet.write(EVERY[kind], NOW)), strict=True)


def text(reader: PdfReader) -> str:
    pages = "\n".join(page.extract_text() for page in reader.pages)
    return pages.replace("\xa0", " ")
