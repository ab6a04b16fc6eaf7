"""The portal, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web

from cloudmatic_portal.app_keys import (
    CLOCK,
    DATABASE,
    RANDOM_BYTES,
    RELEASE_FEED,
    SECRETS,
    SETTINGS,
    Clock,
)
from cloudmatic_portal.services.releases import ReleaseFeed
from cloudmatic_portal.services.secrets import Secrets
from cloudmatic_portal.services.sessions import RandomBytes
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage.database import Database, parse_url
from cloudmatic_portal.storage.schema import require_current
from cloudmatic_portal.web import forms, middlewares, render
from cloudmatic_portal.web.routes import ROUTES


def make_app(settings: Settings, *, clock: Clock, random_bytes: RandomBytes) -> web.Application:
    """The portal as `settings` say. `clock` gives the instant in UTC.

    Raises CatalogueMissing; starting it raises SchemaOutdated.
    """
    app = web.Application(
        client_max_size=forms.MAX_BYTES,
        middlewares=[middlewares.speak, middlewares.answer_plainly],
    )
    app[SETTINGS] = settings
    app[CLOCK] = clock
    app[RANDOM_BYTES] = random_bytes
    app[SECRETS] = Secrets(settings.password_memory_kib)
    app[RELEASE_FEED] = ReleaseFeed(settings.release_feed)
    render.setup(app)
    app.on_response_prepare.append(middlewares.add_headers)
    app.cleanup_ctx.append(_database)
    app.add_routes(ROUTES)
    return app


async def _database(app: web.Application) -> AsyncIterator[None]:
    database = Database(parse_url(app[SETTINGS].database))
    try:
        await require_current(database)
        app[DATABASE] = database
        yield
    finally:
        await database.close()
