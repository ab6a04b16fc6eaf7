"""Vouchers as a table for spreadsheets and for those who print or mail them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from cloudmatic_portal.domain.voucher import Voucher
from cloudmatic_portal.web import spreadsheet

_HEAD: Final = (
    *("code", "kind", "value", "valid_from", "valid_until", "products", "account"),
    *("limit", "redeemed", "state"),
)


def sheet(vouchers: Iterable[Voucher]) -> str:
    """A line a voucher; `value` is in months, percent or euros, as `kind` says."""
    return spreadsheet.table(_HEAD, map(list, map(_cells, vouchers)))


def _cells(voucher: Voucher) -> Iterator[str]:
    months = voucher.kind == "months"
    yield spreadsheet.harmless(voucher.code)
    yield voucher.kind
    yield str(voucher.value) if months else spreadsheet.decimal(voucher.value)
    yield voucher.valid_from.isoformat()
    yield voucher.valid_until.isoformat() if voucher.valid_until else ""
    yield spreadsheet.harmless(" ".join(sorted(voucher.products)))
    yield str(voucher.account_id or "")
    yield str(voucher.limit or "")
    # Only limited vouchers count how often they were redeemed.
    yield str(voucher.redeemed) if voucher.limit else ""
    yield _state(voucher)


def _state(voucher: Voucher) -> str:
    if voucher.limit is None:
        return ""
    return "used" if voucher.redeemed else "unused"
