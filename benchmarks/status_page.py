"""The dashboard's status page through lighttpd: time per request, and memory of the service.

    python -m benchmarks.status_page [--quick]

Each round asks, in turn, for the status page, for a file that lighttpd serves by itself, for the
same page from a CGI program in Tcl, as a hub's add-ons usually are, and for the same page from an
aiohttp service that does nothing but answer (`yardsticks.py`), so that the machine's ups and downs
meet all alike. Each request has a connection of its own; how many come in a second is asked with
wrk, four at once. The
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
from benchmarks.wrk import Load, press
from benchmarks.yardsticks import Yardsticks, standing_beside
from tests.demo.folders import open_folder
from tests.demo.system import System, running_system
from tests.demo.walk import walk

PAGE: Final = "/addons/cloudmatic/"
FILE: Final = "/addons/cloudmatic/static/icon.svg"
TARGET_MS: Final = 2.0
FASTER_THAN_CGI: Final = 10.0
SLOWER_THAN_BARE: Final = 2.0
AT_ONCE: Final = 4
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
        sid = system.ccu.engine.login("Admin")
        page = await asyncio.to_thread(_page, system, sid)
        async with standing_beside(system, page) as beside:
            times = await asyncio.to_thread(_time, system, sid, beside, page, rounds)
            rates = await asyncio.to_thread(_rates, system, sid, beside, max(1, rounds // 200))
        idle = pss(system.addon.pid)
        await walk(system, lambda _step, _seconds: None)
        booked = pss(system.addon.pid)
    status, *others = (Yardstick(name, tuple(values)) for name, values in times.items())
    file, cgi, bare = others
    targets = {file: TARGET_MS, cgi: None, bare: bare.median * SLOWER_THAN_BARE}
    pages, by_cgi, by_bare = rates
    more = {by_cgi: by_cgi.median * FASTER_THAN_CGI, by_bare: by_bare.median / SLOWER_THAN_BARE}
    return [
        *(
            Measured(
                name=status.name, unit="ms", values=status.values, target=target, yardstick=other
            )
            for other, target in targets.items()
        ),
        *(
            Measured(
                name=f"{pages.name}, {AT_ONCE} at once",
                unit="/s",
                values=pages.values,
                better="more",
                target=target,
                yardstick=other,
            )
            for other, target in more.items()
        ),
        Measured(name="memory idle (PSS)", unit="MB", values=(idle,), target=TARGET_IDLE_MB),
        Measured(name="memory after a booking (PSS)", unit="MB", values=(booked,)),
    ]


def _rates(system: System, sid: str, beside: Yardsticks, rounds: int) -> list[Yardstick]:
    """Answers per second: the status page's, the CGI program's, the bare service's."""
    rates: dict[str, list[float]] = {PAGE: [], beside.cgi: [], beside.bare: []}
    for _ in range(rounds):
        for path, found in rates.items():
            load = Load(system.ccu.url + path, [_cookie(sid)], 200, 3.0, AT_ONCE)
            pressed = press(load)
            if pressed.unexpected or pressed.refused:
                raise RuntimeError(f"{path}: {pressed}")
            found.append(pressed.rate)
    names = ("status pages", "by a CGI program", "by a bare service")
    return [
        Yardstick(name, tuple(found)) for name, found in zip(names, rates.values(), strict=True)
    ]


def _page(system: System, sid: str) -> str:
    return _get(urlsplit(system.ccu.url).netloc, PAGE, _cookie(sid))


def _cookie(sid: str) -> dict[str, str]:
    return {"Cookie": f"cloudmatic_sid={sid.strip('@')}"}


def _time(
    system: System, sid: str, beside: Yardsticks, page: str, rounds: int
) -> dict[str, list[float]]:
    hub, cookie = urlsplit(system.ccu.url).netloc, _cookie(sid)
    tasks: dict[str, Callable[[], str]] = {
        "status page through lighttpd": lambda: _get(hub, PAGE, cookie),
        "static file from lighttpd": lambda: _get(hub, FILE, {}),
        "the same page by a CGI program": lambda: _get(hub, beside.cgi, cookie),
        "the same page by a bare service": lambda: _get(hub, beside.bare, cookie),
    }
    for name, task in tasks.items():
        if "same page" in name and task() != page:
            raise RuntimeError(f"{name} is another one")
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


def _get(netloc: str, path: str, headers: dict[str, str]) -> str:
    """One request on a connection of its own, as the first one of a visit is."""
    connection = HTTPConnection(netloc, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body: str = answer.read().decode("utf-8")
        if answer.status != 200:
            raise RuntimeError(f"{path}: HTTP {answer.status}: {body[:200]}")
        return body
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
