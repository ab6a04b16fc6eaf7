"""Diagnostics for administrators: every check with its result, and a report to copy."""

from __future__ import annotations

from aiohttp import web

from ccu_dashboard import app_keys, i18n
from ccu_dashboard.domain.contact import OUTCOMES
from ccu_dashboard.services.diagnosis import Report
from ccu_dashboard.web import pages, posts

_MARKS = {"ok": "ok  ", "warning": "warn", "failed": "FAIL"}


async def show(request: web.Request) -> web.Response:
    diagnosis, watch = request.app[app_keys.DIAGNOSIS], request.app[app_keys.PORTAL_WATCH]
    if diagnosis.report is None and diagnosis.failed is None:
        diagnosis.start()
    language = request[app_keys.LANGUAGE]
    report = diagnosis.report
    facts = {
        "diagnosis": diagnosis,
        "contact": watch.last,
        "outcomes": OUTCOMES,
        "translate": i18n.catalogue(language).gettext,
        "text": "" if report is None else _text(report, language),
    } | posts.token_of(request)
    return pages.render(request, "diagnostics.html", facts)


async def check(request: web.Request) -> web.Response:
    await posts.checked(request)
    request.app[app_keys.DIAGNOSIS].start()
    return posts.see(request, "diagnostics")


def _text(report: Report, language: i18n.Language) -> str:
    """The report as support reads it. There is no secret in what it is made of."""
    translate = i18n.catalogue(language).gettext
    lines = [f"{name}: {value}" for name, value in report.facts.items()]
    for each in report.findings:
        found = each.found.translated(translate)
        lines.append(f"{_MARKS[each.state]}  {translate(each.subject)}: {found}")
        if each.advice is not None:
            lines.append(f"      -> {each.advice.translated(translate)}")
    return "\n".join(lines)
