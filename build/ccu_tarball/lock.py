"""The lock file: which packages travel in the archive, by version and SHA-256."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from ccu_tarball.architectures import ARCHITECTURES
from ccu_tarball.errors import LockFileUnusable

LOCK_FILE: Final = Path(__file__).resolve().parent.parent / "ccu_tarball.lock.json"
_FORMAT: Final = 1


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
