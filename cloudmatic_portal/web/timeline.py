"""The picture of an account's access over time: where everything is drawn, in shares of the width.

Only rectangles and words at percentages: the picture stretches with the page, its words do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from cloudmatic_portal.domain.access import AccessPeriod
from cloudmatic_portal.domain.calendar import add_months
from cloudmatic_portal.services.overview import Overview

BarKind = Literal["running", "trial", "queued", "ordered"]

_LEAST_DAYS: Final = 60
_MOST_TICKS: Final = 4
_STEPS: Final = (1, 2, 3, 6, 12, 24, 48)
"""Months between two ticks."""
_LANE: Final = 48
_HEAD: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A period from `first_day` to `last_day`, drawn from `start` on, `width` wide (percent)."""

    name: str
    kind: BarKind
    first_day: date
    last_day: date
    start: str
    width: str
    top: int


@dataclass(frozen=True, slots=True)
class Lane:
    """The bars of one product, below its name at `top`."""

    name: str
    top: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """`ticks` are first days of months with their places; `today` is the place of today's mark."""

    lanes: tuple[Lane, ...]
    ticks: tuple[tuple[date, str], ...]
    today: str
    height: int

    @property
    def bars(self) -> tuple[Bar, ...]:
        return tuple(bar for lane in self.lanes for bar in lane.bars)


@dataclass(frozen=True, slots=True)
class _Scale:
    first: date
    last: date

    def place(self, day: date) -> float:
        """Where `day` begins, in percent; what lies outside is at the edge."""
        whole = (self.last - self.first).days + 1
        return min(100.0, max(0.0, 100 * (day - self.first).days / whole))


def timeline(overview: Overview) -> Timeline | None:
    """The picture for `overview`; None if there is nothing to draw."""
    spans = list(_spans(overview))
    if not spans:
        return None
    scale = _scale(spans, overview.today)
    names = list(dict.fromkeys(period.name for _, period in spans))
    lanes = []
    for number, name in enumerate(names):
        top = _HEAD + number * _LANE
        mine = (each for each in spans if each[1].name == name)
        lanes.append(Lane(name, top, tuple(_bar(*each, scale, top) for each in mine)))
    return Timeline(
        lanes=tuple(lanes),
        ticks=tuple(_ticks(scale)),
        today=_percent(scale.place(overview.today)),
        height=_HEAD + len(names) * _LANE + 28,
    )


def _spans(overview: Overview) -> Iterator[tuple[BarKind, AccessPeriod]]:
    for period in overview.periods:
        kind: BarKind = "running" if period.runs_on(overview.today) else "queued"
        yield "trial" if period.trial else kind, period
    for order in reversed(overview.open_orders):
        for line in order.lines:
            if line.days is not None:
                yield "ordered", AccessPeriod(*line.days, line.product, line.name)


def _scale(spans: Iterable[tuple[BarKind, AccessPeriod]], today: date) -> _Scale:
    """From what runs already, but no more past than a third of what is to come."""
    periods = [period for _, period in spans]
    last = max(*(period.last_day for period in periods), today + timedelta(days=_LEAST_DAYS))
    past = timedelta(days=(last - today).days // 3)
    first = max(today - past, min(*(period.first_day for period in periods), today))
    return _Scale(min(first, today - timedelta(days=7)), last)


def _bar(kind: BarKind, period: AccessPeriod, scale: _Scale, top: int) -> Bar:
    start = scale.place(period.first_day)
    width = scale.place(period.last_day + timedelta(days=1)) - start
    return Bar(
        name=period.name,
        kind=kind,
        first_day=period.first_day,
        last_day=period.last_day,
        start=_percent(start),
        width=_percent(width),
        top=top + 20,
    )


def _ticks(scale: _Scale) -> Iterator[tuple[date, str]]:
    months = (scale.last.year - scale.first.year) * 12 + scale.last.month - scale.first.month
    step = next((each for each in _STEPS if months <= each * _MOST_TICKS), _STEPS[-1])
    first_of_month = add_months(scale.first.replace(day=1), 1)
    for number in range(0, months, step):
        day = add_months(first_of_month, number)
        # A word at the very edge would be cut off.
        if 4 <= scale.place(day) <= 94:
            yield day, _percent(scale.place(day))


def _percent(share: float) -> str:
    return f"{share:.2f}%"
