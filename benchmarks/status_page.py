"""The dashboard's status page through lighttpd: time per request, and memory of the service.

    python -m benchmarks.status_page [--quick]

Each round asks, in turn, for the status page and for a file that lighttpd serves by itself, so
that the machine's ups and downs meet both alike. Each request has a connection of its own. The
session is looked up at the logic engine whenever the service's own memory of it is three seconds
old, as in real use. Quote medians and ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from benchmarks.measure import Benchmark, Measured, Yardstick, parser
from tests.demo.folders import open_folder
from tests.demo.system import System, running_system
from tests.demo.walk import walk

PAGE: Final = "/addons/cloudmatic/"
FILE: Final = "/addons/cloudmatic/static/icon.svg"
TARGET_MS: Final = 2.0
TARGET_IDLE_MB: Final = 50.0


def _parser() -> argparse.ArgumentParser:
    return parser(__doc__)


def _measure(options: argparse.Namespace) -> list[Measured]:
    with open_folder("benchmark") as folder:
        return asyncio.run(_measure_in(folder, 20 if options.quick else 1000))


async def _measure_in(folder: Path, rounds: int) -> list[Measured]:
    today = datetime.now(UTC).date()
    async with running_system(folder, today=today) as system:
        await system.addon.until_enrolled()
        times = await asyncio.to_thread(_time, system, system.ccu.engine.login("Admin"), rounds)
        idle = pss(system.addon.pid)
        await walk(system, lambda _step, _seconds: None)
        booked = pss(system.addon.pid)
    page, file = times
    return [
        Measured(
            name=page,
            unit="ms",
            values=tuple(times[page]),
            target=TARGET_MS,
            yardstick=Yardstick(file, tuple(times[file])),
        ),
        Measured(name="memory idle (PSS)", unit="MB", values=(idle,), target=TARGET_IDLE_MB),
        Measured(name="memory after a booking (PSS)", unit="MB", values=(booked,)),
    ]


def _time(system: System, sid: str, rounds: int) -> dict[str, list[float]]:
    hub = urlsplit(system.ccu.url).netloc
    cookie = {"Cookie": f"cloudmatic_sid={sid.strip('@')}"}
    tasks: dict[str, Callable[[], None]] = {
        "status page through lighttpd": lambda: _get(hub, PAGE, cookie),
        "static file from lighttpd": lambda: _get(hub, FILE, {}),
    }
    for task in tasks.values():
        for _ in range(max(2, rounds // 10)):
            task()
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            began = time.perf_counter()
            task()
            times[name].append((time.perf_counter() - began) * 1000)
    return times


def _get(netloc: str, path: str, headers: dict[str, str]) -> None:
    """One request on a connection of its own, as the first one of a visit is."""
    connection = HTTPConnection(netloc, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: HTTP {answer.status}")
    finally:
        connection.close()


def pss(pid: int) -> float:
    """Proportional set size of a process in MB: its own memory and its share of what is shared."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the kernel tells no PSS")


BENCHMARK: Final = Benchmark(_parser, _measure)

if __name__ == "__main__":
    sys.exit(BENCHMARK.main())
