"""The operators' pictures as figures: what runs and ends, what came in and how, what is owed."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from typing import Any

from cloudmatic_portal.cli import edge
from cloudmatic_portal.cli.listing import add_json, as_json
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.figures import ORDER_WAYS
from cloudmatic_portal.services import figures
from cloudmatic_portal.services.figures import Figures
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.web import formats


def add_commands(commands: Any) -> None:
    """Add the command to argparse's `commands`."""
    showing = commands.add_parser("figures", help="what the pictures of the overview show")
    add_json(showing)
    showing.set_defaults(operate=_figures)


async def _figures(database: Database, options: argparse.Namespace) -> str:
    found = await figures.measure(database, berlin_day(edge.clock()), with_income=True)
    facts = _facts(found)
    if options.json:
        return as_json(facts)
    since = facts.pop("entries_since")
    tables = "\n".join(f"{name}\n{_table(rows)}" for name, rows in facts.items())
    return f"{tables}\nentries by links are counted since {since}\n"


def _facts(found: Figures) -> dict[str, Any]:
    return {
        "active": [
            {"product": each.name, "booked": each.bought, "trial": each.trial}
            for each in found.active
        ],
        "open_amounts": [
            {"due": each.span, "orders": each.orders, "cents": each.amount.cents}
            for each in found.open_amounts
        ],
        "endings": [
            {"week_from": each.first, "ends": each.ends, "renews": each.renew}
            for each in found.endings
        ],
        "income": [
            {
                "month": _month(each.first),
                "received_cents": each.received.cents,
                "gone_cents": each.gone.cents,
            }
            for each in found.income
        ],
        "hub_entries": [
            {"month": _month(each.first)}
            | dict.fromkeys(("entered", "ordered", "paid"))
            | (
                {"entered": each.entered, "ordered": each.ordered, "paid": each.paid}
                if each.counted
                else {}
            )
            for each in found.funnels
        ],
        "orders": [
            {"month": _month(each.first)}
            | {f"by_{way}": each.made[way] for way in ORDER_WAYS}
            | {f"paid_by_{way}": each.paid[way] for way in ORDER_WAYS}
            for each in found.orders
        ],
        "entries_since": found.entries_since,
    }


def _month(first: Any) -> str:
    return f"{first:%Y-%m}"


def _table(rows: Iterable[dict[str, Any]]) -> str:
    return "".join(_lines(rows))


def _lines(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        said = (f"{name} {_written(name, value)}" for name, value in row.items())
        yield "  " + "  ".join(said) + "\n"


def _written(name: str, value: Any) -> str:
    if value is None:
        return "–"
    return formats.cents(value, "de") if name.endswith("cents") else str(value)
