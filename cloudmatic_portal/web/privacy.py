"""The customer's own data: look at it, save it, delete the account."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE, MAIL_DELIVERY, SECRETS
from cloudmatic_portal.domain.account import Language
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.errors import FieldsUnfit, LoginRefused, TooManyAttempts
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.privacy import Section
from cloudmatic_portal.domain.session import Session
from cloudmatic_portal.services import invoices, privacy, subscriptions
from cloudmatic_portal.services.overview import overview
from cloudmatic_portal.web import cookies, formats, forms, i18n, render
from cloudmatic_portal.web.account import page, proof
from cloudmatic_portal.web.forms import Form
from cloudmatic_portal.web.personal_words import COLUMNS, TABLES
from cloudmatic_portal.web.sessions import with_glance, with_login

Shown = list[tuple[str, list[list[tuple[str, str]]]]]
"""Titles of tables, each with rows of labels and values."""


@with_login
async def show(request: web.Request, session: Session) -> web.Response:
    tables = await _readable(request, session)
    return render.page(request, "account/data.html", tables=tables)


@with_login
async def download_html(request: web.Request, session: Session) -> web.Response:
    """The same as a file that needs nothing else to be read or printed."""
    tables = await _readable(request, session)
    text = render.text(
        request,
        "account/data_file.html",
        tables=tables,
        account_id=session.account_id,
        made_at=request.app[CLOCK](),
    )
    return render.download(text, "text/html", f"cloudmatic-{session.account_id}.html")


@with_login
async def download_json(request: web.Request, session: Session) -> web.Response:
    """Structured, common, machine-readable (Art. 20 DSGVO)."""
    sections = await privacy.collect(request.app[DATABASE], session.account_id)
    content = {
        "account": session.account_id,
        "made_at": request.app[CLOCK]().isoformat(),
        "tables": {section.table: list(section.rows) for section in sections},
    }
    text = json.dumps(content, ensure_ascii=False, indent=2, default=_plain)
    return render.download(text, "application/json", f"cloudmatic-{session.account_id}.json")


@with_login
async def show_delete(request: web.Request, session: Session) -> web.Response:
    return await _delete_page(request, session)


@with_login
async def delete(request: web.Request, session: Session) -> web.Response:
    form = await forms.read(request)
    try:
        _require_understood(form)
        await privacy.delete(
            request.app[DATABASE],
            request.app[SECRETS],
            proof(request, session, form),
            request.app[CLOCK](),
        )
    except (FieldsUnfit, LoginRefused, TooManyAttempts) as error:
        return await _delete_page(request, session, error)
    request.app[MAIL_DELIVERY].nudge()
    response = web.Response(status=303, headers={"Location": "/account/deleted"})
    cookies.delete_session(request, response, "login")
    return response


@with_glance
async def show_deleted(request: web.Request) -> web.Response:
    return render.page(request, "account/deleted.html")


def _require_understood(form: Form) -> None:
    if form.get("understood") != "1":
        raise FieldsUnfit({"understood": "missing"})


async def _delete_page(
    request: web.Request, session: Session, error: Exception | None = None
) -> web.Response:
    database, today = request.app[DATABASE], berlin_day(request.app[CLOCK]())
    return page(
        request,
        "account/delete.html",
        error=error,
        overview=await overview(database, session.account_id, today),
        standings=await subscriptions.of_account(database, session.account_id),
        unaddressed=await invoices.waiting_for_address(database, session.account_id),
    )


async def _readable(request: web.Request, session: Session) -> Shown:
    sections = await privacy.collect(request.app[DATABASE], session.account_id)
    language = i18n.language_of(request)
    return [(_title(each, language), _rows(each, language)) for each in sections]


def _title(section: Section, language: Language) -> str:
    return i18n.load(language).gettext(TABLES[section.table])


def _rows(section: Section, language: Language) -> list[list[tuple[str, str]]]:
    return [
        [
            (_label(name, language), _written(name, row, language))
            for name, value in row.items()
            if value is not None and value != ""
        ]
        for row in section.rows
    ]


def _label(column: str, language: Language) -> str:
    return i18n.load(language).gettext(COLUMNS[column])


def _written(name: str, row: Mapping[str, Any], language: Language) -> str:
    value = row[name]
    if isinstance(value, bool):
        translated = i18n.load(language)
        return translated.gettext("yes") if value else translated.gettext("no")
    if isinstance(value, datetime):
        return formats.moment(value, language)
    if isinstance(value, date):
        return formats.day(value, language)
    if name == "cents" or name.endswith("_cents"):
        return formats.money(Money(value, row.get("currency", "EUR")), language)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _plain(value: object) -> str:
    """What JSON has no type for: days and instants, as ISO 8601 writes them."""
    return value.isoformat() if isinstance(value, date) else str(value)
