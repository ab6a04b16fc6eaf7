"""`./package.sh lock`: look up the newest versions and write the lock file anew."""

from __future__ import annotations

import ast
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ccu_tarball import lock, wheels
from ccu_tarball.architectures import ARCHITECTURES, PYTHON, Architecture, of_this_machine
from ccu_tarball.debian import PACKAGES, Apt
from ccu_tarball.downloads import sha256
from ccu_tarball.errors import IndexStale, NotOffered, PackagingFailed
from ccu_tarball.lock import Carried, Locked

Say = Callable[[str], None]


def refresh(setup_file: Path, apt_folder: Path, *, stale_is_fine: bool, say: Say) -> None:
    """Lock the newest versions for every architecture. Raises PackagingFailed."""
    if sys.version_info[:2] != tuple(map(int, PYTHON.split("."))):
        raise PackagingFailed(f"locking needs Python {PYTHON}: pip asks the one it runs under")
    carried = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        say("which Python packages are needed ...")
        pins = wheels.resolve(hub_requirements(setup_file), of_this_machine(), folder / "resolved")
        for architecture in ARCHITECTURES.values():
            say(f"{architecture.name} ...")
            carried[architecture.name] = Carried(
                debian=tuple(
                    _debian(
                        Apt(apt_folder / architecture.name, architecture),
                        architecture,
                        folder / architecture.name / "debian",
                        stale_is_fine=stale_is_fine,
                    )
                ),
                wheels=tuple(_wheels(pins, architecture, folder / architecture.name / "wheels")),
            )
    lock.write(carried)


def hub_requirements(setup_file: Path) -> list[str]:
    """Return `install_requires` of setup.py, which is what the hub carries."""
    return list(declared(setup_file, "install_requires"))


def declared(setup_file: Path, keyword: str) -> Any:
    """Return what setup.py gives `setup()` as `keyword`, without running it."""
    for node in ast.walk(ast.parse(setup_file.read_text("utf-8"))):
        if isinstance(node, ast.keyword) and node.arg == keyword:
            return ast.literal_eval(node.value)
    raise PackagingFailed(f"{setup_file} names no {keyword}")


def requirement_names(setup_file: Path) -> set[str]:
    """Return the names alone."""
    lines = hub_requirements(setup_file)
    return {re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0] for line in lines}


def _debian(
    apt: Apt, architecture: Architecture, folder: Path, *, stale_is_fine: bool
) -> list[Locked]:
    complaint = apt.update()
    if complaint and not stale_is_fine:
        raise IndexStale(architecture.name, complaint)
    versions = apt.versions(PACKAGES)
    if missing := [name for name in PACKAGES if name not in versions]:
        raise NotOffered(missing, architecture.name, "not in apt's lists (Debian 12 needed)")
    apt.download([(name, versions[name]) for name in PACKAGES], folder)
    return [
        Locked(name, versions[name], file.name, sha256(file))
        for name in PACKAGES
        for file in folder.glob(f"{name}_*.deb")
    ]


def _wheels(pins: Sequence[str], architecture: Architecture, folder: Path) -> list[Locked]:
    wheels.download(pins, architecture, folder)
    return [
        Locked(*wheels.name_and_version(file), file.name, sha256(file))
        for file in folder.glob("*.whl")
    ]
