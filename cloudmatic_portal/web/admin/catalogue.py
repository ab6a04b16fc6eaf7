"""The catalogue: what is sold for how much from when, and the operator's hand on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from aiohttp import web

from cloudmatic_link.formats import PRODUCT
from cloudmatic_portal.app_keys import CLOCK, DATABASE
from cloudmatic_portal.domain import money
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.catalogue import LONGEST, Product, Term
from cloudmatic_portal.domain.errors import (
    FieldsUnfit,
    PriceInThePast,
    ProductUnknown,
    TermNotOffered,
)
from cloudmatic_portal.domain.money import WHOLE, Price
from cloudmatic_portal.domain.operator import Operator
from cloudmatic_portal.services import prices
from cloudmatic_portal.web import formats, forms
from cloudmatic_portal.web.admin import acting, fields
from cloudmatic_portal.web.admin.asking import Question
from cloudmatic_portal.web.admin.pages import page
from cloudmatic_portal.web.admin.reading import Reader
from cloudmatic_portal.web.i18n import N_

_HOME: Final = "/admin/catalogue"
_PRICE: Final = "price.html"
_END: Final = "price_end.html"
_FIELDS: Final = {
    _PRICE: ("quantity", "price", "vat", "from", "until", "reason"),
    _END: ("quantity", "after", "reason"),
}
_USUAL_VAT: Final = "19"


async def show(request: web.Request, _: Operator) -> web.Response:
    products = await prices.every(request.app[DATABASE])
    return page(request, "catalogue.html", products=products, today=_today(request))


async def show_price(request: web.Request, _: Operator) -> web.Response:
    product, quantity = await _product(request), request.query.get("quantity", "")
    typed = {"quantity": quantity[:9], "vat": _USUAL_VAT, "from": _today(request).isoformat()}
    return _page(request, _PRICE, product, typed)


async def set_price(request: web.Request, operator: Operator) -> web.Response:
    product, form = await _product(request), await forms.read(request)
    try:
        wanted, why = _PriceReader(form).term(product, _today(request))
        detail = f"{wanted.quantity} × {formats.money(wanted.price.gross, 'de')}, {_days(wanted)}"
        about = f"product {product.code}"
        audited = acting.audited(request, operator, "set price", about, why=why, detail=detail)
        await prices.set_price(audited, product.code, wanted, _today(request))
    except FieldsUnfit as error:
        return _page(request, _PRICE, product, form, status=422, faults=error.faults)
    except PriceInThePast:
        return _page(request, _PRICE, product, form, status=422, faults={"from": "past"})
    return _back()


async def show_end(request: web.Request, _: Operator) -> web.Response:
    product, quantity = await _product(request), request.query.get("quantity", "")
    typed = {"quantity": quantity[:9], "after": _today(request).isoformat()}
    return _page(request, _END, product, typed)


async def end_price(request: web.Request, operator: Operator) -> web.Response:
    product, form = await _product(request), await forms.read(request)
    try:
        quantity, last, why = _PriceReader(form).end(product)
        about, detail = f"product {product.code}", f"{quantity} ×, … – {last}"
        audited = acting.audited(request, operator, "end price", about, why=why, detail=detail)
        await prices.end_price(audited, product.code, quantity, last, _today(request))
    except FieldsUnfit as error:
        return _page(request, _END, product, form, status=422, faults=error.faults)
    except PriceInThePast:
        return _page(request, _END, product, form, status=422, faults={"after": "past"})
    except TermNotOffered:
        return _page(request, _END, product, form, status=409, faults={"after": "unchanged"})
    return _back()


async def examine_offer(request: web.Request) -> Question:
    product = await _product(request)
    return Question(
        title=N_("Offer %(product)s?"),
        sentence=N_("Everybody can buy it from now on, at the prices that hold."),
        button=N_("Offer it"),
        back=_HOME,
        facts={"product": product.name},
    )


async def offer(request: web.Request, operator: Operator, why: str) -> None:
    product = await _product(request)
    about = f"product {product.code}"
    audited = acting.audited(request, operator, "offer product", about, why=why)
    await prices.sell(audited, product.code, sold=True)


async def examine_withdraw(request: web.Request) -> Question:
    product = await _product(request)
    return Question(
        title=N_("Withdraw %(product)s?"),
        sentence=N_(
            "Nobody can buy it any more; carts with it say so. Who has it keeps it; orders and "
            "subscriptions go on."
        ),
        button=N_("Withdraw it"),
        back=_HOME,
        facts={"product": product.name},
    )


async def withdraw(request: web.Request, operator: Operator, why: str) -> None:
    product = await _product(request)
    about = f"product {product.code}"
    audited = acting.audited(request, operator, "withdraw product", about, why=why)
    await prices.sell(audited, product.code, sold=False)


class _PriceReader(Reader):
    def term(self, product: Product, today: date) -> tuple[Term, str]:
        """The price that is to hold, and why. Raises FieldsUnfit."""
        quantity = self._quantity(product)
        amount = self.read("price", fields.amount)
        vat = self.read("vat", _rate)
        first = self.read("from", fields.day) or today
        until = self.read("until", fields.day)
        if until is not None and until < first:
            self.faults["until"] = "early"
        why = self.reason()
        if self.faults or amount is None or vat is None:
            raise FieldsUnfit(self.faults)
        return Term(quantity, Price(amount, vat), first, until), why

    def end(self, product: Product) -> tuple[int, date, str]:
        """Which length is sold until when, and why. Raises FieldsUnfit."""
        quantity = self._quantity(product)
        last = self.needed("after", fields.day, "day")
        why = self.reason()
        if self.faults or last is None:
            raise FieldsUnfit(self.faults)
        return quantity, last, why

    def _quantity(self, product: Product) -> int:
        quantity = self.read("quantity", fields.number) or 0
        if not 1 <= quantity <= LONGEST[product.kind][0]:
            self.faults["quantity"] = product.kind
        return quantity


def _rate(name: str, text: str) -> int:
    """Basis points of `19`, `7,7` or `0` percent. Raises FieldsUnfit."""
    rate = money.hundredths(text)
    if rate is None or rate > WHOLE:
        raise FieldsUnfit({name: "vat"})
    return rate


def _page(
    request: web.Request,
    template: str,
    product: Product,
    typed: Mapping[str, str],
    *,
    status: int = 200,
    faults: Mapping[str, str] | None = None,
) -> web.Response:
    return page(
        request,
        template,
        status=status,
        product=product,
        today=_today(request),
        typed={name: typed.get(name, "") for name in _FIELDS[template]},
        faults=faults or {},
    )


async def _product(request: web.Request) -> Product:
    """The product that the address names. Raises ProductUnknown."""
    code = request.match_info["code"]
    if not PRODUCT.fullmatch(code):
        raise ProductUnknown(code)
    return await prices.find(request.app[DATABASE], code)


def _days(term: Term) -> str:
    return f"{term.valid_from} – {term.valid_until or ''}".rstrip()


def _today(request: web.Request) -> date:
    return berlin_day(request.app[CLOCK]())


def _back() -> web.Response:
    return web.Response(status=303, headers={"Location": _HOME})
