"""Orders: list them, see what happened to one, cancel it; book a payment that has arrived."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE, MAIL_DELIVERY
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.errors import FieldsUnfit, OrderUnknown, PaymentBookedBefore
from cloudmatic_portal.domain.ledger import LONGEST_SOURCE
from cloudmatic_portal.domain.operator import Operator
from cloudmatic_portal.domain.order import ORDER_STATES, OrderState
from cloudmatic_portal.domain.payment import Payment
from cloudmatic_portal.domain.reference import grouped, read_reference
from cloudmatic_portal.services import desk, orders, payments
from cloudmatic_portal.web import formats, forms
from cloudmatic_portal.web.admin import acting, fields
from cloudmatic_portal.web.admin.asking import Question
from cloudmatic_portal.web.admin.pages import page
from cloudmatic_portal.web.forms import Form
from cloudmatic_portal.web.i18n import N_

_FIELDS: Final = ("reference", "amount", "received_on", "source")


async def search(request: web.Request, _: Operator) -> web.Response:
    wanted = request.query.get("q", "")
    reference = read_reference(wanted)
    if reference is not None:
        address = f"/admin/orders/{grouped(reference)}"
        return web.Response(status=303, headers={"Location": address})
    state = _state(request.query.get("state", ""))
    found = await orders.search(
        request.app[DATABASE], account_id=None, state=state, most=desk.MOST_LISTED
    )
    return page(
        request,
        "orders.html",
        wanted="".join(filter(str.isprintable, wanted))[:40],
        state=state,
        states=ORDER_STATES,
        found=found,
    )


async def show(request: web.Request, _: Operator) -> web.Response:
    file = await desk.order(request.app[DATABASE], request.match_info["number"])
    return page(request, "order.html", file=file)


async def examine_cancel(request: web.Request) -> Question:
    file = await desk.order(request.app[DATABASE], request.match_info["number"])
    return Question(
        title=N_("Cancel order %(number)s?"),
        sentence=N_(
            "It is an order of account %(account)s. Its vouchers may be used again; what it has "
            "been paid becomes balance. A subscription that made it ends."
        ),
        button=N_("Cancel the order"),
        back=f"/admin/orders/{file.order.number}",
        facts={"number": file.order.number, "account": str(file.account.account_id)},
    )


async def cancel(request: web.Request, operator: Operator, why: str) -> None:
    file = await desk.order(request.app[DATABASE], request.match_info["number"])
    about = f"order {file.order.number}"
    audited = acting.audited(request, operator, "cancel order", about, why=why)
    await orders.cancel(audited, None, file.order.reference, request.app[CLOCK]())


async def examine_refund(request: web.Request) -> Question:
    file = await desk.order(request.app[DATABASE], request.match_info["number"])
    return Question(
        title=N_("Take order %(number)s back?"),
        sentence=N_(
            "It is an order of account %(account)s. Its price, %(price)s, becomes balance, which "
            "can be paid out then. What it gave ends today, a subscription with it; the customer "
            "gets a mail, and a cancellation invoice where there was an invoice."
        ),
        button=N_("Take the order back"),
        back=f"/admin/orders/{file.order.number}",
        facts={
            "number": file.order.number,
            "account": str(file.account.account_id),
            "price": formats.money(file.order.total.gross, "de"),
        },
    )


async def refund(request: web.Request, operator: Operator, why: str) -> None:
    file = await desk.order(request.app[DATABASE], request.match_info["number"])
    about, detail = f"order {file.order.number}", formats.money(file.order.total.gross, "de")
    audited = acting.audited(request, operator, "take order back", about, why=why, detail=detail)
    await orders.refund(audited, file.order.reference, request.app[CLOCK]())
    request.app[MAIL_DELIVERY].nudge()


async def show_payment(request: web.Request, _: Operator) -> web.Response:
    today = berlin_day(request.app[CLOCK]()).isoformat()
    reference = "".join(filter(str.isprintable, request.query.get("reference", "")))[:40]
    return _payment(request, {"reference": reference, "received_on": today})


async def book_payment(request: web.Request, operator: Operator) -> web.Response:
    form = await forms.read(request)
    try:
        reference, payment = _read_payment(request, form)
        about = f"order {grouped(reference)}"
        detail = f"{formats.money(payment.amount, 'de')}, {payment.source}"
        audited = acting.audited(request, operator, "book payment", about, detail=detail)
        booked = await payments.book(audited, reference, payment, request.app[CLOCK]())
    except FieldsUnfit as error:
        return _payment(request, form, status=422, faults=error.faults)
    except OrderUnknown:
        return _payment(request, form, status=422, faults={"reference": "unknown"})
    except PaymentBookedBefore:
        return _payment(request, form, status=409, faults={"source": "booked"})
    request.app[MAIL_DELIVERY].nudge()
    place = (
        f"accounts/{booked.account_id}" if booked.order is None else f"orders/{booked.order.number}"
    )
    return web.Response(status=303, headers={"Location": f"/admin/{place}"})


def _read_payment(request: web.Request, form: Form) -> tuple[str, Payment]:
    """Raises FieldsUnfit with all that is wrong."""
    faults: dict[str, str] = {}
    reference = read_reference(form.get("reference", ""))
    if reference is None:
        faults["reference"] = "unknown"
    source = form.get("source", "").strip()
    if not source:
        faults["source"] = "missing"
    elif len(source) > LONGEST_SOURCE:
        faults["source"] = "long"
    amount = received = None
    for name in ("amount", "received_on"):
        try:
            if name == "amount":
                amount = fields.amount(name, form.get(name, ""))
            else:
                received = fields.day(name, form.get(name, ""))
        except FieldsUnfit as error:
            faults |= error.faults
    if received is None:
        faults.setdefault("received_on", "day")
    elif received > berlin_day(request.app[CLOCK]()):
        faults["received_on"] = "future"
    if faults or reference is None or amount is None or received is None:
        raise FieldsUnfit(faults)
    return reference, Payment(amount, received, source)


def _payment(
    request: web.Request,
    typed: Mapping[str, str],
    *,
    status: int = 200,
    faults: Mapping[str, str] | None = None,
) -> web.Response:
    shown: dict[str, Any] = {name: typed.get(name, "") for name in _FIELDS}
    return page(request, "payment.html", status=status, typed=shown, faults=faults or {})


def _state(text: str) -> OrderState | None:
    return next((state for state in ORDER_STATES if state == text), None)
