"""The operator's commands for gateways, which let customers in from afar."""

from __future__ import annotations

import argparse
from typing import Any

from cloudmatic_portal.cli import edge
from cloudmatic_portal.cli.listing import add_json, listed
from cloudmatic_portal.cli.operator import CommandRefused
from cloudmatic_portal.clients.gateway import parse_webhook
from cloudmatic_portal.domain.gateway import NAME, Gateway
from cloudmatic_portal.services import gateways
from cloudmatic_portal.storage.database import Database


def add_commands(commands: Any) -> None:
    """Add the commands to argparse's `commands`."""
    listing = commands.add_parser("gateways", help="list who may ask for everybody's access")
    add_json(listing)
    listing.set_defaults(operate=_list)
    telling = commands.add_parser(
        "tell-gateway", help="let a gateway be told at once what has not arrived there"
    )
    telling.add_argument("name")
    telling.set_defaults(operate=_tell)
    adding = commands.add_parser(
        "add-gateway", help="let a gateway ask; print its credentials, which are not kept"
    )
    adding.add_argument("name", help="2 to 31 small letters, digits and hyphens")
    adding.add_argument("--webhook", help="https address to be told at that access has changed")
    adding.set_defaults(operate=_add)
    removing = commands.add_parser("remove-gateway", help="let a gateway ask no more")
    removing.add_argument("name")
    removing.set_defaults(operate=_remove)


async def _list(database: Database, options: argparse.Namespace) -> str:
    found = await gateways.every(database)
    return listed(found, options, line=_line, facts=_facts, nothing="no gateways\n")


def _line(gateway: Gateway) -> str:
    """One gateway: name, address, up to which change it was told, why no further."""
    told = f"told up to {gateway.notified}" if gateway.webhook else "not told"
    failing = f", {gateway.attempts} attempts in vain" if gateway.attempts else ""
    why = f": {gateway.last_error}" if gateway.last_error else ""
    return f"{gateway.name}  {gateway.webhook or '-'}  {told}{failing}{why}\n"


def _facts(gateway: Gateway) -> dict[str, Any]:
    return {
        "name": gateway.name,
        "webhook": gateway.webhook,
        "notified": gateway.notified,
        "told_at": gateway.told_at,
        "attempts": gateway.attempts,
        "last_error": gateway.last_error,
        "next_attempt_at": gateway.next_attempt_at if gateway.attempts else None,
    }


async def _tell(database: Database, options: argparse.Namespace) -> str:
    await gateways.tell_again(database, options.name, edge.clock())
    return f"gateway {options.name} is told at once\n"


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
