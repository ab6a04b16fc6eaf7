"""A picture of black and white squares, as the portal draws a QR code and a hub shows it.

A hub has no library that could draw one, and takes no markup from elsewhere. So what travels is
rows of `0` and `1`, and nothing else can be in them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Self

_ROW: Final = re.compile(r"[01]{21,177}")
"""The sizes of ISO/IEC 18004."""


@dataclass(frozen=True, slots=True)
class Picture:
    """`rows` from top to bottom, `1` is black; as many columns as rows."""

    rows: tuple[str, ...]

    def __post_init__(self) -> None:
        size = len(self.rows)
        if not all(_ROW.fullmatch(row) and len(row) == size for row in self.rows) or not size:
            raise ValueError("not a square of 0 and 1")

    @property
    def size(self) -> int:
        return len(self.rows)

    @property
    def path(self) -> str:
        """The black squares as the `d` of an SVG path, one unit each."""
        drawn = []
        for y, row in enumerate(self.rows):
            x = 0
            for sign, run in groupby(row):
                length = len(list(run))
                if sign == "1":
                    drawn.append(f"M{x} {y}h{length}v1h-{length}z")
                x += length
        return "".join(drawn)

    def to_json(self) -> list[str]:
        return list(self.rows)

    @classmethod
    def from_json(cls, document: object) -> Self | None:
        """The picture, or None if that is none: a page can do without it."""
        if not isinstance(document, list) or not all(isinstance(row, str) for row in document):
            return None
        try:
            return cls(tuple(document))
        except ValueError:
            return None
