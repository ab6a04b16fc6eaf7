"""Access over time as a picture: current, queued and trial periods, by product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from cloudmatic_link.status import PackageStatus

Kind = Literal["current", "queued", "trial", "grace"]

LANE: Final = 26
"""Height of one product's lane, in units of the picture; its width is 1000."""

WIDTH: Final = 1000
_MARGIN: Final = timedelta(days=7)
_LONGEST: Final = timedelta(days=1100)


@dataclass(frozen=True, slots=True)
class Bar:
    """One period in the picture, `x` and `width` of WIDTH."""

    period: PackageStatus
    kind: Kind
    x: int
    y: int
    width: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole picture. `today` is where today is; `lanes` are products with their `y`."""

    first: date
    last: date
    today: int
    bars: tuple[Bar, ...]
    lanes: tuple[tuple[str, int], ...]

    @property
    def height(self) -> int:
        return LANE * len(self.lanes)


def timeline(periods: Sequence[PackageStatus], today: date) -> Timeline | None:
    """The picture of what runs today or later; None if that is nothing."""
    shown = [each for each in periods if each.last_day >= today]
    if not shown:
        return None
    first = max(min(each.first_day for each in shown), today - _LONGEST)
    first = min(first, today) - _MARGIN
    last = min(max(each.last_day for each in shown), today + _LONGEST) + _MARGIN
    days = (last - first).days + 1

    def place(day: date) -> int:
        return round(min(max((day - first).days, 0), days) * WIDTH / days)

    names = list(dict.fromkeys(each.product.name for each in shown))
    bars = []
    for each in shown:
        start, end = place(each.first_day), place(each.last_day + timedelta(days=1))
        top = names.index(each.product.name) * LANE
        bars.append(Bar(each, _kind(each, today), start, top, max(3, end - start)))
    lanes = tuple((name, LANE * number) for number, name in enumerate(names))
    return Timeline(first, last, place(today), tuple(bars), lanes)


def _kind(period: PackageStatus, today: date) -> Kind:
    if period.trial:
        return "trial"
    if period.grace:
        return "grace"
    return "current" if period.first_day <= today else "queued"
