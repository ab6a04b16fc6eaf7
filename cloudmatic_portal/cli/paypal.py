"""The operator's commands for what PayPal told: look at it, and say that it is done."""

from __future__ import annotations

import argparse
from typing import Any

from cloudmatic_portal.cli import amounts
from cloudmatic_portal.cli.listing import add_json, listed
from cloudmatic_portal.domain.paypal import EVENT_STATES, Told
from cloudmatic_portal.services.paypal import events
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.web import formats


def add_commands(commands: Any) -> None:
    """Add the commands to argparse's `commands`."""
    listing = commands.add_parser(
        "paypal-events", help="list what PayPal has told, the newest first"
    )
    listing.add_argument("--state", choices=EVENT_STATES)
    listing.add_argument("--most", type=amounts.whole_number, default=50)
    add_json(listing)
    listing.set_defaults(operate=_list)
    one = commands.add_parser("paypal-event", help="settle an event that waits or is unclear")
    verbs = one.add_subparsers(dest="verb", required=True)
    settling = verbs.add_parser("settle", help="note that all is done; books nothing")
    settling.add_argument("event", metavar="ID", help="as in the list")
    settling.add_argument("--note", required=True, help="what was done")
    settling.set_defaults(operate=_settle)


async def _list(database: Database, options: argparse.Namespace) -> str:
    found = await events.search(database, state=options.state, most=options.most)
    return listed(found, options, line=_line, facts=_facts, nothing="no events\n")


async def _settle(database: Database, options: argparse.Namespace) -> str:
    await events.settle(database, options.event, options.note)
    return "settled\n"


def _line(told: Told) -> str:
    """Id, when it came, state, type, what of what, amount and day, why."""
    event = told.event
    facts = [
        event.event_id,
        formats.moment(told.received_at, "de"),
        told.state,
        event.event_type,
        " of ".join(each for each in (event.subject, event.parent) if each),
        formats.money(event.amount, "de") if event.amount else "",
        f"on {event.day}" if event.day else "",
        told.why,
    ]
    return "  ".join(each for each in facts if each) + "\n"


def _facts(told: Told) -> dict[str, Any]:
    event = told.event
    return {
        "event": event.event_id,
        "type": event.event_type,
        "kind": event.kind,
        "subject": event.subject,
        "parent": event.parent,
        "cents": event.amount.cents if event.amount else None,
        "currency": event.amount.currency if event.amount else None,
        "received_at": told.received_at,
        "state": told.state,
        "why": told.why or None,
    }
