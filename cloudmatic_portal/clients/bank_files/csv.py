"""CSV exports of German banks, by the table in `profiles.py`."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from cloudmatic_portal.clients.bank_files import numbers
from cloudmatic_portal.clients.bank_files.profiles import PROFILES, Columns, Profile
from cloudmatic_portal.domain.errors import StatementUnreadable
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.statement import BankLine, Statement

HEADER_WITHIN: Final = 40
"""Rows in which the header has to come; above it stand account, days and balance."""
MOST_COLUMNS: Final = 60

_SEPARATORS: Final = ";,\t"
_RETURN: Final = ("rueckbuchung", "ruecklastschrift", "retoure", "rueckueberweisung", "storno")


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the table and the line of the file where it ends."""

    cells: Sequence[str]
    line: int


class _Table:
    """The columns of a header, by what a profile calls them."""

    def __init__(self, profile: Profile, header: Sequence[str], places: Mapping[str, int]) -> None:
        """`places` is where in `header` each of its names stands, as `_bare` writes it."""
        self.profile = profile
        self._places: dict[Columns, int] = {}
        for columns in profile.columns:
            found = [places[_NAMES[name]] for name in columns if _NAMES[name] in places]
            if found:
                self._places[columns] = found[0]
        self.names = {columns: header[place].strip() for columns, place in self._places.items()}
        self.fits = all(columns in self._places for columns in profile.needs)
        self.width = max((self._places.get(each, 0) for each in profile.needs), default=0) + 1

    def cell(self, row: _Row, columns: Columns) -> str:
        """What stands in the first of `columns` that the table has."""
        place = self._places.get(columns)
        if place is None or place >= len(row.cells):
            return ""
        return " ".join(row.cells[place].split())


def looks_so(text: str) -> bool:
    """Whether `text` has the header of a bank that is known."""
    return _found(_rows(text)) is not None


def read(data: bytes, name: str) -> tuple[str, tuple[Statement, ...]]:
    """The format in words and what it says. Raises StatementUnreadable."""
    try:
        rows = list(_rows(decoded(data)))
    except csv.Error as error:
        raise StatementUnreadable(name, f"not readable as a table: {error}") from error
    found = _found(rows)
    if found is None:
        raise StatementUnreadable(name, "a table, but its header is none of a bank that is known")
    at, table = found
    own = _own_above(rows[:at])
    lines: dict[str, list[BankLine]] = {own: []}
    pending: dict[str, int] = {}
    for row in _body(rows[at + 1 :], table.profile):
        account, line = _line(name, table, row, own)
        if line is None:
            pending[account] = pending.get(account, 0) + 1
        else:
            lines.setdefault(account, []).append(line)
    accounts = [each for each in {**lines, **pending} if lines.get(each) or pending.get(each)]
    statements = tuple(
        Statement(account=each, lines=tuple(lines.get(each, ())), pending=pending.get(each, 0))
        for each in accounts or [own]
    )
    return f"CSV {table.profile.bank}", statements


