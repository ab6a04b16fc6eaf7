"""Legal texts: which are in force, what orders were made under, and what changed. To be read."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import web

from cloudmatic_portal.app_keys import DATABASE, LEGAL
from cloudmatic_portal.domain.account import LANGUAGES
from cloudmatic_portal.domain.errors import TermsUnknown
from cloudmatic_portal.domain.legal import LEGAL_NAMES
from cloudmatic_portal.domain.operator import Operator
from cloudmatic_portal.services import legal
from cloudmatic_portal.web.admin.pages import page
from cloudmatic_portal.web.legal import as_html

_VERSION: Final = re.compile(r"[0-9a-f]{64}")


async def show(request: web.Request, _: Operator) -> web.Response:
    texts = await request.app[LEGAL].texts()
    return page(
        request,
        "legal.html",
        texts=texts,
        files=[(name, each) for name in LEGAL_NAMES for each in LANGUAGES],
        versions=await legal.versions(request.app[DATABASE], texts),
    )


async def show_version(request: web.Request, _: Operator) -> web.Response:
    other = request.query.get("other")
    reading = await legal.read(
        request.app[DATABASE],
        await request.app[LEGAL].texts(),
        _known(request.match_info["version"]),
        None if other is None else _known(other),
    )
    return page(
        request,
        "legal_version.html",
        reading=reading,
        agb=as_html(reading.terms.agb),
        widerruf=as_html(reading.terms.widerruf),
    )


def _known(text: str) -> str:
    if not _VERSION.fullmatch(text):
        raise TermsUnknown("")
    return text
