"""`python -m tests.demo`: run hub and portal for people, or walk the main path once (--check)."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from tests.demo.addon import AddonFailed
from tests.demo.folders import open_folder
from tests.demo.network import is_free
from tests.demo.portal_process import PortalDied
from tests.demo.system import System, running_system
from tests.demo.walk import WalkFailed, walk
from tests.simulated_ccu.account_files import Case, account_files
from tests.simulated_ccu.engine_sessions import DEMO_USERS
from tests.simulated_ccu.host_programs import ProgramMissingError

HUB_PORT: Final = 8080
PORTAL_PORT: Final = 8081


def main() -> int:
    options = _parser().parse_args()
    try:
        return asyncio.run(_check() if options.check else _run(options))
    except (AddonFailed, PortalDied, WalkFailed, ProgramMissingError, OSError) as error:
        print(f"FEHLER: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run.sh", description=__doc__)
    parser.add_argument("--check", action="store_true", help="walk the main path once, then end")
    parser.add_argument("--port", type=int, default=HUB_PORT, help="of the hub's WebUI")
    parser.add_argument("--portal-port", type=int, default=PORTAL_PORT)
    parser.add_argument(
        "--case",
        type=Case,
        choices=list(Case),
        default=Case.LINKED,
        metavar="CASE",
        help="what the hub's account files hold: " + ", ".join(Case),
    )
    return parser


async def _check() -> int:
    began = time.perf_counter()

    def report(step: str, seconds: float) -> None:
        print(f"  ok  {seconds * 1000:7.0f} ms  {step}", flush=True)

    with open_folder("check") as folder:
        async with running_system(folder, today=_today()) as system:
            report("Portal, Zentrale und Add-on gestartet", time.perf_counter() - began)
            await walk(system, report)
    print(
        f"Der Weg von der Systemsteuerung zum richtigen Warenkorb geht "
        f"({time.perf_counter() - began:.1f} s)."
    )
    return 0


async def _run(options: argparse.Namespace) -> int:
    files = account_files(options.case, _today())
    hub_port = options.port if is_free(options.port) else 0
    portal_port = options.portal_port if is_free(options.portal_port) else 0
    with open_folder("demo") as folder:
        async with (
            _until_interrupted() as interrupted,
            running_system(
                folder,
                today=_today(),
                files=files,
                hub_port=hub_port,
                portal_port=portal_port,
                paypal=True,
            ) as system,
        ):
            _print_addresses(system)
            await interrupted.wait()
            print("\nBeende alles …", flush=True)
    return 0


@contextlib.asynccontextmanager
async def _until_interrupted() -> AsyncIterator[asyncio.Event]:
    interrupted = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, interrupted.set)
    yield interrupted


def _print_addresses(system: System) -> None:
    print("\nZentrale (WebUI):   " + system.ccu.url)
    for user in DEMO_USERS:
        print(f"    Anmeldung:      {user.name} / {user.password}  (Stufe {int(user.level)})")
    print("    Weg:            Einstellungen > Systemsteuerung > CloudMatic > Zugang buchen")
    print("Portal (Webseite):  " + system.portal.origin)
    for name, password in system.logins.items():
        print(f"    Anmeldung:      {name} / {password}")
    if system.paypal:
        print("PayPal (Sandbox):   " + system.paypal.base)
    if system.addon.keeps_its_user:
        print("\nHinweis: Dieser Ordner oder Python liegt, wo andere nicht lesen dürfen. Deshalb")
        print("läuft der Dienst der Zentrale hier als root; auf einer Zentrale gibt er root ab.")
    print("\nStrg+C beendet alles.", flush=True)


def _today() -> date:
    return datetime.now(ZoneInfo("Europe/Berlin")).date()


if __name__ == "__main__":
    sys.exit(main())
