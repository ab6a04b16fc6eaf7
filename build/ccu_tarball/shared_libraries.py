"""The shared libraries that are really needed: found by following NEEDED from every binary."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from ccu_tarball.architectures import Architecture
from ccu_tarball.errors import LibraryMissing
from ccu_tarball.programs import run
from ccu_tarball.tree import Tree

_NEEDED: Final = re.compile(r"\(NEEDED\).*\[(.+)\]")


def binaries(tree: Tree) -> list[Path]:
    """Return every program and library in `tree`."""
    return sorted(path for path in tree.files() if _is_elf(path))


def carry(tree: Tree, roots: Iterable[Path], debs: Mapping[str, Path]) -> set[str]:
    """Copy the libraries that `roots` need, and theirs, to lib/; returns the packages they are of.

    Raises LibraryMissing.
    """
    offered = _offered(tree.architecture, debs)
    used = {_copy(tree, tree.architecture.loader, "the interpreter", offered)}
    waiting = list(roots)
    while waiting:
        needed = _needed(tree.architecture, waiting)
        waiting = []
        for name, needed_by in needed.items():
            if not (tree.lib / name).exists():
                used.add(_copy(tree, name, needed_by, offered))
                waiting.append(tree.lib / name)
    return used


def strip(tree: Tree) -> None:
    """Take symbols and debugging information out of every binary."""
    tool = tree.architecture.tool("strip")
    run([tool, "--strip-unneeded", "--enable-deterministic-archives", *binaries(tree)])


def _is_elf(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(4) == b"\x7fELF"


def _offered(architecture: Architecture, debs: Mapping[str, Path]) -> dict[str, tuple[str, Path]]:
    """Return which package has which library."""
    offered = {}
    for package, folder in sorted(debs.items()):
        for place in ("lib", "usr/lib"):
            for path in (folder / place / architecture.triplet).glob("*.so*"):
                offered[path.name] = (package, path.resolve())
    return offered


def _copy(tree: Tree, name: str, needed_by: str, offered: Mapping[str, tuple[str, Path]]) -> str:
    if name not in offered:
        raise LibraryMissing(name, needed_by)
    package, path = offered[name]
    shutil.copyfile(path, tree.lib / name)
    return package


def _needed(architecture: Architecture, files: list[Path]) -> dict[str, str]:
    """Return the names that `files` need, each with one of those that do."""
    needed = {}
    for file in files:
        for name in _NEEDED.findall(run([architecture.tool("readelf"), "-dW", file])):
            needed[name] = file.name
    return needed
