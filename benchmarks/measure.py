"""What all benchmarks share: what a measurement is, how it is told, and the command around it."""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal

Better = Literal["more", "less"]
HEADER: Final = (
    "| what | median | least – most | times | beside it | target |\n|---|---:|---:|---:|---|---:|"
)


@dataclass(frozen=True, slots=True)
class Yardstick:
    """Something simple, measured in the same run and unit, that tells what the machine can do."""

    name: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One thing that was measured, once or more often.

    `target` is what the median shall reach, from below or above as is `better`; None where nothing
    is asked. `curve` and `size` say of which growth curve this is a point, and where on it.
    """

    name: str
    unit: str
    values: tuple[float, ...]
    better: Better = "less"
    target: float | None = None
    yardstick: Yardstick | None = None
    curve: str | None = None
    size: int | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def met(self) -> bool:
        if self.target is None:
            return True
        return self.median >= self.target if self.better == "more" else self.median <= self.target


@dataclass(frozen=True, slots=True)
class Benchmark:
    """The command of one benchmark.

    `measure` takes the options of `parser` and tells what it has found. With `--quick` it shall
    take a moment, and its times prove nothing.
    """

    parser: Callable[[], argparse.ArgumentParser]
    measure: Callable[[argparse.Namespace], list[Measured]]

    def main(self) -> int:
        """Measure, print, and return 1 if a target is missed."""
        options = self.parser().parse_args()
        found = self.measure(options)
        print(table(found))
        return 0 if options.quick or all(each.met for each in found) else 1


def parser(doc: str | None) -> argparse.ArgumentParser:
    """A parser with the option that all have."""
    made = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--quick", action="store_true", help="a moment, to see that it runs")
    return made


def progress(line: str) -> None:
    """Say what goes on, apart from the results."""
    print(line, file=sys.stderr, flush=True)


def table(found: Iterable[Measured]) -> str:
    """The results as a table in Markdown."""
    return "\n".join((HEADER, *map(_row, found)))


def _row(each: Measured) -> str:
    spread = f"{number(min(each.values))} – {number(max(each.values))}"
    beside, target = "", ""
    if each.yardstick is not None:
        beside = f"{each.yardstick.name}: {number(each.yardstick.median)}"
        if each.yardstick.median:
            beside += f" ({number(each.median / each.yardstick.median)} times)"
    if each.target is not None:
        sign = "≥" if each.better == "more" else "≤"
        target = f"{sign} {number(each.target)}" + ("" if each.met else " **missed**")
    cells = (each.name, f"{number(each.median)} {each.unit}", spread, str(len(each.values)))
    return f"| {' | '.join((*cells, beside, target))} |"


def number(value: float) -> str:
    """Three digits that count, without an exponent; thousands apart."""
    if abs(value) >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.3g}" if abs(value) >= 0.001 or not value else f"{value:.6f}"
