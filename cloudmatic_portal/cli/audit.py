"""The operator's command for the log of what operators did."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from cloudmatic_portal.cli import amounts
from cloudmatic_portal.cli.listing import add_json, listed
from cloudmatic_portal.domain.audit import AuditEntry
from cloudmatic_portal.services import audit
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.web import formats


def add_commands(commands: Any) -> None:
    """Add the commands to argparse's `commands`."""
    listing = commands.add_parser("audit-log", help="list what operators did, the latest first")
    listing.add_argument("--about", metavar="OBJECT", help="one thing: “account 4711”")
    listing.add_argument("--most", type=amounts.whole_number, default=50)
    add_json(listing)
    listing.set_defaults(operate=_list)


async def _list(database: Database, options: argparse.Namespace) -> str:
    found = await audit.latest(database, options.most, about=options.about)
    return listed(found, options, line=_line, facts=asdict, nothing="nothing was done\n")


def _line(entry: AuditEntry) -> str:
    facts = (
        formats.moment(entry.at, "de"),
        entry.operator,
        entry.action,
        entry.object,
        entry.detail,
        f"“{entry.reason}”" if entry.reason else None,
    )
    return "  ".join(filter(None, facts)) + "\n"
