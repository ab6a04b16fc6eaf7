"""Load from Debian's wrk, which costs the processors far less than a client in Python."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SCRIPT: Final = Path(__file__).with_name("wrk.lua")
MISSING: Final = "wrk is missing: apt-get install wrk"
_PATIENCE: Final = 60.0
"""Seconds that wrk gets beyond the load's own time."""


@dataclass(frozen=True, slots=True)
class Load:
    """GET requests to `address`, in turn with these headers, over so many connections at once,
    for so many seconds; and the only status that every answer should have.
    """

    address: str
    headers: Sequence[Mapping[str, str]]
    expected: int
    seconds: float
    at_once: int


@dataclass(frozen=True, slots=True)
class Pressed:
    """What came of a load. Times in milliseconds: the median, what 90, 99 and 99.9 of 100 stayed
    within, and the longest. Of the answers so many a second were `refused` (503). `unexpected`
    ones had another status still, `broken` connections none, and `late` ones took more than
    15 seconds.
    """

    rate: float
    median: float
    p90: float
    p99: float
    p999: float
    most: float
    refused: float
    unexpected: int
    broken: int
    late: int


def press(load: Load) -> Pressed:
    """Press; raises SystemExit if wrk is not installed, CalledProcessError if it fails."""
    if (wrk := shutil.which("wrk")) is None:
        raise SystemExit(MISSING)
    with tempfile.NamedTemporaryFile("w", encoding="ascii", suffix=".txt") as turns:
        for headers in load.headers:
            turns.write("\t".join(f"{name}: {value}" for name, value in headers.items()) + "\n")
        turns.flush()
        seconds = max(1, round(load.seconds))
        options = [
            "-t1",
            f"-c{load.at_once}",
            f"-d{seconds}s",
            "--timeout",
            "15s",
            "-s",
            str(SCRIPT),
        ]
        done = subprocess.run(
            [wrk, *options, load.address, "--", str(load.expected), turns.name],
            check=True,
            capture_output=True,
            text=True,
            timeout=seconds + _PATIENCE,
        )
    return _read(done.stdout)


def _read(output: str) -> Pressed:
    told = json.loads(output.rstrip().rsplit("\n", 1)[-1])
    milliseconds = {name: told[name] / 1000 for name in ("p90", "p99", "p999", "most")}
    seconds = told["microseconds"] / 1e6
    return Pressed(
        told["answers"] / seconds,
        refused=told["refused"] / seconds,
        median=told["p50"] / 1000,
        **milliseconds,
        unexpected=told["unexpected"],
        broken=told["broken"],
        late=told["late"],
    )
