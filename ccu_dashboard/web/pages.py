"""Turn a template and its facts into a response in the reader's language.

A page that says what it said a moment ago is not written anew: writing takes more than half of the
time that the overview costs (`python -m benchmarks.status_page`).
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

import aiohttp_jinja2
import jinja2
from aiohttp import web

from ccu_dashboard import app_keys, i18n
from ccu_dashboard.settings import PREFIX
from cloudmatic_link import __version__

_KEPT: Final = 8
"""Pages: of a few visitors, in their languages. One has 5 to 30 kB."""

_HTML: Final = "text/html; charset=utf-8"

_ENVIRONMENTS: Final = {
    language: web.AppKey(f"TEMPLATES_{language}", jinja2.Environment) for language in i18n.Language
}


class Written:
    """The pages written last, each with all that it was written from."""

    def __init__(self) -> None:
        self._pages: OrderedDict[tuple[str, ...], tuple[dict[str, Any], bytes]] = OrderedDict()

    def find(self, key: tuple[str, ...], facts: dict[str, Any]) -> bytes | None:
        """The page `key` if it was written from facts that are equal to `facts`."""
        found = self._pages.get(key)
        if found is None or found[0] != facts:
            return None
        self._pages.move_to_end(key)
        return found[1]

    def keep(self, key: tuple[str, ...], facts: dict[str, Any], page: bytes) -> None:
        self._pages[key] = facts, page
        self._pages.move_to_end(key)
        if len(self._pages) > _KEPT:
            self._pages.popitem(last=False)

    def forget(self) -> None:
        """Whom they were about has gone."""
        self._pages.clear()


_WRITTEN: Final = web.AppKey("WRITTEN", Written)


def set_up(app: web.Application) -> None:
    """Give `app` one template environment for each language, and a memory of pages."""
    app[_WRITTEN] = Written()
    for language, key in _ENVIRONMENTS.items():
        environment = aiohttp_jinja2.setup(
            app,
            app_key=key,
            loader=jinja2.PackageLoader("ccu_dashboard"),
            extensions=["jinja2.ext.i18n"],
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        catalogue = i18n.catalogue(language)
        # jinja2.ext.i18n adds these methods to the environment.
        environment.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
        environment.filters["day"] = i18n.day_writer(language)
        environment.filters["money"] = i18n.money_writer(language)
        environment.filters["time"] = i18n.time_writer(language)
        environment.globals.update(
            static=f"{PREFIX}/static", version=__version__, language=language
        )


def forget(app: web.Application) -> None:
    """Keep no page that was written."""
    app[_WRITTEN].forget()


def render(
    request: web.Request, template: str, facts: dict[str, Any], status: int = 200
) -> web.Response:
    """Return the page `template` with `facts`."""
    facts = _prepare(request, facts)
    text = _write(request, template, facts)
    return web.Response(text=text, content_type="text/html", status=status)


def render_kept(
    request: web.Request, template: str, facts: dict[str, Any], visitor: str
) -> web.Response:
    """The same for a page that one visitor asks for often. Its facts must be values: what is equal
    gives the same page.
    """
    facts = _prepare(request, facts)
    written, key = request.app[_WRITTEN], (template, request[app_keys.LANGUAGE], visitor)
    page = written.find(key, facts)
    if page is None:
        page = _write(request, template, facts).encode("utf-8")
        written.keep(key, facts, page)
    return web.Response(body=page, headers={"Content-Type": _HTML})


def _prepare(request: web.Request, facts: dict[str, Any]) -> dict[str, Any]:
    request[app_keys.LIVE] = facts.get("live") is not None
    return {"live": None} | facts | {"prefix": request[app_keys.PREFIX]}


def _write(request: web.Request, template: str, facts: dict[str, Any]) -> str:
    environment = _ENVIRONMENTS[request[app_keys.LANGUAGE]]
    return aiohttp_jinja2.render_string(template, request, facts, app_key=environment)
