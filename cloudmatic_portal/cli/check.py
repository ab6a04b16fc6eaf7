"""`cloudmatic-portal check`: is everything there that the portal needs?"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Final

from cloudmatic_portal.app import make_legal, make_mailer
from cloudmatic_portal.cli import edge
from cloudmatic_portal.clients.paypal.transport import Transport
from cloudmatic_portal.services import checkup
from cloudmatic_portal.services.checkup import Check, Finding, Verdict
from cloudmatic_portal.services.releases import ReleaseFeed
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage.database import Database, parse_url

_MARKS: Final[dict[Verdict, str]] = {"good": "ok  ", "doubtful": "?   ", "bad": "BAD "}


class SomethingIsBad(Exception):
    """A check failed; what it was has been printed."""


def add_commands(commands: Any) -> None:
    """Add the command to argparse's `commands`."""
    checking = commands.add_parser("check", help="is everything there that the portal needs?")
    checking.add_argument("--json", action="store_true", help="for machines")


async def run(options: argparse.Namespace, settings: Settings) -> None:
    """Check everything and print what was found. Raises SomethingIsBad."""
    opened = Database(parse_url(settings.database))
    transport = Transport(settings.paypal) if settings.paypal else None
    try:
        findings = await checkup.run(_checks(settings, opened, transport))
    finally:
        await opened.close()
        if transport is not None:
            await transport.close()
    lines = (_as_json if options.json else _as_text)(findings)
    sys.stdout.write(lines)
    bad = [each.name for each in findings if each.verdict == "bad"]
    if bad:
        raise SomethingIsBad(f"not everything is there: {', '.join(bad)}")


def _checks(settings: Settings, opened: Database, transport: Transport | None) -> list[Check]:
    now = edge.clock()
    smtp = settings.smtp
    where = f"{smtp.host}:{smtp.port}" if smtp else str(settings.maildir)
    feed = ReleaseFeed(settings.release_feed)
    return [
        partial(checkup.database, opened),
        partial(checkup.products, opened, now),
        partial(checkup.work, opened, now),
        partial(checkup.mail, make_mailer(settings), where),
        partial(checkup.bank, settings.bank is not None),
        partial(checkup.paypal, transport),
        partial(checkup.paypal_events, opened, now),
        partial(checkup.legal_texts, make_legal(settings)),
        partial(checkup.seller, opened, now, settings.seller is not None),
        partial(checkup.missing_invoices, opened),
        partial(checkup.disk, _folders(settings)),
        partial(checkup.release_feed, feed, settings.release_feed is not None),
    ]


def _folders(settings: Settings) -> list[Path]:
    """Where we write ourselves."""
    url = parse_url(settings.database)
    beside = url.get_backend_name() == "sqlite" and url.database
    files = [Path(beside)] if beside else []
    files += [settings.maildir] if settings.maildir else []
    return [each.absolute().parent for each in files]


def _as_text(findings: list[Finding]) -> str:
    return "".join(
        f"{_MARKS[each.verdict]}{each.name}: {each.what}"
        + (f"\n      {each.advice}" if each.advice else "")
        + "\n"
        for each in findings
    )


def _as_json(findings: list[Finding]) -> str:
    return json.dumps([asdict(each) for each in findings], indent=2) + "\n"
