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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("archive", type=Path)
    options = parser.parse_args()
    if os.geteuid() != 0:
        print("needs root: /proc/PID/io of another user is closed", file=sys.stderr)
        return 2
    with open_folder("idle") as folder:
        return 0 if asyncio.run(_measure(folder, options.archive.resolve(), options.seconds)) else 1


async def _measure(folder: Path, archive: Path, seconds: float) -> bool:
    today = datetime.now(UTC).date()
    async with running_system(folder, today=today, archive=archive) as system:
        await system.addon.until_enrolled()
        await asyncio.sleep(_SETTLING_SECONDS)
        before = Counters.of(system.addon.pid)
        await asyncio.sleep(seconds)
        after = Counters.of(system.addon.pid)
        idle = pss(system.addon.pid)
        question = await asyncio.to_thread(_question, system)
        await walk(system, lambda _step, _seconds: None)
        booked = pss(system.addon.pid)
    hours = seconds / 3600
    print(f"wake-ups per idle hour: {(after.wake_ups - before.wake_ups) / hours:.0f}")
    print(f"bytes written per idle hour: {(after.written - before.written) / hours:.0f}")
    print(f"one question to the portal, unchanged: {question}")
    print(
        f"memory (PSS): {idle:.1f} MB idle (target {TARGET_IDLE_MB}), "
        f"{booked:.1f} MB after a booking (target {TARGET_BOOKED_MB})"
    )
    return idle <= TARGET_IDLE_MB and booked <= TARGET_BOOKED_MB


def _question(system: System) -> str:
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
    return f"{seconds:.2f} s, {processor:.2f} s of processor, {used.ru_oublock * 512} bytes written"


def _number(file: Path, name: str) -> int:
    for line in file.read_text("ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise LookupError(f"{file} tells no {name}")


if __name__ == "__main__":
    sys.exit(main())
