"""Vouchers: list them, and make one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final

from aiohttp import web
from multidict import MultiDict

from cloudmatic_portal.app_keys import CLOCK, DATABASE
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.errors import FieldsUnfit, VoucherNotMade
from cloudmatic_portal.domain.operator import Operator
from cloudmatic_portal.domain.voucher import CODE, VOUCHER_KINDS, Voucher, VoucherKind
from cloudmatic_portal.services import catalogue, desk, vouchers
from cloudmatic_portal.web import forms
from cloudmatic_portal.web.admin import acting, fields
from cloudmatic_portal.web.admin.pages import page
from cloudmatic_portal.web.admin.reading import Reader

_FIELDS: Final = (
    *("code", "kind", "value", "from", "until", "account", "limit", "per_account"),
    "reason",
)
_MOST: Final[Mapping[VoucherKind, int]] = {"months": 24, "percent": 10_000, "amount": 10_000_000}


def _cents(name: str, text: str) -> int:
    return fields.amount(name, text).cents


_VALUES: Final[Mapping[VoucherKind, Callable[[str, str], int | None]]] = {
    "months": fields.number,
    "percent": fields.hundredths,
    "amount": _cents,
}


async def show(request: web.Request, _: Operator) -> web.Response:
    today = berlin_day(request.app[CLOCK]()).isoformat()
    return await _page(request, {"kind": "percent", "from": today, "per_account": "1"})


async def make(request: web.Request, operator: Operator) -> web.Response:
    form = await forms.read(request)
    try:
        voucher, why = VoucherReader(form).voucher(berlin_day(request.app[CLOCK]()))
        about = f"voucher {voucher.code}"
        detail = f"{voucher.kind} {voucher.value}"
        audited = acting.audited(request, operator, "make voucher", about, why=why, detail=detail)
        await vouchers.make(audited, voucher)
    except FieldsUnfit as error:
        return await _page(request, form, status=422, faults=error.faults)
    except VoucherNotMade:
        return await _page(request, form, status=409, faults={"code": "taken"})
    return web.Response(status=303, headers={"Location": "/admin/vouchers"})


class VoucherReader(Reader):
    def voucher(self, today: date) -> tuple[Voucher, str]:
        """The voucher and the reason for it. Raises FieldsUnfit."""
        code = self.form.get("code", "").strip().upper()
        if not CODE.fullmatch(code):
            self.faults["code"] = "code"
        return self.kind(code, today)

    def kind(self, code: str, today: date) -> tuple[Voucher, str]:
        """A voucher of that code, and the reason for it. Raises FieldsUnfit."""
        kind = next((each for each in VOUCHER_KINDS if each == self.form.get("kind", "")), None)
        value = self._value(kind)
        first = self.read("from", fields.day) or today
        until = self.read("until", fields.day)
        if until is not None and until < first:
            self.faults["until"] = "early"
        account = self.read("account", fields.account_id)
        limit, per_account = (self.read(each, fields.number) for each in ("limit", "per_account"))
        why = self.reason()
        if self.faults or kind is None:
            raise FieldsUnfit(self.faults)
        voucher = Voucher(
            code=code,
            kind=kind,
            value=value,
            valid_from=first,
            valid_until=until,
            products=frozenset(self.form.getall("product", [])),
            account_id=account,
            limit=limit,
            per_account=per_account,
            combinable="combinable" in self.form,
        )
        return voucher, why

    def _value(self, kind: VoucherKind | None) -> int:
        if kind is None:
            self.faults["kind"] = "missing"
            return 0
        value = self.read("value", _VALUES[kind]) or 0
        if not 1 <= value <= _MOST[kind]:
            self.faults["value"] = kind
        return value


async def _page(
    request: web.Request,
    typed: Mapping[str, str],
    *,
    status: int = 200,
    faults: Mapping[str, str] | None = None,
) -> web.Response:
    shown = await shown_again(request, typed, _FIELDS, faults)
    found = await vouchers.search(request.app[DATABASE], desk.MOST_LISTED)
    return page(request, "vouchers.html", status=status, found=found, **shown)


async def shown_again(
    request: web.Request,
    typed: Mapping[str, str],
    names: Iterable[str],
    faults: Mapping[str, str] | None,
) -> dict[str, Any]:
    """What a form that says of what kind vouchers are needs to show what was typed."""
    chosen = typed.getall("product", []) if isinstance(typed, MultiDict) else []
    today = berlin_day(request.app[CLOCK]())
    return {
        "typed": {name: typed.get(name, "") for name in names},
        "chosen": set(chosen),
        "combinable": "combinable" in typed,
        "faults": faults or {},
        "kinds": VOUCHER_KINDS,
        "products": await catalogue.products(request.app[DATABASE], today),
    }
