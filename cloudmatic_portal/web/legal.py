"""The operator's legal texts as pages."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from aiohttp import web
from markdown_it import MarkdownIt
from markupsafe import Markup

from cloudmatic_portal.app_keys import LEGAL
from cloudmatic_portal.domain.errors import LegalTextMissing
from cloudmatic_portal.domain.legal import LEGAL_NAMES, LegalName
from cloudmatic_portal.web import i18n, render
from cloudmatic_portal.web.sessions import Handler, with_glance

PATHS: Final[dict[LegalName, str]] = {name: f"/{name}" for name in LEGAL_NAMES}

# HTML in the source is shown as text, and nothing is loaded from elsewhere.
_MARKDOWN: Final = MarkdownIt("commonmark", {"html": False})
_MARKDOWN.enable("table").disable("image")


def show(name: LegalName) -> Handler:
    """The page of the text `name`; the German one where there is no other."""

    async def _show(request: web.Request) -> web.Response:
        texts = await request.app[LEGAL].texts()
        text = texts.text(name, i18n.language_of(request))
        if text is None:
            raise LegalTextMissing(name)
        return render.page(
            request,
            "legal/show.html",
            name=name,
            text_language=text.language,
            sample=text.sample,
            body=as_html(text.markdown),
        )

    return with_glance(_show)


@lru_cache(maxsize=32)
def as_html(markdown: str) -> Markup:
    """`markdown` as HTML in which nothing can be run."""
    return Markup(_MARKDOWN.render(markdown))  # noqa: S704 - the renderer escapes all HTML
