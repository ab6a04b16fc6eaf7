"""All benchmarks in one frame, or those that are named.

    python -m benchmarks.run [NAME ...] [--quick] [--json FILE] [--write]

Prints one report in Markdown: the machine, a table for each benchmark with its yardsticks, the
growth curves. `--write` makes docs/performance.md and its pictures from it, `--json` keeps every
single value. The add-on's archive is the newest one in dist/ (`./package.sh x86_64`); a benchmark
that could not run is named in the report, and the exit status is 2. It is 1 if a target is missed,
but with `--quick`, whose times prove nothing.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks import machine, picture
from benchmarks.measure import Benchmark, Measured, parser, progress, table

NAMES: Final = (
    *("status_page", "checkout", "calendar", "statements", "fleet", "load", "archive", "idle"),
)
NEED_ARCHIVE: Final = frozenset({"archive", "idle"})
NEED_ROOT: Final = frozenset({"idle"})
PAGE: Final = machine.REPOSITORY / "docs" / "performance.md"
PICTURES: Final = machine.REPOSITORY / "docs" / "pictures"


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, by the benchmark's name, and why others were not run."""

    command: str
    machine: dict[str, str]
    found: dict[str, list[Measured]]
    not_run: dict[str, str]

    @property
    def curves(self) -> dict[str, list[Measured]]:
        """The points of each growth curve that has at least two."""
        curves: dict[str, list[Measured]] = defaultdict(list)
        for each in (each for many in self.found.values() for each in many):
            if each.curve is not None:
                curves[each.curve].append(each)
        return {title: points for title, points in curves.items() if len(points) > 1}

    def json(self) -> dict[str, Any]:
        return asdict(self)


def main() -> int:
    made = parser(__doc__)
    made.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}")
    made.add_argument("--json", type=Path, metavar="FILE")
    made.add_argument("--write", action="store_true", help=f"to {PAGE.name} as well")
    options = made.parse_args()
    if unknown := set(options.names) - set(NAMES):
        made.error(f"there is no {', '.join(sorted(unknown))}")
    if options.write and (options.quick or options.names):
        made.error("docs/performance.md is made of all benchmarks at their full size")
    report = run(options.names or NAMES, quick=options.quick)
    print(markdown(report))
    if options.json is not None:
        options.json.write_text(json.dumps(report.json(), indent=2, ensure_ascii=False) + "\n")
    if options.write:
        write(report)
    if report.not_run:
        return 2
    met = all(each.met for many in report.found.values() for each in many)
    return 0 if met or options.quick else 1


def run(names: tuple[str, ...] | list[str], *, quick: bool) -> Report:
    """Run the benchmarks one after the other."""
    words = ["python -m benchmarks.run", *(names if tuple(names) != NAMES else ())]
    facts = machine.facts()
    found, not_run = {}, {}
    for name in names:
        archive = _archive() if name in NEED_ARCHIVE else None
        if name in NEED_ARCHIVE and archive is None:
            not_run[name] = f"no archive in dist/: ./package.sh {platform.machine()}"
        elif name in NEED_ROOT and os.geteuid() != 0:
            not_run[name] = "needs root"
        else:
            progress(f"== {name}")
            found[name] = _run(name, archive, quick=quick)
    return Report(" ".join([*words, "--quick"] if quick else words), facts, found, not_run)


def _run(name: str, archive: Path | None, *, quick: bool) -> list[Measured]:
    benchmark: Benchmark = importlib.import_module(f"benchmarks.{name}").BENCHMARK
    words = (["--quick"] if quick else []) + ([str(archive)] if archive else [])
    options: argparse.Namespace = benchmark.parser().parse_args(words)
    return benchmark.measure(options)


def _archive() -> Path | None:
    """The newest archive for this machine's processor."""
    found = (machine.REPOSITORY / "dist").glob(f"cloudmatic-ccu-*-{platform.machine()}.tar.gz")
    return max(found, key=lambda each: each.stat().st_mtime, default=None)


def markdown(report: Report) -> str:
    """The report as a page."""
    parts = [
        "# Performance",
        f"Made by `{report.command}`; every value is the median of the times given.",
        "\n".join(("| machine | |", "|---|---|", *_rows(report.machine))),
    ]
    for name, found in report.found.items():
        doc = importlib.import_module(f"benchmarks.{name}").__doc__ or ""
        parts += [f"## {name}", doc.partition("\n")[0], table(found)]
    if report.curves:
        parts.append("## Growth")
        parts += [f"![{title}](pictures/{file_name(title)})" for title in report.curves]
    if report.not_run:
        parts += [
            "## Not run",
            "\n".join(f"- {name}: {why}" for name, why in report.not_run.items()),
        ]
    return "\n\n".join(parts) + "\n"


def _rows(facts: dict[str, str]) -> list[str]:
    return [f"| {name} | {value} |" for name, value in facts.items()]


def file_name(title: str) -> str:
    words = "".join(sign if sign.isalnum() else " " for sign in title.lower()).split()
    return f"{'-'.join(words)}.svg"


def write(report: Report) -> None:
    """Make docs/performance.md and the pictures in it."""
    PAGE.write_text(markdown(report), encoding="utf-8")
    PICTURES.mkdir(exist_ok=True)
    for title, points in report.curves.items():
        (PICTURES / file_name(title)).write_text(picture.curve(title, points), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
