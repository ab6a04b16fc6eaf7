"""What an installed add-on costs a hub that nobody looks at: wake-ups, bytes written, memory.

    ./package.sh x86_64
    python -m benchmarks.idle [--seconds N] dist/cloudmatic-ccu-*-x86_64.tar.gz

Needs root (what a process writes is told to root only). The hour is reckoned from N seconds of
rest, after what a start does is over; the question to the portal, once in three hours, is measured
by itself and not part of it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from benchmarks.measure import Benchmark, Measured, parser
from benchmarks.status_page import pss
from tests.demo.folders import open_folder
from tests.demo.system import System, running_system
from tests.demo.walk import walk

TARGET_IDLE_MB: Final = 45.0
TARGET_BOOKED_MB: Final = 60.0
_SETTLING_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class Counters:
    """What a process has done so far: times it went to sleep, bytes it sent to the card."""

    wake_ups: int
    written: int

    @classmethod
    def of(cls, pid: int) -> Self:
        process = Path(f"/proc/{pid}")
        wake_ups = sum(
            _number(thread / "status", "voluntary_ctxt_switches")
            for thread in (process / "task").iterdir()
        )
        return cls(wake_ups, _number(process / "io", "write_bytes"))


def _parser() -> argparse.ArgumentParser:
    made = parser(__doc__)
    made.add_argument("--seconds", type=float, default=180.0)
    made.add_argument("archive", type=Path)
    return made


def _measure(options: argparse.Namespace) -> list[Measured]:
    if os.geteuid() != 0:
        raise SystemExit("needs root: /proc/PID/io of another user is closed")
    settling = _SETTLING_SECONDS
    if options.quick:
        options.seconds, settling = 3.0, 1.0
    with open_folder("idle") as folder:
        return asyncio.run(
            _measure_in(folder, options.archive.resolve(), settling, options.seconds)
        )


async def _measure_in(
    folder: Path, archive: Path, settling: float, seconds: float
) -> list[Measured]:
    today = datetime.now(UTC).date()
    async with running_system(folder, today=today, archive=archive) as system:
        await system.addon.until_enrolled()
        await asyncio.sleep(settling)
        before = Counters.of(system.addon.pid)
        await asyncio.sleep(seconds)
        after = Counters.of(system.addon.pid)
        idle = pss(system.addon.pid)
        question = await asyncio.to_thread(_question, system)
        await walk(system, lambda _step, _seconds: None)
        booked = pss(system.addon.pid)
    hours = seconds / 3600
    wake_ups, written = after.wake_ups - before.wake_ups, after.written - before.written
    return [
        _one("wake-ups in an idle hour", "", wake_ups / hours),
        _one("bytes written in an idle hour", "", written / hours),
        *question,
        _one("memory idle (PSS)", "MB", idle, TARGET_IDLE_MB),
        _one("memory after a booking (PSS)", "MB", booked, TARGET_BOOKED_MB),
    ]


def _one(name: str, unit: str, value: float, target: float | None = None) -> Measured:
    return Measured(name=name, unit=unit, values=(value,), target=target)


def _question(system: System) -> list[Measured]:
    """Ask once as the service does; what that costs, once in three hours."""
    program = system.addon.root / "usr/local/addons/cloudmatic/current/bin/ccu-dashboard"
    began = time.perf_counter()
    child = subprocess.Popen(
        [program, "status", "--refresh"],
        env=system.addon.environment(),
        stdout=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    seconds, processor = time.perf_counter() - began, used.ru_utime + used.ru_stime
    name = "a question to the portal, unchanged"
    return [
        _one(name, "s", seconds),
        _one(f"{name}: of the processor", "s", processor),
        _one(f"{name}: bytes written", "", used.ru_oublock * 512),
    ]


def _number(file: Path, name: str) -> int:
    for line in file.read_text("ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise LookupError(f"{file} tells no {name}")


BENCHMARK: Final = Benchmark(_parser, _measure)

if __name__ == "__main__":
    sys.exit(BENCHMARK.main())
