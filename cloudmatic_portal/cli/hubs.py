"""The operator's commands for customers' hubs."""

from __future__ import annotations

import argparse
from typing import Any

from cloudmatic_portal.cli import amounts, edge
from cloudmatic_portal.cli.auditing import add_reason, audited
from cloudmatic_portal.cli.listing import add_json, listed
from cloudmatic_portal.domain.hub import Hub
from cloudmatic_portal.services import hubs
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.web import formats


def add_commands(commands: Any) -> None:
    """Add the commands to argparse's `commands`."""
    listing = commands.add_parser("hubs", help="list the hubs of an account")
    listing.add_argument("account", type=amounts.account_id, help="its CloudMatic-ID")
    add_json(listing)
    listing.set_defaults(operate=_list)
    revoking = commands.add_parser("revoke-hub", help="let nothing be booked from a hub any more")
    revoking.add_argument("account", type=amounts.account_id)
    revoking.add_argument("hub", type=amounts.listed, help="its number in the list")
    add_reason(revoking, "why")
    revoking.set_defaults(operate=_revoke)


async def _list(database: Database, options: argparse.Namespace) -> str:
    found = await hubs.of_account(database, options.account)
    return listed(found, options, line=_line, facts=_facts, nothing="no hubs\n")


async def _revoke(database: Database, options: argparse.Namespace) -> str:
    hub = await hubs.find(database, options.account, options.hub)
    about = f"account {options.account}"
    noted = audited(database, "revoke hub key", about, options.reason, hub.serial)
    await hubs.revoke(noted, options.account, hub.hub_id, edge.clock())
    return f"hub {hub.serial} of {about} is withdrawn\n"


def _line(hub: Hub) -> str:
    heard = hub.last_contact_at
    facts = (
        str(hub.hub_id),
        hub.serial,
        "linked" if hub.speaks else "withdrawn",
        f"since {formats.moment(hub.enrolled_at, 'de')}",
        "never heard" if heard is None else f"last heard {formats.moment(heard, 'de')}",
    )
    return "  ".join(facts) + "\n"


def _facts(hub: Hub) -> dict[str, Any]:
    return {
        "hub": hub.hub_id,
        "serial": hub.serial,
        "linked": hub.speaks,
        "enrolled_at": hub.enrolled_at,
        "last_contact_at": hub.last_contact_at,
    }
