"""What changed between two texts: line by line, and within a line word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

CONTEXT: Final = 1
"""How many lines that stay are shown around those that change."""

_WORD: Final = re.compile(r"\w+|\s+|[^\w\s]")
_MOST_WORDS: Final = 4_000
"""Of two passages, that are compared word by word: the time grows with their product."""
_ALIKE: Final = 0.4

PieceKind = Literal["same", "gone", "new"]


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that stay, go or come."""

    kind: PieceKind
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines that stay, go, come, or change in some words; `gap` is how many are left out."""

    kind: Literal["same", "gone", "new", "changed", "gap"]
    pieces: tuple[Piece, ...] = ()
    gap: int = 0


def changes(old: str, new: str) -> tuple[Passage, ...]:
    """The passages that lead from `old` to `new`; none if they are the same."""
    before, after = old.splitlines(), new.splitlines()
    matcher = SequenceMatcher(None, before, after)
    found: list[Passage] = []
    shown = 0
    for group in matcher.get_grouped_opcodes(CONTEXT):
        found += _gap(group[0][1] - shown)
        for kind, old_from, old_to, new_from, new_to in group:
            gone, come = before[old_from:old_to], after[new_from:new_to]
            found += _same(gone) if kind == "equal" else _changed(gone, come)
            shown = old_to
    return (*found, *_gap(len(before) - shown)) if found else ()


def alike(one: str, other: str) -> float:
    """How many of the words of both stand in both, from 0 to 1: texts of one language share more
    than half of theirs, of two languages hardly any.
    """
    words, others = ({*re.findall(r"\w+", each.lower())} for each in (one, other))
    return len(words & others) / (len(words | others) or 1)


def _gap(lines: int) -> Iterator[Passage]:
    if lines > 0:
        yield Passage("gap", gap=lines)


def _same(lines: Sequence[str]) -> Iterator[Passage]:
    for line in filter(str.strip, lines):
        yield Passage("same", (Piece("same", line),))


def _changed(gone: Sequence[str], come: Sequence[str]) -> Iterator[Passage]:
    """One passage with the words that differ, if most of them do not; else what goes and comes."""
    before, after = (_WORD.findall("\n".join(each)) for each in (gone, come))
    if 0 < len(before) <= _MOST_WORDS and 0 < len(after) <= _MOST_WORDS:
        matcher = SequenceMatcher(None, before, after, autojunk=False)
        if matcher.ratio() >= _ALIKE:
            yield Passage("changed", tuple(_pieces(matcher, before, after)))
            return
    for kind, lines in (("gone", gone), ("new", come)):
        for line in filter(str.strip, lines):
            yield _whole("gone" if kind == "gone" else "new", line)


def _whole(kind: Literal["gone", "new"], line: str) -> Passage:
    return Passage(kind, (Piece(kind, line),))


def _pieces(
    matcher: SequenceMatcher[str], before: Sequence[str], after: Sequence[str]
) -> Iterator[Piece]:
    for kind, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if kind == "equal":
            yield Piece("same", "".join(before[old_from:old_to]))
            continue
        if old_to > old_from:
            yield Piece("gone", "".join(before[old_from:old_to]))
        if new_to > new_from:
            yield Piece("new", "".join(after[new_from:new_to]))
