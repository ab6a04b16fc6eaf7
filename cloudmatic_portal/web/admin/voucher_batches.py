"""Batches of vouchers: make many at once, see which were used, take their codes along."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE, RANDOM_BYTES
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.errors import FieldsUnfit, VoucherBatchUnknown, VoucherNotMade
from cloudmatic_portal.domain.operator import Operator
from cloudmatic_portal.domain.voucher_batch import (
    LONGEST_NAME,
    MOST_AT_ONCE,
    PLACEHOLDER,
    WantedBatch,
    read_prefix,
)
from cloudmatic_portal.services import desk, voucher_batches
from cloudmatic_portal.services.voucher_batches import BatchFile
from cloudmatic_portal.web import forms, render
from cloudmatic_portal.web.admin import acting, fields
from cloudmatic_portal.web.admin.pages import page
from cloudmatic_portal.web.admin.vouchers import VoucherReader, shown_again
from cloudmatic_portal.web.spreadsheet import BYTE_ORDER_MARK
from cloudmatic_portal.web.voucher_sheet import sheet

_HOME: Final = "/admin/vouchers/batches"
_FIELDS: Final = (
    *("name", "count", "prefix", "kind", "value", "from", "until", "account"),
    *("limit", "per_account", "reason"),
)
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")


async def show(request: web.Request, _: Operator) -> web.Response:
    today = berlin_day(request.app[CLOCK]()).isoformat()
    usual = {"count": "100", "kind": "percent", "from": today, "limit": "1", "per_account": "1"}
    return await _page(request, usual)


async def make(request: web.Request, operator: Operator) -> web.Response:
    form, now = await forms.read(request), request.app[CLOCK]()
    try:
        wanted, why = _BatchReader(form).batch(berlin_day(now))
        detail = f"{wanted.count} × {wanted.kind.kind} {wanted.kind.value}"
        about = f"batch {wanted.name}"
        audited = acting.audited(request, operator, "make vouchers", about, why=why, detail=detail)
        random_bytes = request.app[RANDOM_BYTES]
        made = await voucher_batches.make(audited, wanted, now=now, random_bytes=random_bytes)
    except FieldsUnfit as error:
        return await _page(request, form, status=422, faults=error.faults)
    except VoucherNotMade:
        return await _page(request, form, status=409, faults={"name": "batch_taken"})
    return web.Response(status=303, headers={"Location": f"{_HOME}/{made}"})


async def show_one(request: web.Request, _: Operator) -> web.Response:
    return page(request, "voucher_batch.html", file=await _find(request), unused=_unused(request))


async def download(request: web.Request, _: Operator) -> web.Response:
    file = await _find(request)
    text = BYTE_ORDER_MARK + sheet(file.vouchers)
    return render.download(text, "text/csv", f"gutscheine-{file.batch.batch_id}.csv")


class _BatchReader(VoucherReader):
    def batch(self, today: date) -> tuple[WantedBatch, str]:
        """The batch and the reason for it. Raises FieldsUnfit."""
        name = self.form.get("name", "").strip()
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            self.faults["name"] = "batch"
        count = self.read("count", fields.number) or 0
        if not 1 <= count <= MOST_AT_ONCE:
            self.faults["count"] = "count"
        prefix = self.read("prefix", _prefix) or ""
        self.needed("limit", fields.number, "number")
        kind, why = self.kind(PLACEHOLDER, today)
        return WantedBatch(name=name, count=count, kind=kind, prefix=prefix), why


def _prefix(name: str, text: str) -> str:
    try:
        return read_prefix(text)
    except ValueError as error:
        raise FieldsUnfit({name: "prefix"}) from error


async def _page(
    request: web.Request,
    typed: Mapping[str, str],
    *,
    status: int = 200,
    faults: Mapping[str, str] | None = None,
) -> web.Response:
    shown = await shown_again(request, typed, _FIELDS, faults)
    found = await voucher_batches.every(request.app[DATABASE], desk.MOST_LISTED)
    return page(request, "voucher_batches.html", status=status, found=found, **shown)


async def _find(request: web.Request) -> BatchFile:
    """The batch that the address names. Raises VoucherBatchUnknown."""
    text = request.match_info["number"]
    if not _NUMBER.fullmatch(text):
        raise VoucherBatchUnknown(0)
    return await voucher_batches.find(request.app[DATABASE], int(text), unused=_unused(request))


def _unused(request: web.Request) -> bool:
    return request.query.get("unused") == "1"