def decoded(data: bytes) -> str:
    """UTF-8 or, as many banks still write, Windows-1252."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _rows(text: str) -> Iterator[_Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
    for cells in reader:
        yield _Row(cells[:MOST_COLUMNS], reader.line_num)


def _separator(text: str) -> str:
    counts = {each: text[:20_000].count(each) for each in _SEPARATORS}
    return max(counts, key=lambda each: counts[each])


def _found(rows: Iterator[_Row] | Sequence[_Row]) -> tuple[int, _Table] | None:
    """Where the header is, and of which bank."""
    try:
        for at, row in enumerate(rows):
            if at >= HEADER_WITHIN:
                return None
            # The last of several columns of one name: ING has the balance's currency first.
            places = {_bare(name): place for place, name in enumerate(row.cells)}
            for profile in PROFILES:
                table = _Table(profile, row.cells, places)
                if table.fits:
                    return at, table
    except csv.Error:
        return None
    return None


def _body(rows: Sequence[_Row], profile: Profile) -> Iterator[_Row]:
    for row in rows:
        cells = [cell for cell in row.cells if cell.strip()]
        if not cells:
            continue
        if _bare(cells[0]) in profile.ends or (
            profile.ends and _bare(cells[0]).startswith(tuple(profile.ends))
        ):
            return
        yield row


def _line(name: str, table: _Table, row: _Row, own: str) -> tuple[str, BankLine | None]:
    """The account of a row, and its line unless it is not booked yet."""
    profile = table.profile
    if len(row.cells) < table.width:
        problem = f"has {len(row.cells)} columns, not {table.width}"
        raise StatementUnreadable(name, problem, line=row.line)
    account, column = own, profile.own
    try:
        if profile.own:
            account = _account(table.cell(row, profile.own))
        if _waits(table, row):
            return account, None
        column = profile.day
        day = _day(table.cell(row, profile.day), profile)
        column = profile.amount or profile.credit
        amount = _amount(table, row)
    except ValueError as error:
        place = f"column {table.names[column]}"
        raise StatementUnreadable(name, str(error), line=row.line, place=place) from error
    return account, _bank_line(table, row, account, day, amount)


def _waits(table: _Table, row: _Row) -> bool:
    profile = table.profile
    if _bare(row.cells[0]) in profile.pending:
        return True
    return bool(profile.state) and not _bare(table.cell(row, profile.state)).startswith(
        profile.booked
    )


def _bank_line(table: _Table, row: _Row, account: str, day: date, amount: Money) -> BankLine:
    profile = table.profile
    incoming = amount.cents > 0 and profile.payer_of_incoming
    kind = _bare(table.cell(row, profile.kind))
    return BankLine(
        account=account,
        day=day,
        amount=amount,
        payer=table.cell(row, profile.payer_of_incoming if incoming else profile.payer),
        iban=numbers.iban(table.cell(row, profile.iban)),
        text=table.cell(row, profile.text),
        end_to_end=table.cell(row, profile.end_to_end),
        returned=kind.startswith(_RETURN),
        line=row.line,
    )


def _amount(table: _Table, row: _Row) -> Money:
    profile = table.profile
    currency = numbers.currency(table.cell(row, profile.currency) or "EUR")
    read_amount = numbers.cents if profile.iso else numbers.german
    if profile.amount:
        amount = read_amount(table.cell(row, profile.amount), currency)
        outgoing = _bare(table.cell(row, profile.sign)) in profile.outgoing
        return Money(-amount.cents, currency) if outgoing else amount
    debit, credit = table.cell(row, profile.debit), table.cell(row, profile.credit)
    if bool(debit) == bool(credit):
        raise ValueError("has to have one amount, either debit or credit")
    amount = read_amount(debit or credit, currency)
    return Money(-abs(amount.cents), currency) if debit else amount


def _day(text: str, profile: Profile) -> date:
    return numbers.iso_day(text) if profile.iso else numbers.german_day(text)


def _account(text: str) -> str:
    found = numbers.own_account(text)
    if not found:
        raise ValueError(f"{numbers.shown(text)} is not an account")
    return found


def _own_above(rows: Sequence[_Row]) -> str:
    """The account that is named above the table; nothing if none is."""
    for row in rows:
        for cell in row.cells:
            found = numbers.iban(cell.partition("/")[0])
            if found:
                return found
    return ""


def _bare(name: str) -> str:
    """Small letters and digits only: umlauts and accents as their letters."""
    spelled = name.casefold()
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("€", "eur")):
        spelled = spelled.replace(umlaut, letters)
    spelled = unicodedata.normalize("NFKD", spelled)
    return "".join(sign for sign in spelled if sign.isascii() and sign.isalnum())


_NAMES: Final = {
    name: _bare(name) for profile in PROFILES for columns in profile.columns for name in columns
}
