"""Turn a template and its facts into a response in the reader's language."""

from __future__ import annotations

from typing import Any, Final

import aiohttp_jinja2
import jinja2
from aiohttp import web

from ccu_dashboard import app_keys, i18n
from ccu_dashboard.settings import PREFIX
from cloudmatic_link import __version__

_ENVIRONMENTS: Final = {
    language: web.AppKey(f"TEMPLATES_{language}", jinja2.Environment) for language in i18n.Language
}


def set_up(app: web.Application) -> None:
    """Give `app` one template environment for each language."""
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


def render(
    request: web.Request, template: str, facts: dict[str, Any], status: int = 200
) -> web.Response:
    """Return the page `template` with `facts`."""
    key = _ENVIRONMENTS[request[app_keys.LANGUAGE]]
    facts = {"live": None} | facts | {"prefix": request[app_keys.PREFIX]}
    request[app_keys.LIVE] = facts["live"] is not None
    return aiohttp_jinja2.render_template(template, request, facts, app_key=key, status=status)
