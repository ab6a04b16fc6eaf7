"""What changed between two texts: line by line, and within a line word by word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

CONTEXT: Final = 1
"""How many lines that stay are shown around those that change."""

# A blank goes with its word: by itself it would make all texts alike, and the comparison slow.
_WORD: Final = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")
_MOST_WORK: Final = 4_000_000
"""Of all passages of two texts that are compared word by word; see `_work`. It takes 0.2 s."""
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
    shown, left = 0, _MOST_WORK
    for group in matcher.get_grouped_opcodes(CONTEXT):
        found += _gap(group[0][1] - shown)
        for kind, old_from, old_to, new_from, new_to in group:
            gone, come = before[old_from:old_to], after[new_from:new_to]
            shown = old_to
            if kind == "equal":
                found += _same(gone)
                continue
            words, others = _words(gone), _words(come)
            work = _work(words, others)
            in_words = _in_words(words, others) if 0 < work <= left else None
            left -= work if work <= left else 0
            found += [in_words] if in_words else _in_lines(gone, come)
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


def _words(lines: Sequence[str]) -> list[str]:
    return _WORD.findall("\n".join(lines))


def _work(words: Sequence[str], others: Sequence[str]) -> int:
    """How much difflib has to do at the most; nothing if there is nothing to compare.

    For each piece that stays it looks at each word, and at each pair of equal ones. Of texts that
    say the same word again and again that is the third power of their length.
    """
    counted = Counter(others)
    pairs = sum(counted[each] for each in words)
    return (len(words) + pairs) * min(len(words), len(others))


def _in_words(words: Sequence[str], others: Sequence[str]) -> Passage | None:
    """One passage with the words that differ; None if most of them do."""
    matcher = SequenceMatcher(None, words, others, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return None
    return Passage("changed", tuple(_pieces(matcher, words, others)))


def _in_lines(gone: Sequence[str], come: Sequence[str]) -> Iterator[Passage]:
    for line in filter(str.strip, gone):
        yield _whole("gone", line)
    for line in filter(str.strip, come):
        yield _whole("new", line)


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
