"""What each step of the build leaves and saves, as a table for docs/packaging.md."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ccu_tarball.archive import packed_size
from ccu_tarball.tree import Tree


@dataclass(frozen=True, slots=True)
class Line:
    """The tree after a step; `packed` is known only if a report was asked for."""

    step: str
    size: int
    packed: int | None


@dataclass
class Progress:
    """Says what is being done, and remembers the sizes."""

    architecture: str
    say: Callable[[str], None]
    with_packed: bool
    lines: list[Line] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    def step(self, text: str) -> None:
        """Say that something begins."""
        self.say(f"[{self.architecture}] {time.monotonic() - self._began:5.1f} s  {text} ...")

    def measured(self, step: str, tree: Tree) -> None:
        """Remember how large `tree` is after `step`."""
        packed = packed_size(tree.root) if self.with_packed else None
        self.lines.append(Line(step, tree.size(), packed))


def table(title: str, lines: Iterable[Line]) -> str:
    """Return the Markdown table of one architecture."""
    rows = [f"### {title}", "", "| step | unpacked MB | saved | packed MB | saved |"]
    rows += ["|---|--:|--:|--:|--:|"]
    before: Line | None = None
    for line in lines:
        saved = _megabytes(before.size - line.size) if before else ""
        packed = _megabytes(line.packed) if line.packed is not None else ""
        packed_saved = ""
        if before and before.packed is not None and line.packed is not None:
            packed_saved = _megabytes(before.packed - line.packed)
        rows.append(
            f"| {line.step} | {_megabytes(line.size)} | {saved} | {packed} | {packed_saved} |"
        )
        before = line
    return "\n".join(rows) + "\n"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.2f}"
