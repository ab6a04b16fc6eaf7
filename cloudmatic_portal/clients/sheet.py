"""What stands on an invoice, in words. Who draws it is `invoice_pdf`."""

from __future__ import annotations

from dataclasses import dataclass

from cloudmatic_portal.domain.account import Language


@dataclass(frozen=True, slots=True)
class Row:
    """An article: its name, what is small below it, and what stands in the other columns."""

    name: str
    details: tuple[str, ...]
    cells: tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """All words of a document, in its language.

    `sums` are label, amount and whether it is the sum of all that is above; `settled` says that it
    is paid, or how it is given back. `foot` are the columns at the bottom of each page. `page` has
    places for `{page}` and `{pages}`.
    """

    language: Language
    title: str
    brand: str
    claim: str
    sender: str
    receiver: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    intro: str
    headings: tuple[str, str, str, str, str]
    rows: tuple[Row, ...]
    sums: tuple[tuple[str, str, bool], ...]
    settled: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    foot: tuple[tuple[str, ...], ...]
    page: str
    author: str
    attachment: str
