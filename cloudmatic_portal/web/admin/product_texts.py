"""A product's texts: its name, what it is and what it contains, in each language.

A form, then a look at what customers will see, then the change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiohttp import web

from cloudmatic_link.formats import PRODUCT
from cloudmatic_portal.app_keys import DATABASE
from cloudmatic_portal.domain.account import LANGUAGES
from cloudmatic_portal.domain.catalogue import Product, ProductTexts
from cloudmatic_portal.domain.errors import FieldsUnfit, ProductUnknown
from cloudmatic_portal.domain.operator import Operator
from cloudmatic_portal.services import catalogue
from cloudmatic_portal.web import forms
from cloudmatic_portal.web.admin import acting
from cloudmatic_portal.web.admin.pages import page
from cloudmatic_portal.web.admin.reading import Reader
from cloudmatic_portal.web.forms import Form

_LONGEST_NAME: Final = 200
_LONGEST_LINE: Final = 200
_LONGEST_SUMMARY: Final = 500
_MOST_LINES: Final = 20
_SPARE_LINES: Final = 3


async def show(request: web.Request, _: Operator) -> web.Response:
    product = await _product(request)
    return _form(request, product, _typed(ProductTexts.of(product)), _lines_of(product))


async def change(request: web.Request, operator: Operator) -> web.Response:
    product, form = await _product(request), await forms.read(request)
    try:
        wanted, why = _read(form)
    except FieldsUnfit as error:
        return _back(request, product, form, status=422, faults=error.faults)
    now = ProductTexts.of(product)
    if form.get("step") == "change":
        return _back(request, product, form)
    if wanted == now:
        # Changed already, by the first of two clicks; or there is nothing to change.
        return _done() if form.get("step") == "save" else _back(request, product, form, same=True)
    if form.get("step") == "save":
        if await _save(request, operator, form, now, wanted, why):
            return _done()
        product = await _product(request)
        if wanted == ProductTexts.of(product):
            return _done()
    return _look(request, product, form, wanted)


async def _save(
    request: web.Request,
    operator: Operator,
    form: Form,
    now: ProductTexts,
    wanted: ProductTexts,
    why: str,
) -> bool:
    """Whether they are changed: they are not if they are others than were looked at."""
    code = request.match_info["code"]
    detail = ", ".join(wanted.differing(now))
    audited = acting.audited(
        request, operator, "change texts", f"product {code}", why=why, detail=detail
    )
    return await catalogue.change_texts(audited, code, wanted, form.get("seen", ""))


def _read(form: Form) -> tuple[ProductTexts, str]:
    """The texts, and why they are changed. Raises FieldsUnfit."""
    reader = Reader(form)
    name = reader.read("name", _name)
    summaries: dict[str, str] = {
        each: reader.read(f"summary_{each}", _summary) or "" for each in LANGUAGES
    }
    features: dict[str, tuple[str, ...]] = {
        each: _features(reader, f"feature_{each}") for each in LANGUAGES
    }
    why = reader.reason()
    if reader.faults or name is None:
        raise FieldsUnfit(reader.faults)
    return ProductTexts(name=name, summaries=summaries, features=features), why


def _name(name: str, text: str) -> str:
    return _text(name, text, _LONGEST_NAME, "note")


def _summary(name: str, text: str) -> str:
    return _text(name, text, _LONGEST_SUMMARY, "long")


def _text(name: str, text: str, longest: int, too_long: str) -> str:
    written = text.strip()
    if not written or len(written) > longest:
        raise FieldsUnfit({name: too_long if written else "missing"})
    return written


def _features(reader: Reader, name: str) -> tuple[str, ...]:
    """What stands in the lines of that name, without empty ones."""
    lines = tuple(filter(None, (line.strip() for line in reader.form.getall(name, []))))
    if len(lines) > _MOST_LINES or any(len(line) > _LONGEST_LINE for line in lines):
        reader.faults[name] = "lines"
    return lines


def _typed(texts: ProductTexts) -> dict[str, str]:
    summaries = {f"summary_{each}": texts.summaries.get(each, "") for each in LANGUAGES}
    return {"name": texts.name, "reason": "", **summaries}


def _lines_of(product: Product) -> dict[str, Sequence[str]]:
    return {each: product.features.get(each, ()) for each in LANGUAGES}


def _back(request: web.Request, product: Product, form: Form, **context: Any) -> web.Response:
    """The form as it was typed."""
    names = _typed(ProductTexts.of(product))
    lines: dict[str, Sequence[str]] = {
        each: list(filter(str.strip, form.getall(f"feature_{each}", []))) for each in LANGUAGES
    }
    return _form(request, product, {name: form.get(name, "") for name in names}, lines, **context)


def _form(
    request: web.Request,
    product: Product,
    typed: Mapping[str, str],
    lines: Mapping[str, Sequence[str]],
    **context: Any,
) -> web.Response:
    shown = {"faults": {}, "same": False, "status": 200, **context}
    spare = {each: (*found, *[""] * min(_SPARE_LINES, _MOST_LINES - len(found)))
             for each, found in lines.items()}  # fmt: skip
    return page(request, "texts.html", product=product, typed=typed, lines=spare, **shown)


def _look(request: web.Request, product: Product, form: Form, wanted: ProductTexts) -> web.Response:
    """What customers will see. Changes nothing."""
    now = ProductTexts.of(product)
    return page(
        request,
        "texts_look.html",
        product=product,
        wanted=wanted,
        changed=form.get("step") == "save",
        seen=now.version,
        different=wanted.differing(now),
        languages=LANGUAGES,
        typed={name: form.get(name, "") for name in _typed(now)},
    )


async def _product(request: web.Request) -> Product:
    """The product that the address names, with its texts. Raises ProductUnknown."""
    code = request.match_info["code"]
    if not PRODUCT.fullmatch(code):
        raise ProductUnknown(code)
    return await catalogue.with_texts(request.app[DATABASE], code)


def _done() -> web.Response:
    return web.Response(status=303, headers={"Location": "/admin/catalogue"})
