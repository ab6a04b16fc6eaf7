"""MT940, SWIFT's customer statement, with the structured `:86:` of German banks.

The fields are read by the package mt-940, one by one, so that an error has a line and a tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

from mt940 import models, processors, tags
from mt940.options import Options

from cloudmatic_portal.clients.bank_files import numbers
from cloudmatic_portal.clients.bank_files.camt_entry import RETURNS
from cloudmatic_portal.domain.errors import StatementUnreadable
from cloudmatic_portal.domain.statement import NO_REFERENCE, BankLine, Statement

FORM: Final = "MT940"
_TAG: Final = re.compile(r"^:([0-9]{2}[A-Z]?|NS):", re.MULTILINE)
_AMOUNT: Final = re.compile(r"[0-9]{1,12}(?:,[0-9]{0,2})?")
_BALANCE: Final = re.compile(r"([CD])([0-9]{6})([A-Z]{3})([0-9,]{1,15})")
# GLS and other banks of Atruvia write longer references than the standard allows.
_STATEMENT_LINE: Final = tags.StatementGLS()
_DETAILS: Final = tags.TransactionDetails()
_MOST_TAGS: Final = 500_000


@dataclass(frozen=True, slots=True)
class _Tag:
    """A field: its number, what it says, and the line where it stands."""

    number: str
    value: str
    line: int


def read(data: bytes, name: str) -> tuple[str, tuple[Statement, ...]]:
    """The format in words and what it says. Raises StatementUnreadable."""
    statements: list[Statement] = []
    current: _Block | None = None
    text = _decoded(data)
    found = list(islice(_TAG.finditer(text), _MOST_TAGS + 1))
    if len(found) > _MOST_TAGS:
        raise StatementUnreadable(name, "has too many tags to be a statement")
    for tag in _tags(text, found):
        try:
            if tag.number == "20":
                statements += current.done() if current else ()
                current = _Block()
            elif current is not None:
                current.take(tag)
        except (ValueError, ArithmeticError) as error:
            place = f":{tag.number}:"
            raise StatementUnreadable(name, str(error), line=tag.line, place=place) from error
    if current is None:
        raise StatementUnreadable(name, "has no statement: the tag :20: is missing")
    statements += current.done()
    return FORM, tuple(statements)


class _Block:
    """One statement, from its `:20:` on."""

    def __init__(self) -> None:
        self._account = ""
        self._currency = ""
        self._opening = ""
        self._number = ""
        self._lines: list[BankLine] = []
        self._at_line = False

    def take(self, tag: _Tag) -> None:
        kind = tag.number[:2]
        if kind == "25":
            self._take_account(tag)
        elif kind == "28":
            self._number = tag.value[:35]
        elif kind == "60":
            self._take_balance(tag)
        elif kind == "61":
            self._lines.append(self._statement_line(tag))
        elif kind == "86" and self._at_line:
            self._lines[-1] = _detailed(self._lines[-1], tag.value)
        # What comes behind the balance is about the statement, not about its last line.
        self._at_line = kind == "61" or (self._at_line and kind in {"86", "NS"})

    def done(self) -> tuple[Statement, ...]:
        if not self._account:
            return ()
        return (Statement(account=self._account, number=self._number, lines=tuple(self._lines)),)

    def _take_account(self, tag: _Tag) -> None:
        self._account = numbers.own_account(tag.value) or numbers.own_account(tag.value[:-3])
        if not self._account:
            self._account = tag.value.strip()[:35]
        if not self._account:
            raise ValueError("names no account")

    def _take_balance(self, tag: _Tag) -> None:
        found = _BALANCE.match(tag.value)
        if found is None:
            raise ValueError(f"{numbers.shown(tag.value)} is not a balance such as C261224EUR1,00")
        self._currency = found[3]
        self._opening = f"{_amount(found[4], found[1], found[3]).cents} {found[3]}"

    def _statement_line(self, tag: _Tag) -> BankLine:
        if not self._account:
            raise ValueError("stands before the account (:25:)")
        # Without a balance before it there is no currency; German banks hold accounts in euros.
        currency = self._currency or "EUR"
        said = _parsed(tag, currency)
        booked = said.get("entry_date") or said["date"]
        return BankLine(
            account=self._account,
            day=numbers.iso_day(f"{booked.year:04}-{booked.month:02}-{booked.day:02}"),
            amount=_amount(said["plain_amount"], said["status"], currency),
            bank_reference=_first_line(said.get("bank_reference")),
            end_to_end=_reference(said.get("customer_reference")),
            text=_first_line(said.get("extra_details")),
            statement=self._opening,
            returned=said["status"].startswith("R"),
            line=tag.line,
        )


def _parsed(tag: _Tag, currency: str) -> Mapping[str, Any]:
    """What the package makes of a `:61:`, and the amount as it stands there."""
    # Not by its `parse`, which logs what it cannot read: customers' payments.
    found = _STATEMENT_LINE.re.match(tag.value)
    if found is None:
        raise ValueError(f"{numbers.shown(tag.value)} is not as MT940 has it")
    transactions = models.Transactions(options=Options.all())
    values: dict[str, Any] = found.groupdict()
    values["status"] = values["status"].upper()
    plain = values["amount"] or ""
    _amount(plain, values["status"], currency)
    values = processors.date_fixup_pre_processor(transactions, _STATEMENT_LINE, values)
    values["currency"] = currency
    return {**_STATEMENT_LINE(transactions, dict(values)), "plain_amount": plain}


def _amount(text: str, mark: str, currency: str) -> Any:
    if not _AMOUNT.fullmatch(text):
        raise ValueError(f"{numbers.shown(text)} is not an amount such as 24,00")
    # RC takes back a credit, RD a debit.
    negative = mark in {"D", "RC"}
    whole, _, rest = text.partition(",")
    return numbers.cents(f"{'-' if negative else ''}{whole}.{rest.ljust(2, '0')}", currency)


def _detailed(line: BankLine, value: str) -> BankLine:
    """The line with what its `:86:` says; a second one continues the first."""
    transactions = models.Transactions(options=Options.all())
    said = {"transaction_details": value}
    found = processors.transaction_details_post_processor(
        transactions, _DETAILS, dict(said), dict(said)
    )
    if "transaction_details" in found:
        text = " ".join((found["transaction_details"] or "").split())
        return replace(line, text=f"{line.text} {text}".strip())
    iban = found.get("gvc_applicant_iban") or found.get("applicant_iban") or ""
    text = " ".join(
        part for part in (found.get("purpose"), found.get("additional_purpose")) if part
    )
    return replace(
        line,
        payer=" ".join((found.get("applicant_name") or "").split()),
        iban=numbers.iban(iban),
        text=f"{line.text} {text}".strip(),
        end_to_end=_reference(found.get("end_to_end_reference")) or line.end_to_end,
        returned=line.returned or (found.get("transaction_code") or "") in RETURNS,
    )


def _tags(text: str, found: Sequence[re.Match[str]]) -> Iterator[_Tag]:
    ends = [each.start() for each in found[1:]] + [len(text)]
    line, at = 1, 0
    # Where nothing was found there is an end all the same.
    for match, end in zip(found, ends, strict=False):
        line += text.count("\n", at, match.start())
        at = match.start()
        value = text[match.end() : end]
        yield _Tag(match[1], _without_end(value), line)


def _without_end(value: str) -> str:
    """The value without what closes a message (`-`, `-}`) or opens the next one (`{1:…`)."""
    kept = []
    for line in value.split("\n"):
        if line.strip() in {"-", "-}"} or line.startswith(("-}", "{")):
            break
        kept.append(line.rstrip())
    return "\n".join(kept).strip("\n")


def _decoded(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _reference(text: object) -> str:
    first = _first_line(text)
    return "" if first.upper() in NO_REFERENCE else first


def _first_line(text: object) -> str:
    return text.strip().split("\n")[0].strip() if isinstance(text, str) else ""
