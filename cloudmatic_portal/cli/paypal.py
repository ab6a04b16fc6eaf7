"""The operator's look at what PayPal tells."""

from __future__ import annotations

import argparse
from typing import Any

from cloudmatic_portal.cli.listing import add_json, listed
from cloudmatic_portal.domain.paypal import EVENT_STATES, StoredEvent
from cloudmatic_portal.services.paypal import events
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.web import formats


def add_commands(commands: Any) -> None:
    """Add the commands to argparse's `commands`."""
    listing = commands.add_parser(
        "paypal-events", help="list what PayPal has told, the newest first"
    )
    listing.add_argument("--state", choices=EVENT_STATES)
    listing.add_argument("--most", type=int, default=50)
    add_json(listing)
    listing.set_defaults(operate=_list)


async def _list(database: Database, options: argparse.Namespace) -> str:
    found = await events.latest(database, options.state, options.most)
    return listed(found, options, line=_line, facts=_facts, nothing="no events\n")


def _line(stored: StoredEvent) -> str:
    """One event: when, what, of which money at PayPal, how much, what became of it."""
    event = stored.event
    facts = (
        formats.moment(stored.received_at, "de"),
        event.event_id,
        event.event_type,
        event.subject or "-",
        formats.money(event.amount, "de") if event.amount else "-",
        stored.state,
        stored.why,
    )
    return "  ".join(facts).rstrip() + "\n"


def _facts(stored: StoredEvent) -> dict[str, Any]:
    event = stored.event
    return {
        "event": event.event_id,
        "type": event.event_type,
        "kind": event.kind,
        "subject": event.subject,
        "parent": event.parent,
        "cents": event.amount.cents if event.amount else None,
        "currency": event.amount.currency if event.amount else None,
        "received_at": stored.received_at,
        "state": stored.state,
        "why": stored.why or None,
    }
