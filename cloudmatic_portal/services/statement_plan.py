"""What an import would do with each line of a statement, and why. Nothing is changed here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain import statement as rules
from cloudmatic_portal.domain.books import Books
from cloudmatic_portal.domain.matching import (
    CURRENCY,
    Clues,
    Match,
    clues,
    is_account_number,
    match,
)
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.spotting import Nearby, spot
from cloudmatic_portal.domain.statement import (
    NO_REFERENCE,
    BankFile,
    BankLine,
    KnownLine,
    LineState,
    StoredLine,
)
from cloudmatic_portal.storage import books as stored_books
from cloudmatic_portal.storage import ledger as stored_ledger
from cloudmatic_portal.storage import statement as stored_statement

_SHORTEST_NAME: Final = 4
_LATER: Final = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLine:
    """What becomes of a line: `state` with the `match` behind it, or it is `known` already.

    `key` is the bank's own name of it, `identity` what will name it for ever. `returns` is the
    stored line that it takes back.
    """

    position: int
    line: BankLine
    key: str | None
    state: LineState
    match: Match | None = None
    known: KnownLine | None = None
    identity: str = ""
    returns: StoredLine | None = None

    @property
    def reason(self) -> str:
        """Why, as a word of `domain/matching.py`; `known` if it was imported before."""
        if self.known is not None:
            return "known"
        return "return" if self.match is None else self.match.reason


@dataclass(slots=True)
class Plan:
    """Plans the lines of one file, some at a time, in the order of `positions`.

    `lines` of the file are compared with each other, so all of them are known to it. `taken` is
    what orders were given by lines that are planned and not yet booked, `seen` are lines that will
    be stored before.
    """

    file: BankFile
    taken: dict[int, int] = field(default_factory=dict)
    seen: Sequence[KnownLine] = ()
    lines: tuple[BankLine, ...] = field(init=False)
    positions: tuple[int, ...] = field(init=False)
    _nearby: Nearby | None = None
    _returned: set[int] = field(default_factory=set)
    _keys: tuple[str | None, ...] = field(init=False)
    _contents: tuple[str, ...] = field(init=False)
    _places: dict[str, list[int]] = field(init=False)

    def __post_init__(self) -> None:
        self.lines = self.file.lines
        self._keys = rules.bank_keys(self.lines)
        self._contents = tuple(line.content for line in self.lines)
        self._places = defaultdict(list)
        for position, content in enumerate(self._contents):
            self._places[content].append(position)
        # The oldest first, and what is taken back after what it may take back.
        order = sorted(
            range(len(self.lines)),
            key=lambda at: (self.lines[at].returned, self.lines[at].day),
        )
        self.positions = tuple(order)

    def chunks(self, size: int) -> Iterator[Sequence[int]]:
        """`positions` in parts, where what is taken back is not among what it may take back."""
        bare = [at for at in self.positions if not self.lines[at].returned]
        for each in (bare, self.positions[len(bare) :]):
            for start in range(0, len(each), size):
                yield each[start : start + size]

    async def lines_at(
        self, connection: AsyncConnection, positions: Sequence[int], today: date
    ) -> tuple[PlannedLine, ...]:
        """What becomes of the lines at these positions, as things stand now."""
        stored = await self._stored(connection, positions)
        group = sorted({at for each in positions for at in self._places[self._contents[each]]})
        recognised = rules.recognise(
            {at: self.lines[at] for at in group},
            {at: self._keys[at] for at in group},
            stored,
            self.file.digest,
        )
        fresh = [at for at in positions if at not in recognised.known]
        matches = await self._matches(connection, fresh, recognised.doubtful, today)
        names = self._identities(fresh, stored)
        planned = []
        for at in positions:
            known = recognised.known.get(at)
            planned.append(await self._planned(connection, at, known, matches, names))
        return tuple(planned)

    async def _stored(
        self, connection: AsyncConnection, positions: Sequence[int]
    ) -> tuple[KnownLine, ...]:
        contents = {self._contents[at] for at in positions}
        keys = {key for at in positions if (key := self._keys[at]) is not None}
        stored = await stored_statement.known(connection, contents, keys)
        seen = [each for each in self.seen if each.content in contents or each.bank_key in keys]
        return (*stored, *seen)

    def remembered(self, planned: Iterable[PlannedLine]) -> list[KnownLine]:
        """The lines that will be stored by then, for a file that is imported after this one."""
        fresh = [each for each in planned if each.known is None]
        return [
            KnownLine(
                # Behind all that are stored now.
                line_id=line_id,
                content=self._contents[each.position],
                bank_key=each.key,
                statement=each.line.statement,
                file=self.file.digest,
            )
            for line_id, each in enumerate(fresh, start=_LATER + len(self.seen))
        ]

    def _identities(self, fresh: Sequence[int], stored: Iterable[KnownLine]) -> dict[int, str]:
        counts = Counter(each.content for each in stored)
        names = {}
        for at in sorted(fresh):
            counts[self._contents[at]] += 1
            count = counts[self._contents[at]]
            names[at] = rules.identity(self.lines[at], self._keys[at], count)
        return names

    async def _matches(
        self,
        connection: AsyncConnection,
        fresh: Sequence[int],
        doubtful: frozenset[int],
        today: date,
    ) -> dict[int, Match]:
        incoming = [at for at in fresh if is_payment(self.lines[at])]
        books = Books(taken=self.taken)
        said = await self._clues(connection, books, incoming, today)
        nothing = Clues(spot(), (), frozenset())
        return {
            at: match(self.lines[at], said.get(at, nothing), books, doubtful=at in doubtful)
            for at in fresh
        }

    async def _clues(
        self, connection: AsyncConnection, books: Books, incoming: Sequence[int], today: date
    ) -> dict[int, Clues]:
        said = {at: clues(self.lines[at]) for at in incoming}
        await _look_up(connection, books, said.values())
        unclear = [at for at in incoming if not _is_clear(said[at], books)]
        if not unclear:
            return said
        if self._nearby is None:
            self._nearby = Nearby(await stored_books.waiting_references(connection, today))
        said |= {at: clues(self.lines[at], self._nearby) for at in unclear}
        await look_around(connection, books, {at: self.lines[at] for at in unclear}, said)
        return said

    async def _planned(
        self,
        connection: AsyncConnection,
        at: int,
        known: KnownLine | None,
        matches: dict[int, Match],
        names: dict[int, str],
    ) -> PlannedLine:
        line = self.lines[at]
        if known is not None:
            return PlannedLine(
                position=at, line=line, key=self._keys[at], state="ignored", known=known
            )
        decided = matches[at]
        returns = None
        if decided.reason == "return":
            returns = await _taken_back(connection, line, self._returned)
        if returns is not None:
            self._returned.add(returns.line_id)
        state: LineState = "booked" if decided.booked or returns is not None else "open"
        if decided.reason in {"outgoing", "zero"}:
            state = "ignored"
        return PlannedLine(
            position=at,
            line=line,
            key=self._keys[at],
            state=state,
            match=decided,
            identity=names[at],
            returns=returns,
        )


def is_payment(line: BankLine) -> bool:
    """Whether it may be a customer's payment: money that came in, in our currency."""
    return line.incoming and not line.returned and line.amount.currency == CURRENCY


