"""CAMT.053 (statement of a day) and CAMT.052 (report within a day), of ISO 20022, all versions.

Elements are found by their name without namespace: banks send eight versions and more of either.
The XML is read as a hostile one: no document type, no entity, no network, entry by entry.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any, Final

from lxml import etree

from cloudmatic_portal.clients.bank_files import numbers
from cloudmatic_portal.domain.errors import StatementUnreadable
from cloudmatic_portal.domain.money import Money
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
# Business transaction codes of Deutsche Kreditwirtschaft for money that goes back.
RETURNS: Final = frozenset({"108", "109", "159", "181"})
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


class _Wrong(ValueError):
    """What is wrong with an element, and where it stands."""

    def __init__(self, problem: str, element: Any) -> None:
        super().__init__(problem)
        self.line: int | None = element.sourceline
        self.place = _name(element)


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
    except _Wrong as error:
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
        raise _Wrong("has a document type, which no bank's statement has", element)


def _begin(reading: _Reading, element: Any) -> None:
    name = _name(element)
    if name in _NOT_OURS and not reading.kind:
        raise _Wrong(_NOT_OURS[name], element)
    if name in _MESSAGES and not reading.kind:
        reading.form, reading.kind = _MESSAGES[name]
    if name == reading.kind:
        reading.account = reading.number = reading.opening = reading.last_day = ""
        reading.lines, reading.pending = [], 0


def _end(reading: _Reading, element: Any) -> None:
    name, parent = _name(element), element.getparent()
    within = reading.kind and parent is not None and _name(parent) == reading.kind
    if within and name == "Acct":
        reading.account = _own_account(element)
    elif within and name in {"ElctrncSeqNb", "LglSeqNb"}:
        reading.number = reading.number or _text(element)[:35]
    elif within and name == "CreDtTm":
        reading.last_day = _text(element)
    elif within and name == "Bal":
        _balance(reading, element)
    elif within and name == "Ntry":
        _entry(reading, element)
        element.clear()
    elif name == reading.kind and reading.kind:
        if not reading.account:
            raise _Wrong("names no account (Acct/Id)", element)
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
        raise _Wrong("stands before the account (Acct/Id)", entry)
    status = _find(entry, "Sts")
    said = _text(_find(status, "Cd")) or _text(status)
    if not said:
        raise _Wrong("has no status (Sts)", entry)
    if said != _BOOKED:
        reading.pending += 1
        return
    try:
        reading.lines += _lines(reading, entry)
    except _Wrong:
        raise
    except ValueError as error:
        raise _Wrong(str(error), entry) from error


def _lines(reading: _Reading, entry: Any) -> list[BankLine]:
    """One line for each transaction of the entry, if it tells what each one is worth."""
    amount = _signed(entry, _amount(_required(entry, "Amt")))
    whole = BankLine(
        account=reading.account,
        day=_day(entry, reading.last_day),
        amount=amount,
        bank_reference=_text(_find(entry, "AcctSvcrRef")),
        statement=reading.opening,
        returned=_is_return(entry),
        line=entry.sourceline or 0,
    )
    details = [each for group in _all(entry, "NtryDtls") for each in _all(group, "TxDtls")]
    if not details:
        return [replace(whole, text=_text(_find(entry, "AddtlNtryInf")))]
    parts = [_detailed(whole, each) for each in details]
    if len(parts) == 1:
        return [replace(parts[0], amount=amount)]
    amounts = [_part(each, amount) for each in details]
    known = [each for each in amounts if each is not None]
    if len(known) == len(parts) and sum(each.cents for each in known) == amount.cents:
        return [replace(part, amount=worth) for part, worth in zip(parts, known, strict=True)]
    # Not to be taken apart: one line that says what all of them say.
    texts = " ".join(part.text for part in parts if part.text)
    return [replace(whole, text=texts, returned=any(part.returned for part in parts))]


def _detailed(whole: BankLine, details: Any) -> BankLine:
    references = _find(details, "Refs")
    parties = _find(details, "RltdPties")
    role = "Dbtr" if whole.incoming else "Cdtr"
    party = _find(parties, role)
    name = _text(_find(party, "Pty", "Nm")) or _text(_find(party, "Nm"))
    ultimate = _find(parties, f"Ultmt{role}")
    behind = _text(_find(ultimate, "Pty", "Nm")) or _text(_find(ultimate, "Nm"))
    own = _text(_find(references, "AcctSvcrRef"))
    return replace(
        whole,
        payer=f"{name} ({behind})" if behind and behind != name else name,
        iban=numbers.iban(_text(_find(parties, f"{role}Acct", "Id", "IBAN"))),
        text=_remittance(details),
        end_to_end=_text(_find(references, "EndToEndId")),
        bank_reference=own or whole.bank_reference,
        returned=whole.returned or _find(details, "RtrInf") is not None or _is_return(details),
        line=details.sourceline or whole.line,
    )


def _remittance(details: Any) -> str:
    remittance = _find(details, "RmtInf")
    if remittance is None:
        return _text(_find(details, "AddtlTxInf"))
    said = [_text(each) for each in _all(remittance, "Ustrd")]
    for structured in _all(remittance, "Strd"):
        said.append(_text(_find(structured, "CdtrRefInf", "Ref")))
        said += [_text(_find(each, "Nb")) for each in _all(structured, "RfrdDocInf")]
        said += [_text(each) for each in _all(structured, "AddtlRmtInf")]
    return " ".join(each for each in said if each)


def _part(details: Any, entry: Money) -> Money | None:
    """What one transaction of several is worth, in the entry's currency; None if it is not said."""
    amounts = _find(details, "AmtDtls")
    stated = _find(details, "Amt")
    if stated is None:
        stated = _find(amounts, "TxAmt", "Amt")
    if stated is None:
        stated = _find(amounts, "InstdAmt", "Amt")
    if stated is None:
        return None
    amount = _amount(stated)
    if amount.currency != entry.currency:
        return None
    if _find(details, "CdtDbtInd") is not None:
        return _signed(details, amount)
    return amount if entry.cents > 0 else Money(-amount.cents, amount.currency)


