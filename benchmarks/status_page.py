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
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from tests.demo.folders import open_folder
from tests.demo.system import System, running_system
from tests.demo.walk import walk

PAGE: Final = "/addons/cloudmatic/"
FILE: Final = "/addons/cloudmatic/static/icon.svg"
TARGET_MS: Final = 2.0
TARGET_IDLE_MB: Final = 50.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few requests, to see that it runs")
    quick = parser.parse_args().quick
    with open_folder("benchmark") as folder:
        met = asyncio.run(_measure(folder, 20 if quick else 1000))
    # A few requests prove nothing about time.
    return 0 if met or quick else 1


async def _measure(folder: Path, rounds: int) -> bool:
    """Measure, print, and return whether the targets are met."""
    today = datetime.now(UTC).date()
    async with running_system(folder, today=today) as system:
        await system.addon.until_enrolled()
        times = await asyncio.to_thread(_time, system, system.ccu.engine.login("Admin"), rounds)
        idle = pss(system.addon.pid)
        await walk(system, lambda _step, _seconds: None)
        booked = pss(system.addon.pid)
    _print(times, idle, booked)
    page = statistics.median(times["status page through lighttpd"])
    return page <= TARGET_MS and idle <= TARGET_IDLE_MB


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


def _print(times: dict[str, list[float]], idle: float, booked: float) -> None:
    print("| request | median ms | 95 % ms | fastest ms |\n|---|---:|---:|---:|")
    for name, each in times.items():
        middle, late = statistics.median(each), statistics.quantiles(each, n=20)[18]
        print(f"| {name} | {middle:.2f} | {late:.2f} | {min(each):.2f} |")
    page, file = (statistics.median(each) for each in times.values())
    print(f"\nThe page takes {page / file:.1f} times as long as the file; target: {TARGET_MS} ms.")
    print(f"Memory (PSS): {idle:.1f} MB idle, target {TARGET_IDLE_MB} MB; {booked:.1f} MB booked.")


if __name__ == "__main__":
    sys.exit(main())