async def look_around(
    connection: AsyncConnection,
    books: Books,
    lines: dict[int, BankLine],
    said: dict[int, Clues],
) -> None:
    """Tell `books` what else may lead from `lines` to an order than a right reference."""
    await _look_up(connection, books, (said[at] for at in lines))
    words = {word for at in lines for word in said[at].words}
    await stored_books.add_accounts(
        connection,
        books,
        ibans={line.iban for line in lines.values() if line.iban},
        numbers={int(word) for word in words if is_account_number(word)},
        names={word for word in words if len(word) >= _SHORTEST_NAME and not word.isdecimal()},
    )


async def _taken_back(
    connection: AsyncConnection, line: BankLine, besides: set[int]
) -> StoredLine | None:
    """The one booked line, `besides` these, that `line` takes back; None if that is uncertain.

    So it is if its payment is not there as a whole: split by hand over several accounts, or taken
    back before by somebody's word.
    """
    amount = Money(-line.amount.cents, line.amount.currency)
    candidates = await stored_statement.returnable(connection, line.account, amount)
    left = [each for each in candidates if each.line_id not in besides]
    fitting = [each for each in left if _is_meant(line, each.line)]
    if len(fitting) != 1 or await stored_ledger.left(connection, fitting[0].source) != amount:
        return None
    return fitting[0]


def _is_meant(line: BankLine, earlier: BankLine) -> bool:
    if earlier.day > line.day:
        return False
    named = line.end_to_end.upper() not in NO_REFERENCE
    if named and line.end_to_end == earlier.end_to_end:
        return True
    mentioned = set(spot(line.text).clear) & set(spot(earlier.text, earlier.end_to_end).clear)
    return bool(mentioned) or (bool(line.iban) and line.iban == earlier.iban)


async def _look_up(connection: AsyncConnection, books: Books, said: Iterable[Clues]) -> None:
    references = {reference for each in said for reference in each.references}
    await stored_books.add_references(connection, books, references)


def _is_clear(said: Clues, books: Books) -> bool:
    return any(each in books.references or each in books.customers for each in said.spotted.clear)
