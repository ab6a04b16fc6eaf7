"""The operator's commands for the catalogue: prices, and what is sold."""

from __future__ import annotations

import argparse
from datetime import date
from typing import Any

from cloudmatic_portal.cli import amounts, edge
from cloudmatic_portal.cli.listing import add_json, listed
from cloudmatic_portal.cli.operator import CommandRefused
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.catalogue import Product, Term
from cloudmatic_portal.domain.money import Price
from cloudmatic_portal.services import prices
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.web import formats


def add_commands(commands: Any) -> None:
    """Add the commands to argparse's `commands`."""
    listing = commands.add_parser("prices", help="list products with their prices")
    add_json(listing)
    listing.set_defaults(operate=_list)
    setting = commands.add_parser("set-price", help="sell a term at a price from a day on")
    _add_term(setting)
    setting.add_argument("price", type=amounts.money, help="with VAT, in euros: 24,00")
    setting.add_argument("--from", dest="first", type=date.fromisoformat, help="today by default")
    setting.add_argument("--until", type=date.fromisoformat, help="for an offer of some days")
    setting.add_argument("--vat", type=amounts.percent, default=1900, help="19 by default")
    setting.set_defaults(operate=_set)
    ending = commands.add_parser("end-price", help="sell a term no longer")
    _add_term(ending)
    ending.add_argument("--after", type=date.fromisoformat, required=True, help="its last day")
    ending.set_defaults(operate=_end)
    selling = commands.add_parser("sell", help="offer a product, or withdraw it")
    selling.add_argument("product")
    selling.add_argument("--no-more", dest="sold", action="store_false")
    selling.set_defaults(operate=_sell)


def _add_term(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("product", help="its code, as `prices` lists it")
    parser.add_argument(
        "quantity", type=amounts.whole_number, help="months of a package, messages of a credit"
    )


async def _list(database: Database, options: argparse.Namespace) -> str:
    found = await prices.every(database)
    today = berlin_day(edge.clock())
    return listed(
        found,
        options,
        line=lambda each: _lines(each, today),
        facts=_facts,
        nothing="no products\n",
    )


async def _set(database: Database, options: argparse.Namespace) -> str:
    today = berlin_day(edge.clock())
    first, last = options.first or today, options.until
    if options.quantity < 1 or (last is not None and last < first):
        raise CommandRefused(
            "expected a quantity above zero, and an end that is not before the begin"
        )
    try:
        price = Price(options.price, options.vat)
    except ValueError as error:
        raise CommandRefused(str(error)) from error
    await prices.set_price(
        database, options.product, Term(options.quantity, price, first, last), today
    )
    return (
        f"{options.product} × {options.quantity}: {formats.money(price.gross, 'de')} from {first}\n"
    )


async def _end(database: Database, options: argparse.Namespace) -> str:
    today = berlin_day(edge.clock())
    await prices.end_price(database, options.product, options.quantity, options.after, today)
    return f"{options.product} × {options.quantity} is sold until {options.after}\n"


async def _sell(database: Database, options: argparse.Namespace) -> str:
    await prices.sell(database, options.product, options.sold)
    return f"{options.product} is {'sold' if options.sold else 'not sold any more'}\n"


def _lines(product: Product, today: date) -> str:
    state = "" if product.active else "  (not sold)"
    lines = [f"{product.code}  {product.name}{state}"]
    for term in product.terms:
        if term.valid_until is None or term.valid_until >= today:
            until = f" until {term.valid_until}" if term.valid_until else ""
            price = formats.money(term.price.gross, "de")
            lines.append(f"  × {term.quantity}  {price}  from {term.valid_from}{until}")
    return "\n".join(lines) + "\n"


def _facts(product: Product) -> dict[str, Any]:
    return {
        "code": product.code,
        "name": product.name,
        "kind": product.kind,
        "active": product.active,
        "terms": [
            {
                "quantity": term.quantity,
                "price_cents": term.price.gross.cents,
                "currency": term.price.gross.currency,
                "vat_basis_points": term.price.vat_basis_points,
                "valid_from": term.valid_from,
                "valid_until": term.valid_until,
            }
            for term in product.terms
        ],
    }