def _is_return(element: Any) -> bool:
    if _text(_find(element, "RvslInd")) in {"true", "1"}:
        return True
    code = _find(element, "BkTxCd")
    family = _text(_find(code, "Domn", "Fmly", "SubFmlyCd"))
    own = _text(_find(code, "Prtry", "Cd")).split("+")
    return family == "RRTN" or (len(own) > 1 and own[1] in RETURNS)


def _signed(element: Any, amount: Money) -> Money:
    said = _required(element, "CdtDbtInd")
    direction = _text(said)
    if direction not in {"CRDT", "DBIT"}:
        raise _Wrong(f"is {numbers.shown(direction)}, neither CRDT nor DBIT", said)
    return amount if direction == "CRDT" else Money(-amount.cents, amount.currency)


def _amount(element: Any) -> Money:
    try:
        currency = numbers.currency(element.get("Ccy") or "")
        return numbers.cents(_text(element), currency)
    except ValueError as error:
        raise _Wrong(str(error), element) from error


def _day(entry: Any, last_day: str) -> date:
    """The day of booking; where a bank leaves it out, the last day of the statement."""
    for wanted in ("BookgDt", "ValDt"):
        found = _find(entry, wanted)
        said = _text(_find(found, "Dt")) or _text(_find(found, "DtTm"))
        if said:
            return _read_day(said, found)
    if not last_day:
        raise _Wrong("has no day (BookgDt)", entry)
    return _read_day(last_day, entry)


def _read_day(said: str, element: Any) -> date:
    try:
        return numbers.iso_day(said)
    except ValueError as error:
        raise _Wrong(str(error), element) from error


def _balance(reading: _Reading, balance: Any) -> None:
    """Keep the balance before a statement, and the day of the one after it."""
    kind = _text(_find(balance, "Tp", "CdOrPrtry", "Cd"))
    day = _find(balance, "Dt")
    if kind == "CLBD":
        said = _text(_find(day, "Dt")) or _text(_find(day, "DtTm"))
        reading.last_day = said or reading.last_day
    if kind in {"OPBD", "PRCD"} and reading.form == "CAMT.053" and not reading.opening:
        amount = _signed(balance, _amount(_required(balance, "Amt")))
        reading.opening = f"{amount.cents} {amount.currency}"


def _own_account(account: Any) -> str:
    number = _find(account, "Id")
    said = _text(_find(number, "IBAN")) or _text(_find(number, "Othr", "Id"))
    found = numbers.own_account(said)
    if not found:
        raise _Wrong(f"{numbers.shown(said)} is not an account", account)
    return found


def _required(element: Any, name: str) -> Any:
    found = _find(element, name)
    if found is None:
        raise _Wrong(f"lacks {name}", element)
    return found


def _find(element: Any, *names: str) -> Any:
    """The first element on the path of `names`, None if there is none."""
    for name in names:
        if element is None:
            return None
        element = next(iter(_all(element, name)), None)
    return element


def _all(element: Any, name: str) -> Iterator[Any]:
    return (each for each in element if _name(each) == name)


def _text(element: Any) -> str:
    return "" if element is None or element.text is None else " ".join(element.text.split())


def _name(element: Any) -> str:
    tag = element.tag
    return _local(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=1024)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
