"""What every form of ours has in common: where it comes from, and where it leads afterwards."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from ccu_dashboard import app_keys
from ccu_dashboard.web import forms


def token_of(request: web.Request) -> dict[str, Any]:
    """What a template needs to print a form for this visitor."""
    sid = request[app_keys.VISITOR].sid
    token = request.app[app_keys.FORM_TOKENS].make(sid)
    return {"form_field": forms.FIELD, "form_token": token}


async def checked(request: web.Request) -> dict[str, str]:
    """Read a form of ours that was made for this session. Raises FormStale, web.HTTPException."""
    form = await forms.read(request)
    sid = request[app_keys.VISITOR].sid
    request.app[app_keys.FORM_TOKENS].check(sid, form.get(forms.FIELD, ""))
    return form


def see(request: web.Request, page: str = "") -> web.Response:
    """Go on to `page`, the overview by default."""
    location = f"{request[app_keys.PREFIX]}/{page}"
    return web.Response(status=303, headers={"Location": location})
