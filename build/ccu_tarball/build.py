"""One architecture's archive, from the locked packages to the finished file."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ccu_tarball import archive, components, launchers, licences, own, pruning, shared_libraries
from ccu_tarball.architectures import Architecture, of_this_machine
from ccu_tarball.bytecode import Compiler
from ccu_tarball.debian import PACKAGES
from ccu_tarball.downloads import Downloads
from ccu_tarball.errors import CommandFailed, PackagingFailed, TooBig
from ccu_tarball.lock import Carried, Locked, require
from ccu_tarball.programs import run
from ccu_tarball.refresh import requirement_names
from ccu_tarball.report import Progress
from ccu_tarball.tree import Tree, lay_packages, lay_python, unpack_debian

PACKED_LIMIT: Final = 16_000_000
UNPACKED_LIMIT: Final = 45_000_000

_OF_PYTHON: Final = frozenset(
    {
        "libpython3.11-minimal",
        "libpython3.11-stdlib",
        "python3-cffi-backend",
        "python3.11-minimal",
    }
)
"""Debian packages of which something is carried that no NEEDED leads to."""


@dataclass(frozen=True, slots=True)
class Folders:
    """Where a build works and what it keeps."""

    downloads: Path
    work: Path
    dist: Path


@dataclass(frozen=True, slots=True)
class Built:
    """A finished archive."""

    file: Path
    packed: int
    unpacked: int


def build(
    architecture: Architecture,
    lock: dict[str, Carried],
    folders: Folders,
    progress: Progress,
) -> Built:
    """Build the archive for `architecture`. Raises PackagingFailed."""
    carried = lock[architecture.name]
    require(carried, PACKAGES, requirement_names(own.REPOSITORY / "setup.py"))
    downloads = Downloads(folders.downloads)
    work = folders.work / architecture.name
    shutil.rmtree(work, ignore_errors=True)
    root = work / "archive"
    tree = Tree(root / "cloudmatic", architecture)

    progress.step(f"{len(carried.debian)} Debian packages, {len(carried.wheels)} wheels")
    debs = unpack_debian(_by_name(downloads.debian(carried.debian, architecture)), work / "debs")
    wheels = downloads.wheels(carried.wheels, architecture)
    lay_python(tree, debs)
    lay_packages(tree, debs, list(wheels.values()))
    licences.lay(tree, debs, carried.wheels)
    listed = components.wheel_components(tree, carried.wheels)
    progress.measured("everything from the packages, without shared libraries", tree)

    progress.step("leaving out what a hub has no use for")
    for step in pruning.STEPS:
        pruning.apply(step, tree)
        progress.measured(step.name, tree)
    own.lay_packages(tree)
    own.lay_hub_files(tree, root)
    launchers.write(tree)
    progress.measured("added: our own packages, scripts and pages", tree)

    progress.step("shared libraries")
    used = shared_libraries.carry(tree, shared_libraries.binaries(tree), debs) | _OF_PYTHON
    _make_startable(tree)
    licences.keep_debian(tree, used, debs)
    progress.measured("added: shared libraries that are needed", tree)
    shared_libraries.strip(tree)
    progress.measured("symbols stripped", tree)

    progress.step("precompiling")
    compiler = _compiler(lock, downloads, work / "compiler")
    installed_lib = f"{own.installed_at()}/lib"
    compiler.compile(tree.lib, installed_lib, list(own.OUR_PACKAGES))
    progress.measured("bytecode instead of sources (ours keep theirs)", tree)

    listed += components.debian_components(tree, [p for p in carried.debian if p.name in used])
    made_at = commit_time()
    components.write(tree, listed, made_at)
    progress.step("packing")
    return _pack(root, tree, folders.dist, made_at)


def commit_time() -> int:
    """Return the time that every file of the archive bears: SOURCE_DATE_EPOCH, or the commit's."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given is not None:
        return int(given)
    try:
        return int(run(["git", "-C", own.REPOSITORY, "log", "-1", "--format=%ct"]))
    except (CommandFailed, ValueError) as error:
        raise PackagingFailed(
            "this is no git checkout: set SOURCE_DATE_EPOCH to the seconds that the archive's "
            "files shall bear as their time"
        ) from error


def _compiler(lock: dict[str, Carried], downloads: Downloads, work: Path) -> Compiler:
    machine = of_this_machine()
    needed = lock[machine.name].debian
    debs = unpack_debian(_by_name(downloads.debian(needed, machine)), work / "debs")
    return Compiler(Tree(work / "tree", machine), debs)


def _by_name(files: dict[Locked, Path]) -> dict[str, Path]:
    return {locked.name: path for locked, path in files.items()}


def _make_startable(tree: Tree) -> None:
    """Modes come from Debian, from wheels and from git: only what is started may be startable."""
    for path in tree.lib.rglob("*"):
        if path.is_file():
            path.chmod(0o755 if path in {tree.loader, tree.interpreter} else 0o644)


def _pack(root: Path, tree: Tree, dist: Path, made_at: int) -> Built:
    archive.write_hashes(root)
    unpacked = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
    if unpacked > UNPACKED_LIMIT:
        raise TooBig("the unpacked tree", unpacked, UNPACKED_LIMIT)
    file = dist / f"cloudmatic-ccu-{own.version()}-{tree.architecture.name}.tar.gz"
    archive.pack(root, file, made_at)
    packed = file.stat().st_size
    if packed > PACKED_LIMIT:
        raise TooBig(file.name, packed, PACKED_LIMIT)
    return Built(file, packed, unpacked)
