"""Bars of the operators' pictures: where each begins and how long it is, in shares of the width."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from cloudmatic_portal.domain.figures import ORDER_WAYS
from cloudmatic_portal.services.figures import Figures


@dataclass(frozen=True, slots=True)
class Bar:
    """Drawn from `start` on, `width` wide (percent)."""

    start: str
    width: str


Bars = tuple[tuple[Bar, ...], ...]
"""For each line its bars, one behind the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charts:
    """The bars of each picture, in the order of its figures."""

    active: Bars
    endings: Bars
    open_amounts: Bars
    funnels: Bars
    orders: Bars
    income: Bars


def charts(figures: Figures) -> Charts:
    return Charts(
        active=bars([(each.bought, each.trial) for each in figures.active]),
        endings=bars([(each.ends, each.renew) for each in figures.endings]),
        open_amounts=bars([(each.amount.cents,) for each in figures.open_amounts]),
        funnels=bars(
            [(each.paid, each.ordered - each.paid, each.entered - each.ordered)
             for each in figures.funnels]
        ),
        orders=bars([tuple(each.made[way] for way in ORDER_WAYS) for each in figures.orders]),
        income=bars(
            [(max(0, each.left.cents), min(each.gone.cents, each.received.cents))
             for each in figures.income]
        ),
    )  # fmt: skip


def bars(lines: Sequence[Sequence[int]]) -> Bars:
    """The bars of `lines` of values, none below zero: the longest line takes the whole width."""
    most = max(map(sum, lines), default=0) or 1
    return tuple(tuple(_line(values, most)) for values in lines)


def _line(values: Sequence[int], most: int) -> Iterator[Bar]:
    for value, end in zip(values, accumulate(values), strict=True):
        yield Bar(_percent(end - value, most), _percent(value, most))


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f}%"
