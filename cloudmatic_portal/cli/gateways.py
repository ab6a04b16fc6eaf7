"""The operator's commands for gateways, which let customers in from afar."""

from __future__ import annotations

import argparse
from typing import Any

from cloudmatic_portal.cli import edge
from cloudmatic_portal.cli.operator import CommandRefused
from cloudmatic_portal.clients.gateway import parse_webhook
from cloudmatic_portal.domain.gateway import NAME
from cloudmatic_portal.services import gateways
from cloudmatic_portal.storage.database import Database


def add_commands(commands: Any) -> None:
    """Add the commands to argparse's `commands`."""
    listing = commands.add_parser("gateways", help="list who may ask for everybody's access")
    listing.set_defaults(operate=_list)
    adding = commands.add_parser(
        "add-gateway", help="let a gateway ask; print its credentials, which are not kept"
    )
    adding.add_argument("name", help="2 to 31 small letters, digits and hyphens")
    adding.add_argument("--webhook", help="https address to be told at that access has changed")
    adding.set_defaults(operate=_add)
    removing = commands.add_parser("remove-gateway", help="let a gateway ask no more")
    removing.add_argument("name")
    removing.set_defaults(operate=_remove)


async def _list(database: Database, _: argparse.Namespace) -> str:
    lines = []
    for each in await gateways.every(database):
        told = f"told up to {each.notified}" if each.webhook else "not told"
        failing = f", {each.attempts} attempts in vain" if each.attempts else ""
        lines.append(f"{each.name}  {each.webhook or '-'}  {told}{failing}\n")
    return "".join(lines) or "no gateways\n"


async def _add(database: Database, options: argparse.Namespace) -> str:
    if not NAME.fullmatch(options.name):
        raise CommandRefused("a name has 2 to 31 small letters, digits and hyphens")
    try:
        webhook = parse_webhook(options.webhook) if options.webhook else None
    except ValueError as error:
        raise CommandRefused(f"--webhook: {error}") from error
    secret = options.settings.secret
    made = await gateways.put(database, secret, options.name, webhook, edge.clock())
    return f"TOKEN {made.token}\nKEY {made.key}\n"


async def _remove(database: Database, options: argparse.Namespace) -> str:
    await gateways.remove(database, options.name, edge.clock())
    return f"gateway {options.name} is removed\n"
