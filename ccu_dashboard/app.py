"""The application: all wiring, no decisions."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine

from aiohttp import web

from ccu_dashboard import app_keys
from ccu_dashboard.clients.logic_engine import LogicEngine
from ccu_dashboard.services.booking import Booking
from ccu_dashboard.services.clock import HubClock
from ccu_dashboard.services.diagnosis import Diagnosis
from ccu_dashboard.services.goodbye import Goodbyes
from ccu_dashboard.services.portal_watch import PortalWatch
from ccu_dashboard.services.sessions import Sessions
from ccu_dashboard.services.signal import Signal
from ccu_dashboard.settings import Settings
from ccu_dashboard.storage import status_cache
from ccu_dashboard.web import middlewares, pages, routes
from ccu_dashboard.web.forms import FormTokens

MAX_FORM_BYTES = 16 * 1024
_SECRET_BYTES = 32


def make_app(
    settings: Settings, *, clock: HubClock, random_bytes: Callable[[int], bytes]
) -> web.Application:
    """Return the dashboard for the hub that `settings` describe."""
    app = web.Application(middlewares=middlewares.ALL, client_max_size=MAX_FORM_BYTES)
    app[app_keys.SETTINGS] = settings
    app[app_keys.CLOCK] = clock
    app[app_keys.BOOKING] = Booking(settings, clock, random_bytes)
    app[app_keys.RANDOM_BYTES] = random_bytes
    app[app_keys.DIAGNOSIS] = Diagnosis()
    app[app_keys.GOODBYES] = Goodbyes()
    app[app_keys.FORM_TOKENS] = FormTokens(random_bytes(_SECRET_BYTES))
    app[app_keys.PORTAL_WATCH] = PortalWatch(clock)
    pages.set_up(app)
    routes.set_up(app)
    app.cleanup_ctx.append(_logic_engine)
    app.cleanup_ctx.append(_portal_watch)
    app.on_cleanup.append(_end_diagnosis)
    app.on_cleanup.append(_end_goodbyes)
    return app


async def _logic_engine(app: web.Application) -> AsyncIterator[None]:
    async with LogicEngine(app[app_keys.SETTINGS].engine) as engine:
        clock = app[app_keys.CLOCK]
        app[app_keys.SESSIONS] = Sessions(engine, lambda: clock.elapsed)
        app[app_keys.SIGNAL] = signal = Signal(app[app_keys.SETTINGS], clock, engine)
        app[app_keys.PORTAL_WATCH].told = signal.nudge
        async with _running(signal.run()):
            yield


async def _end_diagnosis(app: web.Application) -> None:
    await app[app_keys.DIAGNOSIS].stop()


async def _end_goodbyes(app: web.Application) -> None:
    await app[app_keys.GOODBYES].end()


async def _portal_watch(app: web.Application) -> AsyncIterator[None]:
    known = status_cache.load(app[app_keys.SETTINGS].status).status is not None
    async with _running(app[app_keys.PORTAL_WATCH].run(known=known)):
        yield


@contextlib.asynccontextmanager
async def _running(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
