"""Bank statements: their lines, and how a line is told from another.

The same transaction is brought more than once: the same file again, an intraday report (CAMT.052)
and then the statement of the day (CAMT.053), exports whose days overlap. And two customers, or one
customer twice, send the same amount on one day. What tells them apart is, in this order:

1. the bank's own number of the transaction, where the bank gives one;
2. the content (account, day, amount, payer, text), and how often it occurred: the second equal
   line of a file is the second of all files;
3. the opening balance of the statement, where there is one: the same content after another balance
   may be another transaction or the same one in an export of other days. That is not to be told
   from here, and is left to somebody.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, get_args

from cloudmatic_portal.domain.money import Money

LineState = Literal["booked", "open", "ignored"]
LINE_STATES: Final[tuple[LineState, ...]] = get_args(LineState)
"""An open line waits on the work list; an ignored one is not for us, with the reason."""

MOST_KEY: Final = 200
"""Characters of a `bank_key`."""

_BETWEEN: Final = re.compile(r"[\W_]+")

NO_REFERENCE: Final = frozenset({"", "NONREF", "NOTPROVIDED", "NOTPROVIDEDN", "KREF", "NULL"})
"""What banks write where they have no number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankLine:
    """One booked transaction. `amount` is negative for money that went out.

    `account` is our IBAN. `text` is what the payer wrote, `end_to_end` the payer's own number of
    the transfer. `bank_reference` is the bank's number of it, `statement` the opening
    balance of the statement if it has one. `returned`: the bank says that it gives back or
    takes back an earlier transaction. `line` is where it stands in the file.
    """

    account: str
    day: date
    amount: Money
    payer: str = ""
    iban: str = ""
    text: str = ""
    end_to_end: str = ""
    bank_reference: str = ""
    statement: str = ""
    returned: bool = False
    line: int = 0

    @property
    def incoming(self) -> bool:
        return self.amount.cents > 0

    @property
    def content(self) -> str:
        """A digest of what the line says, whatever blanks and capitals it is written with."""
        parts = [self.account, self.day.isoformat(), str(self.amount.cents), self.amount.currency]
        named = "" if self.end_to_end.upper() in NO_REFERENCE else self.end_to_end
        parts += [_bare(each) for each in (self.payer, self.iban, self.text, named)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one file says of one account. `pending` transactions were left out: not booked yet."""

    account: str
    number: str = ""
    lines: tuple[BankLine, ...] = ()
    pending: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BankFile:
    """One file, or one of an archive. `form` is its format in words: CAMT.053, MT940, CSV ING."""

    name: str
    form: str
    digest: str
    statements: tuple[Statement, ...] = ()

    @property
    def lines(self) -> tuple[BankLine, ...]:
        return tuple(line for statement in self.statements for line in statement.lines)

    @property
    def pending(self) -> int:
        return sum(statement.pending for statement in self.statements)

    @property
    def accounts(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each.account for each in self.statements))

    @property
    def days(self) -> tuple[date, date] | None:
        """First and last day of its lines."""
        days = [line.day for line in self.lines]
        return (min(days), max(days)) if days else None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLine:
    """A line that was stored before, with what tells it from others. `file` is a digest."""

    line_id: int
    content: str
    bank_key: str | None
    statement: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLine:
    """A line as it is kept. `reason` is a word of `domain/matching.py`, `note` the operator's.

    `account_id` is whose payment it became, `returns` the line that it takes back.
    """

    line_id: int
    line: BankLine
    identity: str
    file: str
    state: LineState
    reason: str
    note: str | None = None
    account_id: int | None = None
    returns: int | None = None
    settled_at: datetime | None = None

    @property
    def source(self) -> str:
        """What the payment is called that it became."""
        return source_of(self.identity)


@dataclass(frozen=True, slots=True)
class Recognised:
    """Which lines of a file, by position, are known, and which may be."""

    known: Mapping[int, KnownLine]
    doubtful: frozenset[int]


def bank_keys(lines: Sequence[BankLine]) -> tuple[str | None, ...]:
    """The bank's own name of each line, None where it gives none.

    Banks repeat one number for all transactions of a batch, so day, amount and a count are added.
    """
    counts: Counter[str] = Counter()
    keys: list[str | None] = []
    for line in lines:
        if line.bank_reference.upper() in NO_REFERENCE:
            keys.append(None)
            continue
        key = f"{line.account}/{line.bank_reference}/{line.day}/{line.amount.cents}"
        counts[key] += 1
        keys.append(_short(f"{key}/{counts[key]}"))
    return tuple(keys)


def recognise(
    lines: Mapping[int, BankLine],
    keys: Mapping[int, str | None],
    stored: Iterable[KnownLine],
    file: str,
) -> Recognised:
    """Which of `lines`, by their position in the file, were stored before.

    Each stored line is one of them at most. `lines` has all lines of the file that have one of
    their contents or keys, and `stored` all stored ones.
    """
    before = sorted(stored, key=lambda each: each.line_id)
    by_key = {each.bank_key: each for each in before if each.bank_key is not None}
    known = {at: by_key[key] for at, key in keys.items() if key is not None and key in by_key}
    taken = {each.line_id for each in known.values()}
    free: dict[str, list[KnownLine]] = defaultdict(list)
    for each in before:
        if each.line_id not in taken:
            free[each.content].append(each)
    doubtful = set()
    for at, line in sorted(lines.items()) if free else ():
        candidates = free.get(line.content, [])
        if at in known or not candidates:
            continue
        unnumbered = [each for each in candidates if keys[at] is None or each.bank_key is None]
        same = [each for each in unnumbered if _same_statement(each, line)]
        if same:
            candidates.remove(same[0])
            known[at] = same[0]
        elif any(each.file != file for each in unnumbered):
            doubtful.add(at)
    return Recognised(known, frozenset(doubtful))


def identity(line: BankLine, key: str | None, count: int) -> str:
    """What names the line for ever: the bank's own name of it, or content and `count`."""
    named = key or f"{line.content}/{line.statement}/{count}"
    return hashlib.sha256(named.encode()).hexdigest()[:40]


def source_of(identity: str) -> str:
    """What names the payment that a line became, once for ever."""
    return f"bank:{identity}"


def _short(key: str) -> str:
    """The key, or a digest of one that is longer than any bank's."""
    return key if len(key) <= MOST_KEY else hashlib.sha256(key.encode()).hexdigest()


def _same_statement(stored: KnownLine, line: BankLine) -> bool:
    return not (stored.statement and line.statement) or stored.statement == line.statement


def _bare(text: str) -> str:
    return _BETWEEN.sub("", text.upper())
