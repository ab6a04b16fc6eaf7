"""Pages of the operators: with the words that only these use."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from cloudmatic_portal.web import render
from cloudmatic_portal.web.admin import words


def page(request: web.Request, template: str, *, status: int = 200, **context: Any) -> web.Response:
    """The page `admin/<template>` in the language of the request."""
    return render.page(
        request,
        f"admin/{template}",
        status=status,
        say=words,
        **context,
    )
