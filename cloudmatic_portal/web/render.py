"""Pages: one template environment per language, and what every page knows."""

from __future__ import annotations

import hashlib
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import aiohttp_jinja2
import jinja2
from aiohttp import web
from markupsafe import Markup
from yarl import URL

from cloudmatic_portal.app_keys import ADMIN_MENU, BOOKING, LOGIN, OPERATOR, SETTINGS
from cloudmatic_portal.domain.account import LANGUAGES, Language
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.reference import grouped
from cloudmatic_portal.web import csrf, formats, i18n, places, remarks

HERE: Final = Path(__file__).parent.parent
STATIC: Final = HERE / "static"

_ENVIRONMENTS: Final = {
    language: web.AppKey(f"templates_{language}", jinja2.Environment) for language in LANGUAGES
}


def setup(app: web.Application) -> None:
    """Prepare the templates in each language. Raises CatalogueMissing."""
    for language, key in _ENVIRONMENTS.items():
        app[key] = environment(language)


def page(request: web.Request, template: str, *, status: int = 200, **context: Any) -> web.Response:
    """The page `template` in the language of the request."""
    return aiohttp_jinja2.render_template(
        template,
        request,
        {
            "login": request.get(LOGIN),
            "booking": request.get(BOOKING),
            "operator": request.get(OPERATOR),
            "admin_menu": request.get(ADMIN_MENU, ()),
            "is_admin": places.is_admin(request),
            "form_token": partial(_form_token, request),
            "language_links": _language_links(request),
            "path": request.path,
            "login_address": "/login",
            "base": places.base(request),
            "prices_are_samples": request.app[SETTINGS].sample_prices,
            **context,
        },
        app_key=_ENVIRONMENTS[i18n.language_of(request)],
        status=status,
    )


def text(request: web.Request, template: str, **context: Any) -> str:
    """The plain text `template` in the language of the request."""
    found = request.app[_ENVIRONMENTS[i18n.language_of(request)]].get_template(template)
    return found.render(context)


def download(content: str, content_type: str, name: str) -> web.Response:
    """A file to be kept, under `name`, which holds neither quotes nor anything beyond ASCII."""
    response = web.Response(text=content, content_type=content_type, charset="utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def form_page(
    request: web.Request, template: str, *, status: int, wait: int, **context: Any
) -> web.Response:
    """A page with a form; `wait` is how many seconds it must not be sent again, 0 if it may."""
    if wait == 0:
        return page(request, template, status=status, wait=0, **context)
    response = page(request, template, status=429, wait=wait, **context)
    response.headers["Retry-After"] = str(wait)
    return response


@cache
def environment(language: Language) -> jinja2.Environment:
    """The templates of pages and mails in `language`. Raises CatalogueMissing."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        extensions=["jinja2.ext.i18n"],
        autoescape=jinja2.select_autoescape(
            disabled_extensions=("txt",), default=True, default_for_string=True
        ),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    install: Any = made
    install.install_gettext_translations(i18n.load(language), newstyle=True)
    for name in ("money", "cents", "percent", "day", "month", "moment", "iso_day", "iso_moment"):
        made.filters[name] = partial(getattr(formats, name), language=language)
    made.filters["berlin_day"] = berlin_day
    made.filters["reference"] = grouped
    made.filters["remark"] = partial(remarks.remark, language=language)
    made.globals.update(language=language, static=_static)
    return made


@cache
def _static(name: str) -> str:
    """The address of a static file, which changes with its content."""
    version = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={version}"


def _form_token(request: web.Request) -> Markup:
    field = '<input type="hidden" name="{}" value="{}">'
    return Markup(field).format(csrf.FIELD, csrf.issue(request))  # noqa: S704 - format escapes


def _language_links(request: web.Request) -> dict[str, str]:
    """This page in each language; the answer to a form has no address of its own.

    Only the query: a path like `//elsewhere.example` would be read as another host.
    """
    if request.method != "GET":
        return {}
    return {
        language: str(URL.build(query=request.query).update_query({i18n.PARAMETER: language}))
        for language in LANGUAGES
    }
