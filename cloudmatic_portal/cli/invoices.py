"""The operator's commands for invoices: list them, keep one as a file, confirm VAT numbers."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

from cloudmatic_portal.cli import amounts, edge
from cloudmatic_portal.cli.listing import add_json, listed
from cloudmatic_portal.cli.operator import CommandRefused
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.invoice import Invoice, MissingInvoice
from cloudmatic_portal.services import billing, invoices
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.web import formats, spreadsheet

_HEAD: Final = (
    *("number", "date", "kind", "corrects", "order", "account", "customer", "country", "vat_id"),
    *("treatment", "vat_percent", "net", "vat", "gross", "currency"),
)

_NONE_MISSING: Final = "no invoice is missing\n"


def add_commands(commands: Any) -> None:
    """Add the commands to argparse's `commands`."""
    listing = commands.add_parser("invoices", help="list invoices and what takes them back")
    listing.add_argument("--from", dest="first", type=date.fromisoformat, help="1 January")
    listing.add_argument("--until", type=date.fromisoformat, help="today")
    forms = listing.add_mutually_exclusive_group()
    forms.add_argument("--csv", action="store_true", help="for a spreadsheet: a line per VAT rate")
    add_json(forms)
    listing.add_argument(
        "--missing", action="store_true", help="instead: orders that have none, whenever, and why"
    )
    listing.set_defaults(operate=_list)
    one = commands.add_parser("invoice", help="an invoice as it was issued")
    verbs = one.add_subparsers(dest="verb", required=True)
    showing = verbs.add_parser("show", help="write the document into a file")
    showing.add_argument("number", help="such as RE-2026-000017")
    showing.add_argument("--to", type=Path, required=True, help="the file to write, a PDF")
    showing.set_defaults(operate=_show)
    confirming = commands.add_parser(
        "confirm-vat-id", help="note that the tax office has confirmed a customer's VAT number"
    )
    confirming.add_argument("account", type=amounts.account_id, help="the CloudMatic-ID")
    confirming.add_argument("vat_id", help="as it was confirmed")
    confirming.add_argument("--on", type=date.fromisoformat, help="the day; today by default")
    confirming.add_argument("--not", dest="refused", action="store_true", help="it is not valid")
    confirming.set_defaults(operate=_confirm)


async def _list(database: Database, options: argparse.Namespace) -> str:
    if options.missing:
        if options.csv or options.first or options.until:
            raise CommandRefused("--missing goes with none of --from, --until and --csv")
        lost = await invoices.missing(database)
        return listed(lost, options, line=_missing, facts=_missing_facts, nothing=_NONE_MISSING)
    today = berlin_day(edge.clock())
    last = options.until or today
    found = await invoices.between(database, options.first or date(last.year, 1, 1), last)
    if options.csv:
        return _csv(found)
    return listed(found, options, line=_line, facts=_facts, nothing="no invoices\n")


async def _show(database: Database, options: argparse.Namespace) -> str:
    document = await invoices.show(database, options.number)
    await asyncio.to_thread(_write, options.to, document)
    return f"{options.to}: {len(document)} bytes\n"


async def _confirm(database: Database, options: argparse.Namespace) -> str:
    day = None if options.refused else options.on or berlin_day(edge.clock())
    await billing.confirm(database, options.account, options.vat_id.upper(), day)
    return "noted; it counts for invoices that are issued from now on\n"


def _write(file: Path, document: bytes) -> None:
    """Names and addresses: readable by the owner alone, unless the file was there before."""
    file.touch(mode=0o600)
    file.write_bytes(document)


def _line(invoice: Invoice) -> str:
    """One document: number, day, account, order, total, VAT, treatment, what it takes back."""
    total = invoice.total
    facts = [
        str(invoice.number),
        invoice.issued_on.isoformat(),
        str(invoice.buyer.account_id),
        invoice.order_number,
        formats.money(total.gross, "de"),
        f"VAT {formats.money(total.vat, 'de')}",
        invoice.treatment,
    ]
    if invoice.corrects is not None:
        facts.append(f"takes back {invoice.corrects[0]}")
    return "  ".join(facts) + "\n"


def _missing(order: MissingInvoice) -> str:
    """One order: number, account, since when it is active, total, why it has no invoice."""
    why = "the account was deleted" if order.account_deleted else order.why or "it was not planned"
    facts = (
        order.order_number,
        str(order.account_id),
        order.activated_on.isoformat(),
        formats.money(order.total, "de"),
        why,
    )
    return "  ".join(facts) + "\n"


def _missing_facts(order: MissingInvoice) -> dict[str, Any]:
    return {
        "order": order.order_number,
        "account": order.account_id,
        "active_since": order.activated_on,
        "total_cents": order.total.cents,
        "currency": order.total.currency,
        "account_deleted": order.account_deleted,
        "why": order.why or None,
    }


def _facts(invoice: Invoice) -> dict[str, Any]:
    total = invoice.total
    return {
        "number": str(invoice.number),
        "kind": invoice.kind,
        "issued_on": invoice.issued_on,
        "account": invoice.buyer.account_id,
        "order": invoice.order_number,
        "treatment": invoice.treatment,
        "net_cents": total.net.cents,
        "vat_cents": total.vat.cents,
        "gross_cents": total.gross.cents,
        "currency": total.gross.currency,
        "corrects": str(invoice.corrects[0]) if invoice.corrects else None,
    }


def _csv(found: Iterable[Invoice]) -> str:
    """With semicolons and decimal commas, as German spreadsheets; credit notes are negative."""
    return spreadsheet.table(_HEAD, (row for each in found for row in _rows(each)))


def _rows(invoice: Invoice) -> Iterator[list[str]]:
    sign = 1 if invoice.kind == "invoice" else -1
    for each in invoice.taxes:
        amounts = (each.total.net, each.total.vat, each.total.gross)
        yield [
            str(invoice.number),
            invoice.issued_on.isoformat(),
            invoice.kind,
            str(invoice.corrects[0]) if invoice.corrects else "",
            invoice.order_number,
            str(invoice.buyer.account_id),
            spreadsheet.harmless(invoice.buyer.called),
            invoice.buyer.country,
            invoice.buyer.vat_id,
            invoice.treatment,
            spreadsheet.decimal(each.vat_basis_points),
            *(spreadsheet.decimal(sign * amount.cents) for amount in amounts),
            each.total.gross.currency,
        ]
