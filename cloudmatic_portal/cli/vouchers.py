"""The operator's commands for many vouchers: make a batch, list what there is and what was used."""

from __future__ import annotations

import argparse
from typing import Any

from cloudmatic_portal.cli import amounts, edge, listing
from cloudmatic_portal.cli.operator import CommandRefused, add_voucher_terms, voucher_of
from cloudmatic_portal.domain.errors import VoucherNotMade
from cloudmatic_portal.domain.voucher import Voucher
from cloudmatic_portal.domain.voucher_batch import PLACEHOLDER, Batch, WantedBatch, read_prefix
from cloudmatic_portal.services import voucher_batches, vouchers
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.web import formats
from cloudmatic_portal.web.voucher_sheet import sheet


def add_commands(commands: Any) -> None:
    """Add the commands to argparse's `commands`."""
    making = commands.add_parser(
        "add-vouchers", help="make many vouchers of one kind, each with a code of its own"
    )
    making.add_argument("count", type=amounts.whole_number, help="how many, 1 to 5000")
    making.add_argument("--name", required=True, help="of the batch; each name once")
    making.add_argument("--prefix", default="", help="what all codes begin with")
    add_voucher_terms(making, limit=1)
    making.set_defaults(operate=_make)
    batches = commands.add_parser("voucher-batches", help="list batches, the newest first")
    batches.add_argument("--most", type=amounts.whole_number, default=50)
    listing.add_json(batches)
    batches.set_defaults(operate=_list_batches)
    found = commands.add_parser("vouchers", help="list vouchers, or those of a batch")
    found.add_argument(
        "--batch", type=amounts.listed, help="its number, as `voucher-batches` lists it"
    )
    found.add_argument("--unused", action="store_true", help="of a batch: what nobody has used")
    found.add_argument(
        "--most", type=amounts.whole_number, default=50, help="so many, without --batch"
    )
    forms = found.add_mutually_exclusive_group()
    forms.add_argument("--csv", action="store_true", help="for a spreadsheet")
    listing.add_json(forms)
    found.set_defaults(operate=_list)


async def _make(database: Database, options: argparse.Namespace) -> str:
    try:
        kind = voucher_of(options, PLACEHOLDER)
        prefix = read_prefix(options.prefix)
        wanted = WantedBatch(name=options.name, count=options.count, kind=kind, prefix=prefix)
    except ValueError as error:
        raise CommandRefused(str(error)) from error
    try:
        made = await voucher_batches.make(
            database, wanted, now=edge.clock(), random_bytes=edge.random_bytes
        )
    except VoucherNotMade as error:
        raise CommandRefused(
            f"there is a batch “{options.name}”, or a product or the account is unknown"
        ) from error
    file = await voucher_batches.find(database, made)
    codes = "".join(f"{each.code}\n" for each in file.vouchers)
    return f"batch {made}: {file.batch.count} vouchers made\n{codes}"


async def _list_batches(database: Database, options: argparse.Namespace) -> str:
    found = await voucher_batches.every(database, options.most)
    return listing.listed(
        found, options, line=_batch_line, facts=_batch_facts, nothing="no batches\n"
    )


async def _list(database: Database, options: argparse.Namespace) -> str:
    if options.unused and options.batch is None:
        raise CommandRefused("--unused goes with --batch only")
    if options.batch is None:
        found = await vouchers.search(database, options.most)
    else:
        file = await voucher_batches.find(database, options.batch, unused=options.unused)
        found = file.vouchers
    if options.csv:
        return sheet(found)
    return listing.listed(found, options, line=_line, facts=_facts, nothing="no vouchers\n")


def _batch_line(batch: Batch) -> str:
    """One batch: number, when it was made, name, how many it has, how many were used."""
    made = formats.moment(batch.made_at, "de")
    return f"{batch.batch_id}  {made}  {batch.name}  {batch.count} vouchers, {batch.used} used\n"


def _batch_facts(batch: Batch) -> dict[str, Any]:
    return {
        "batch": batch.batch_id,
        "name": batch.name,
        "made_at": batch.made_at,
        "count": batch.count,
        "used": batch.used,
    }


def _line(voucher: Voucher) -> str:
    """One voucher: code, what it is worth, from when to when, for what and whom, how often."""
    facts = [
        voucher.code,
        _worth(voucher),
        f"from {voucher.valid_from}",
        f"until {voucher.valid_until}" if voucher.valid_until else "",
        ", ".join(sorted(voucher.products)),
        f"account {voucher.account_id}" if voucher.account_id else "",
        f"redeemed {voucher.redeemed} of {voucher.limit}" if voucher.limit else "",
        "" if voucher.active else "not active",
    ]
    return "  ".join(filter(None, facts)) + "\n"


def _worth(voucher: Voucher) -> str:
    if voucher.kind == "months":
        return f"{voucher.value} months"
    if voucher.kind == "percent":
        return formats.percent(voucher.value, "de")
    return formats.cents(voucher.value, "de")


def _facts(voucher: Voucher) -> dict[str, Any]:
    return {
        "code": voucher.code,
        "kind": voucher.kind,
        "value": voucher.value,
        "valid_from": voucher.valid_from,
        "valid_until": voucher.valid_until,
        "products": sorted(voucher.products),
        "account": voucher.account_id,
        "limit": voucher.limit,
        "per_account": voucher.per_account,
        "combinable": voucher.combinable,
        "active": voucher.active,
        "redeemed": voucher.redeemed if voucher.limit else None,
    }
