"""References in what customers write on a transfer.

They write them between other words, in small letters, with blanks or hyphens, broken over lines,
glued to the next word, and mistyped. A reference is as in `domain/reference.py`: nine characters,
the last one a check character.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from cloudmatic_portal.domain.reference import ALPHABET, LENGTH, is_reference

MOST_TEXT: Final = 1000
"""Characters that are looked at; SEPA allows 140, and a name beside them."""

_POSSIBLE: Final = re.compile(f"[{ALPHABET}]{{{LENGTH},}}")
_RUN: Final = re.compile(r"[0-9A-Z]+")
# Signs that are taken for each other, by eye or by hand.
_ALIKE: Final = str.maketrans("BSZO0IL", "852QQ11")
_PART: Final = 6


@dataclass(frozen=True, slots=True)
class Spotted:
    """References that a text has: standing by themselves, or only as part of longer words."""

    clear: tuple[str, ...]
    glued: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """A reference that may be meant. `alone`: what looks like it stands by itself."""

    reference: str
    alone: bool


def spot(*texts: str) -> Spotted:
    """All well-formed references in `texts`, whoever's they are, in their order."""
    clear: dict[str, None] = {}
    glued: dict[str, None] = {}
    for text in texts:
        signs, edges = _signs(text)
        for run in _POSSIBLE.finditer(signs):
            for start in range(run.start(), run.end() - LENGTH + 1):
                window = signs[start : start + LENGTH]
                if is_reference(window):
                    alone = start in edges and start + LENGTH in edges
                    (clear if alone else glued)[window] = None
    return Spotted(tuple(clear), tuple(each for each in glued if each not in clear))


def words(text: str) -> tuple[str, ...]:
    """The words of `text` in capitals, without the signs between them."""
    return tuple(run[0] for run in _RUN.finditer(text[:MOST_TEXT].upper()))


class Nearby:
    """Finds which of many references may be meant by a text that has none of them right.

    One error touches one third of a reference, or swaps the two signs where two thirds meet. So
    the other two thirds, or these six signs swapped back, are looked up, and what they point to is
    compared.
    """

    def __init__(self, references: Iterable[str]) -> None:
        # Of a part that several references have, the values are strung together: there may be
        # hundreds of thousands of parts, and lists for them would take seconds and memory.
        self._by_part: dict[str, str] = {}
        self._by_looks: dict[str, str] = {}
        parts, looks = self._by_part, self._by_looks
        for reference in references:
            for part in (reference[:6], reference[3:], reference[:3] + reference[6:]):
                parts[part] = parts[part] + reference if part in parts else reference
            folded = reference.translate(_ALIKE)
            looks[folded] = looks[folded] + reference if folded in looks else reference

    def find(self, *texts: str) -> tuple[Near, ...]:
        """The references that a part of `texts` differs from by one error, or by look-alikes.

        One error is a wrong, missing or additional character, or two neighbours swapped; any
        number of signs may be look-alikes of the right ones instead (B 8, S 5, Z 2, O 0 Q).
        """
        found: dict[str, bool] = {}
        for text in texts:
            signs, edges = _signs(text)
            for reference, alone in (*self._looking(signs, edges), *self._mistyped(signs, edges)):
                found[reference] = found.get(reference, False) or alone
        return tuple(Near(reference, alone) for reference, alone in found.items())

    def _looking(self, signs: str, edges: frozenset[int]) -> Iterator[tuple[str, bool]]:
        folded = signs.translate(_ALIKE)
        for start in range(len(folded) - LENGTH + 1):
            window = folded[start : start + LENGTH]
            if window in self._by_looks:
                alone = start in edges and start + LENGTH in edges
                for reference in _each(self._by_looks[window]):
                    yield reference, alone

    def _mistyped(self, signs: str, edges: frozenset[int]) -> Iterator[tuple[str, bool]]:
        for start, part in self._pointers(signs):
            for reference in _each(self._by_part[part]):
                places = list(_places(signs, start, reference))
                if places:
                    yield reference, any(begin in edges and end in edges for begin, end in places)

    def _pointers(self, signs: str) -> Iterator[tuple[int, str]]:
        """Parts that are known, each with where a reference would begin then, give or take one."""
        known = self._by_part
        for start in range(len(signs) - _PART + 1):
            six = signs[start : start + _PART]
            swapped = six[:2] + six[3] + six[2] + six[4:]
            for part in (six, swapped):
                if part in known:
                    yield start, part
                    yield start - 3, part
            # Between the first and the last third there are two to four signs.
            first, ahead = six[:3], signs[start + 5 : start + 10]
            for part in (first + ahead[:3], first + ahead[1:4], first + ahead[2:]):
                if part in known:
                    yield start, part


def one_error(written: str, right: str) -> bool:
    """Whether the two are the same but for one error at most."""
    if abs(len(written) - len(right)) > 1:
        return False
    start = 0
    while start < min(len(written), len(right)) and written[start] == right[start]:
        start += 1
    rest, wanted = written[start:], right[start:]
    if len(rest) == len(wanted):
        swapped = rest[:2] == wanted[1::-1] and rest[2:] == wanted[2:]
        return rest[1:] == wanted[1:] or swapped
    return rest[1:] == wanted if len(rest) > len(wanted) else rest == wanted[1:]


def _each(strung: str) -> Iterator[str]:
    return (strung[at : at + LENGTH] for at in range(0, len(strung), LENGTH))


def _places(signs: str, start: int, reference: str) -> Iterator[tuple[int, int]]:
    """From where to where `reference` stands in `signs` with one error at most, near `start`."""
    for begin in range(max(0, start - 1), start + 2):
        for end in range(begin + LENGTH - 1, min(begin + LENGTH + 1, len(signs)) + 1):
            if one_error(signs[begin:end], reference):
                yield begin, end


def _signs(text: str) -> tuple[str, frozenset[int]]:
    """The letters and digits of `text`, and the places among them where a word begins or ends."""
    found = words(text)
    edges = {0}
    length = 0
    for word in found:
        length += len(word)
        edges.add(length)
    return "".join(found), frozenset(edges)
