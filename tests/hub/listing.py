"""What lies in a hub's file system, to compare before with after."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

_NOT_FILES = ("proc", "dev")


def listing(root: Path) -> dict[str, str]:
    """Every name below `root` -> kind, mode, owner, and what it holds."""
    return dict(_listed(root))


def without_runtime(listed: dict[str, str]) -> dict[str, str]:
    """Without what is on a tmpfs and differs between any two boots: logs and pid files."""
    return {
        name: what
        for name, what in listed.items()
        if not name.startswith(("var/log/", "var/run/lighttpd", "tmp/on"))
    }


def _listed(root: Path) -> Iterator[tuple[str, str]]:
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(folder) / name
            yield str(path.relative_to(root)), _facts(path)
        if Path(folder) == root:
            folders[:] = [name for name in folders if name not in _NOT_FILES]


def _facts(path: Path) -> str:
    facts = path.lstat()
    what = f"{stat.filemode(facts.st_mode)} {facts.st_uid}:{facts.st_gid}"
    if path.is_symlink():
        what += f" -> {path.readlink()}"
    elif stat.S_ISREG(facts.st_mode):
        what += " " + hashlib.sha256(path.read_bytes()).hexdigest()
    return what
