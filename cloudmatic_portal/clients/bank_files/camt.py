"""CAMT.053 (statement of a day) and CAMT.052 (report within a day), of ISO 20022, all versions.

Elements are found by their name without namespace: banks send eight versions and more of either.
The XML is read as a hostile one: no document type, no entity, no network, entry by entry.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from cloudmatic_portal.clients.bank_files import camt_entry, numbers
from cloudmatic_portal.clients.bank_files.elements import Wrong, find, name_of, required, text_of
from cloudmatic_portal.domain.errors import StatementUnreadable
from cloudmatic_portal.domain.statement import BankLine, Statement

MOST_TAGS: Final = 6_000_000

_MESSAGES: Final = {"BkToCstmrStmt": ("CAMT.053", "Stmt"), "BkToCstmrAcctRpt": ("CAMT.052", "Rpt")}
_NOT_OURS: Final = {
    "BkToCstmrDbtCdtNtfctn": "a notification (CAMT.054): import the statement, CAMT.053",
    "CstmrCdtTrfInitn": "an order to pay (PAIN.001), not a statement",
    "CstmrDrctDbtInitn": "an order to collect (PAIN.008), not a statement",
}
# All else is looked for within these.
_TAGS: Final = (
    *_MESSAGES,
    *(kind for _, kind in _MESSAGES.values()),
    *_NOT_OURS,
    *("Acct", "ElctrncSeqNb", "LglSeqNb", "CreDtTm", "Bal", "Ntry"),
)
_BOOKED: Final = "BOOK"


@dataclass(slots=True)
class _Reading:
    """What has been read so far of the message."""

    name: str
    kind: str = ""
    form: str = ""
    account: str = ""
    number: str = ""
    opening: str = ""
    last_day: str = ""
    lines: list[BankLine] = field(default_factory=list)
    pending: int = 0
    statements: list[Statement] = field(default_factory=list)


def read(data: bytes, name: str) -> tuple[str, tuple[Statement, ...]]:
    """The format in words and what it says. Raises StatementUnreadable."""
    reading = _Reading(name)
    # In any encoding of XML a tag has this byte.
    if data.count(b"<") > MOST_TAGS:
        raise StatementUnreadable(name, "has too many elements to be a statement")
    try:
        for event, element in _elements(data):
            (_begin if event == "start" else _end)(reading, element)
    except etree.XMLSyntaxError as error:
        problem = f"not well-formed XML: {error.msg}"
        raise StatementUnreadable(name, problem, line=error.lineno) from error
    except Wrong as error:
        raise StatementUnreadable(name, str(error), line=error.line, place=error.place) from error
    if not reading.kind:
        raise StatementUnreadable(name, "XML, but neither CAMT.053 nor CAMT.052")
    return reading.form, tuple(reading.statements)


def _elements(data: bytes) -> Iterator[tuple[str, Any]]:
    events = etree.iterparse(
        io.BytesIO(data),
        events=("start", "end"),
        tag=[f"{{*}}{name}" for name in _TAGS],
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    for event, element in events:
        _refuse_document_type(element)
        yield event, element
    _refuse_document_type(events.root)


def _refuse_document_type(element: Any) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise Wrong("has a document type, which no bank's statement has", element)


def _begin(reading: _Reading, element: Any) -> None:
    name = name_of(element)
    if name in _NOT_OURS and not reading.kind:
        raise Wrong(_NOT_OURS[name], element)
    if name in _MESSAGES and not reading.kind:
        reading.form, reading.kind = _MESSAGES[name]
    if name == reading.kind:
        reading.account = reading.number = reading.opening = reading.last_day = ""
        reading.lines, reading.pending = [], 0


def _end(reading: _Reading, element: Any) -> None:
    name, parent = name_of(element), element.getparent()
    within = reading.kind and parent is not None and name_of(parent) == reading.kind
    if within and name == "Acct":
        reading.account = _own_account(element)
    elif within and name in {"ElctrncSeqNb", "LglSeqNb"}:
        reading.number = reading.number or text_of(element)[:35]
    elif within and name == "CreDtTm":
        reading.last_day = text_of(element)
    elif within and name == "Bal":
        _balance(reading, element)
    elif within and name == "Ntry":
        _entry(reading, element)
        element.clear()
    elif name == reading.kind and reading.kind:
        if not reading.account:
            raise Wrong("names no account (Acct/Id)", element)
        statement = Statement(
            account=reading.account,
            number=reading.number,
            lines=tuple(reading.lines),
            pending=reading.pending,
        )
        reading.statements.append(statement)
        element.clear()


def _entry(reading: _Reading, entry: Any) -> None:
    if not reading.account:
        raise Wrong("stands before the account (Acct/Id)", entry)
    status = find(entry, "Sts")
    said = text_of(find(status, "Cd")) or text_of(status)
    if not said:
        raise Wrong("has no status (Sts)", entry)
    if said != _BOOKED:
        reading.pending += 1
        return
    try:
        reading.lines += camt_entry.lines(
            entry,
            account=reading.account,
            opening=reading.opening,
            last_day=reading.last_day,
        )
    except Wrong:
        raise
    except ValueError as error:
        raise Wrong(str(error), entry) from error


def _balance(reading: _Reading, balance: Any) -> None:
    """Keep the balance before a statement, and the day of the one after it."""
    kind = text_of(find(balance, "Tp", "CdOrPrtry", "Cd"))
    day = find(balance, "Dt")
    if kind == "CLBD":
        said = text_of(find(day, "Dt")) or text_of(find(day, "DtTm"))
        reading.last_day = said or reading.last_day
    if kind in {"OPBD", "PRCD"} and reading.form == "CAMT.053" and not reading.opening:
        amount = camt_entry.signed(balance, camt_entry.amount_of(required(balance, "Amt")))
        reading.opening = f"{amount.cents} {amount.currency}"


def _own_account(account: Any) -> str:
    number = find(account, "Id")
    said = text_of(find(number, "IBAN")) or text_of(find(number, "Othr", "Id"))
    found = numbers.own_account(said)
    if not found:
        raise Wrong(f"{numbers.shown(said)} is not an account", account)
    return found
