"""The facts about a machine without which a number says nothing."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from tests import postgres

REPOSITORY = Path(__file__).resolve().parents[1]


def facts() -> dict[str, str]:
    """Name and value of each, as they are now."""
    least, _, more = (f"{each:.1f}" for each in os.getloadavg())
    return {
        "day": datetime.now(UTC).date().isoformat(),
        "commit": _first_line("git", "-C", str(REPOSITORY), "describe", "--always", "--dirty"),
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{_memory_mb()} MB",
        "kernel": platform.release(),
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        "PostgreSQL": _postgresql(),
        "load before (1, 15 minutes)": f"{least}, {more}",
    }


def _processor() -> str:
    found = re.search(r"^model name\s*: (.+)$", _text("/proc/cpuinfo"), re.MULTILINE)
    return found[1] if found else platform.machine()


def _memory_mb() -> int:
    found = re.search(r"^MemTotal:\s*([0-9]+) kB", _text("/proc/meminfo"), re.MULTILINE)
    return int(found[1]) // 1024 if found else 0


def _postgresql() -> str:
    binaries = postgres.programs()
    if binaries is None:
        return "none"
    return _first_line(str(binaries / "postgres"), "--version").removeprefix("postgres ")


def _text(path: str) -> str:
    return Path(path).read_text("utf-8", "replace")


def _first_line(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.partition("\n")[0].strip()
