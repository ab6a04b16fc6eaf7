"""Minutes of load, at what portal and dashboard can do and far beyond: times, refusals, memory.

    python -m benchmarks.load [--seconds N] [--quick]

The portal is one process on PostgreSQL, asked for its products by a stranger, then for the
dashboard by a customer who is logged in; the hub's dashboard is asked through lighttpd. wrk asks
again as soon as it is answered: a few at once take all that there is, hundreds more than that.
Beyond, what cannot be served is refused (503); nothing else may happen. Memory is looked at after
each load, beside what it was before the first.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from yarl import URL

from benchmarks.databases import databases_of
from benchmarks.measure import Benchmark, Measured, Yardstick, parser, progress
from benchmarks.status_page import PAGE, pss
from benchmarks.wrk import Load, Pressed, press
from tests.demo.folders import open_folder
from tests.demo.portal_process import PortalProcess
from tests.demo.system import running_system
from tests.integration.portal.test_cli import Remote
from tests.integration.portal.world import Browser
from tests.simulated_ccu.account_files import USER_KEY

SWELLS_AT_MOST_MB: Final = 64.0
AT_CAPACITY: Final = 8
BEYOND: Final = 600
"""At once. lighttpd lets 512 in, and so many fewer are asked of the dashboard."""
BEYOND_ON_A_HUB: Final = 200


@dataclass(frozen=True, slots=True)
class _Target:
    """What is pressed: a page of the process `pid`; `beyond`: so many at once are too many."""

    name: str
    pid: int
    address: str
    headers: Mapping[str, str]
    beyond: int


def _parser() -> argparse.ArgumentParser:
    made = parser(__doc__)
    made.add_argument("--seconds", type=float, default=60.0, help="of each of the six loads")
    return made


def _measure(options: argparse.Namespace) -> list[Measured]:
    seconds = 1.0 if options.quick else options.seconds
    with open_folder("load") as folder, databases_of("postgresql") as databases:
        found = asyncio.run(_portal(folder, databases.new(), seconds))
    with open_folder("load") as folder:
        return found + asyncio.run(_dashboard(folder, seconds))


async def _portal(folder: Path, database: str, seconds: float) -> list[Measured]:
    mails = {"CLOUDMATIC_PORTAL_MAIL_FOLDER": str(folder / "mail")}
    portal = PortalProcess(folder, database=database, more=mails)
    await portal.run("migrate")
    printed = await portal.run("demo", "--user-key", USER_KEY)
    _, user, password = re.findall(r"LOGIN (\S+) (\S+) (\S+)", printed)[0]
    await portal.start()
    try:
        session = await _logged_in(portal.origin, user, password)
        pages = {"/products": {"Accept": "text/html"}, "/dashboard": session}
        found = []
        for path, headers in pages.items():
            target = _Target(f"portal {path}", portal.pid, portal.origin + path, headers, BEYOND)
            found += await asyncio.to_thread(_press, target, seconds)
        return found
    finally:
        await portal.stop()


async def _logged_in(origin: str, user: str, password: str) -> dict[str, str]:
    portal = Remote(origin)
    portal.origin = origin
    async with Browser(portal) as browser:
        if (await browser.log_in(user, password)).status != 303:
            raise RuntimeError("the login was refused")
        cookies = browser.session.cookie_jar.filter_cookies(URL(origin))
        return {"Cookie": "; ".join(f"{each.key}={each.value}" for each in cookies.values())}


async def _dashboard(folder: Path, seconds: float) -> list[Measured]:
    async with running_system(folder, today=datetime.now(UTC).date()) as system:
        await system.addon.until_enrolled()
        cookie = {"Cookie": f"cloudmatic_sid={system.ccu.engine.login('Admin').strip('@')}"}
        address = system.ccu.url + PAGE
        target = _Target("hub's dashboard", system.addon.pid, address, cookie, BEYOND_ON_A_HUB)
        return await asyncio.to_thread(_press, target, seconds)


def _press(target: _Target, seconds: float) -> list[Measured]:
    progress(f"load: {target.name}")
    # What the first requests bring into memory is no growth.
    press(Load(target.address, [target.headers], 200, min(5.0, seconds), AT_CAPACITY))
    before = pss(target.pid)
    at = press(Load(target.address, [target.headers], 200, seconds, AT_CAPACITY))
    beyond = press(Load(target.address, [target.headers], 200, seconds, target.beyond))
    grown = max(0.0, pss(target.pid) - before)
    return [
        *_told(f"{target.name}, {AT_CAPACITY} at once", at, refuses=False),
        *_told(f"{target.name}, {target.beyond} at once", beyond, refuses=True),
        _one(f"{target.name}: memory grown (PSS)", "MB", grown, SWELLS_AT_MOST_MB),
    ]


def _told(name: str, pressed: Pressed, *, refuses: bool) -> list[Measured]:
    """Broken connections and answers that are neither what was asked for nor a refusal: none."""
    served = pressed.rate - pressed.refused
    return [
        Measured(name=f"{name}: served", unit="/s", values=(served,), better="more"),
        _one(f"{name}: refused", "/s", pressed.refused, None if refuses else 0.0),
        Measured(
            name=f"{name}: 99 of 100 within",
            unit="ms",
            values=(pressed.p99,),
            yardstick=Yardstick("half of them", (pressed.median,)),
        ),
        _one(f"{name}: 999 of 1,000 within", "ms", pressed.p999),
        _one(f"{name}: failed", "", float(pressed.unexpected + pressed.broken), 0.0),
    ]


def _one(name: str, unit: str, value: float, target: float | None = None) -> Measured:
    return Measured(name=name, unit=unit, values=(value,), target=target)


BENCHMARK: Final = Benchmark(_parser, _measure)

if __name__ == "__main__":
    sys.exit(BENCHMARK.main())
