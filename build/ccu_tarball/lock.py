"""The lock file: which packages travel in the archive, by version and SHA-256."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from ccu_tarball.architectures import ARCHITECTURES
from ccu_tarball.errors import LockFileUnusable

LOCK_FILE: Final = Path(__file__).resolve().parent.parent / "ccu_tarball.lock.json"
_FORMAT: Final = 1
# Debian's mark of a package that was built again from the same source, for some processors only.
_REBUILT: Final = re.compile(r"\+b\d+$")


@dataclass(frozen=True, slots=True, order=True)
class Locked:
    """One file of a registry."""

    name: str
    version: str
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Carried:
    """All that one architecture's archive is made from."""

    debian: tuple[Locked, ...]
    wheels: tuple[Locked, ...]


def read(file: Path = LOCK_FILE) -> dict[str, Carried]:
    """Return what is locked for each architecture's name. Raises LockFileUnusable."""
    try:
        content = json.loads(file.read_text("utf-8"))
        if content["format"] != _FORMAT:
            raise LockFileUnusable(file, f"its format is {content['format']}, not {_FORMAT}")
        return {name: _carried(content["architectures"][name]) for name in ARCHITECTURES}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LockFileUnusable(file, f"{type(error).__name__} {error}") from error


def require(carried: Carried, debian: Iterable[str], wheels: Iterable[str]) -> None:
    """Raise LockFileUnusable if one of these packages is not locked."""
    locked = {each.name for each in (*carried.debian, *carried.wheels)}
    if missing := sorted({*debian, *wheels} - locked):
        raise LockFileUnusable(
            LOCK_FILE, f"it is older than the code and lacks {', '.join(missing)}"
        )


def unequal(carried: Mapping[str, Carried]) -> list[str]:
    """Return a sentence for each Debian package that is not locked in one version everywhere.

    Debian releases an update for all processors at once: one of them then lacks it.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for architecture, each in carried.items():
        for package in each.debian:
            version = _REBUILT.sub("", package.version)
            found.setdefault(package.name, {}).setdefault(version, []).append(architecture)
    return [
        f"{name} is locked as "
        + ", ".join(f"{version} for {' and '.join(names)}" for version, names in versions.items())
        for name, versions in found.items()
        if len(versions) > 1
    ]


def write(carried: Mapping[str, Carried], file: Path = LOCK_FILE) -> None:
    """Write the lock file so that a change of version is a change of few lines."""
    content = {
        "format": _FORMAT,
        "architectures": {
            name: {
                "debian": [asdict(each) for each in sorted(carried[name].debian)],
                "wheels": [asdict(each) for each in sorted(carried[name].wheels)],
            }
            for name in ARCHITECTURES
        },
    }
    file.write_text(json.dumps(content, indent=1) + "\n", "utf-8")


def _carried(stored: Mapping[str, list[dict[str, str]]]) -> Carried:
    return Carried(
        debian=tuple(Locked(**each) for each in stored["debian"]),
        wheels=tuple(Locked(**each) for each in stored["wheels"]),
    )
