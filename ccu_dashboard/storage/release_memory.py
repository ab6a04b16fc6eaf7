"""When the hub last asked for a release, and the feed that it accepted: `releases.json`.

The signed feed itself is kept, not what was read in it: it is checked anew at every use, against
the keys that the program trusts by then. Beside it lies `latest`, what www/update.cgi tells.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ccu_dashboard.storage import atomic


@dataclass(frozen=True, slots=True)
class Asked:
    """When it was asked: by the clock, which may be wrong (UTC), and by the uptime of one boot."""

    at: datetime
    boot: str
    elapsed: float


@dataclass(frozen=True, slots=True)
class ReleaseMemory:
    """`trouble` is the stable reason why the last question brought nothing, empty if it did."""

    asked: Asked | None = None
    feed: str | None = None
    etag: str | None = None
    trouble: str = ""


NOTHING = ReleaseMemory()


def load(path: Path) -> ReleaseMemory:
    """Return what `path` holds; nothing if it is missing or unreadable."""
    try:
        return _decode(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return NOTHING


def save(path: Path, memory: ReleaseMemory) -> None:
    """Keep `memory`, unless the file says the same already. Raises OSError."""
    if load(path) != memory:
        atomic.replace(path, json.dumps(_encode(memory), indent=1).encode("ascii"))


def save_latest(path: Path, version: str, download: str) -> None:
    """Tell www/update.cgi, unless it is told already. Raises OSError."""
    content = f"version={version}\ndownload={download}\n".encode("ascii")
    try:
        told = path.read_bytes()
    except OSError:
        told = b""
    if told != content:
        atomic.replace(path, content)


def _encode(memory: ReleaseMemory) -> dict[str, Any]:
    asked = memory.asked
    return {
        "asked": asked
        and {"at": asked.at.isoformat(), "boot": asked.boot, "elapsed": asked.elapsed},
        "feed": memory.feed,
        "etag": memory.etag,
        "trouble": memory.trouble,
    }


def _decode(document: dict[str, Any]) -> ReleaseMemory:
    asked, feed, etag = document["asked"], document["feed"], document["etag"]
    return ReleaseMemory(
        asked=None if asked is None else _asked(asked),
        feed=None if feed is None else _text(feed),
        etag=None if etag is None else _text(etag),
        trouble=_text(document["trouble"]),
    )


def _asked(document: dict[str, Any]) -> Asked:
    at, elapsed = datetime.fromisoformat(_text(document["at"])), document["elapsed"]
    if at.tzinfo is None or not isinstance(elapsed, int | float):
        raise ValueError
    return Asked(at, _text(document["boot"]), float(elapsed))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
