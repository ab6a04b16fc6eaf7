"""`cloudmatic-portal demo`."""

from __future__ import annotations

import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cloudmatic_portal.cli import edge
from cloudmatic_portal.domain.calendar import BERLIN, berlin_day
from cloudmatic_portal.services import catalogue_file, demo
from cloudmatic_portal.services.secrets import Secrets
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage.database import Database, parse_url
from cloudmatic_portal.storage.schema import require_current

CATALOGUE: Final = Path(__file__).parent.parent / "catalogue.toml"
PASSWORD: Final = "willkommen-4711"  # noqa: S105 - of a demo on the own machine, and printed
_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class DemoRefused(Exception):
    """A portal that others can reach gets no accounts with a password that everybody knows."""


async def load_demo(
    settings: Settings, user_key: str, today: date | None, password: str | None
) -> None:
    """Load the demo catalogue and accounts, and print how to log in."""
    if password is None and urlsplit(settings.origin).hostname not in _THIS_MACHINE:
        raise DemoRefused(f"{settings.origin} is not this machine only: give a --password")
    password = password or PASSWORD
    now = edge.clock() if today is None else datetime.combine(today, time(12), BERLIN)
    accounts = demo.demo_accounts(_end(today, berlin_day(now)), berlin_day(now))
    products = catalogue_file.read(CATALOGUE.read_text("utf-8"))
    database = Database(parse_url(settings.database))
    try:
        await require_current(database)
        await demo.load(
            database,
            Secrets(settings.password_memory_kib),
            products,
            accounts,
            password=password,
            user_key=user_key,
            now=now,
        )
    finally:
        await database.close()
    sys.stdout.write("NOTE the prices are placeholders, none of them is an offer\n")
    for account in accounts:
        sys.stdout.write(f"LOGIN {account.account_id} {account.user_name} {password}\n")
    for voucher in demo.demo_vouchers(berlin_day(now)):
        sys.stdout.write(f"VOUCHER {voucher.code} {voucher.kind} {voucher.value}\n")


def _end(pretended: date | None, today: date) -> date:
    """24 December of the pretended year if that is still to come, else 30 days from now."""
    if pretended is not None and pretended <= date(pretended.year, 12, 24):
        return date(pretended.year, 12, 24)
    return today + timedelta(days=30)
