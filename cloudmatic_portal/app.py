"""The portal, put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from cloudmatic_portal.app_keys import (
    CLOCK,
    DATABASE,
    HUB_KEYS,
    LEGAL,
    MAIL_DELIVERY,
    METRICS,
    PAYPAL,
    PAYPAL_WATCH,
    RANDOM_BYTES,
    READINESS,
    RELEASE_FEED,
    SECRETS,
    SETTINGS,
    WEBHOOKS,
    Clock,
)
from cloudmatic_portal.clients.gateway import GatewayClient
from cloudmatic_portal.clients.legal_folder import LegalFolder
from cloudmatic_portal.clients.mailer import MaildirMailer, SmtpMailer, WayOut
from cloudmatic_portal.clients.paypal.api import PayPal
from cloudmatic_portal.clients.paypal.transport import Transport
from cloudmatic_portal.clients.paypal.webhooks import Webhooks
from cloudmatic_portal.services.gateways import GatewayFeed
from cloudmatic_portal.services.hub_status import HubKeys
from cloudmatic_portal.services.invoices import Office
from cloudmatic_portal.services.legal import Legal
from cloudmatic_portal.services.mailing import MailDelivery
from cloudmatic_portal.services.metrics import Metrics
from cloudmatic_portal.services.paypal.watch import PayPalWatch
from cloudmatic_portal.services.releases import ReleaseFeed
from cloudmatic_portal.services.renewal import House
from cloudmatic_portal.services.secrets import Secrets
from cloudmatic_portal.services.sessions import RandomBytes
from cloudmatic_portal.services.vitals import Readiness
from cloudmatic_portal.services.worker import Worker
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage import hub as stored_hub
from cloudmatic_portal.storage.database import Database, parse_url
from cloudmatic_portal.storage.schema import require_current
from cloudmatic_portal.web import forms, invoice_sheet, middlewares, render
from cloudmatic_portal.web.health import STATUS
from cloudmatic_portal.web.mails import make_writer
from cloudmatic_portal.web.measuring import measure
from cloudmatic_portal.web.routes import ROUTES
from cloudmatic_portal.web.tracing import trace

_MOST_WAITING: Final = 100
"""Requests that wait for a connection to the database: a second or two at full load."""

_STOPPING: Final = 10.0
"""Seconds that whatever is just being done gets when the process stops."""


def make_app(settings: Settings, *, clock: Clock, random_bytes: RandomBytes) -> web.Application:
    """The portal as `settings` say. `clock` gives the instant in UTC.

    Raises CatalogueMissing; starting it raises SchemaOutdated.
    """
    app = web.Application(
        client_max_size=forms.MAX_BYTES,
        middlewares=[trace, measure, middlewares.speak, middlewares.answer_plainly],
    )
    app[SETTINGS] = settings
    app[CLOCK] = clock
    app[RANDOM_BYTES] = random_bytes
    app[SECRETS] = Secrets(settings.password_memory_kib)
    app[RELEASE_FEED] = ReleaseFeed(settings.release_feed)
    app[LEGAL] = make_legal(settings)
    app[MAIL_DELIVERY] = MailDelivery()
    app[METRICS] = Metrics()
    app[READINESS] = Readiness()
    app[PAYPAL_WATCH] = PayPalWatch()
    render.setup(app)
    app.on_response_prepare.append(middlewares.add_headers)
    app.cleanup_ctx.append(_database)
    if settings.paypal is not None:
        app[PAYPAL] = PayPal(Transport(settings.paypal))
        app[WEBHOOKS] = Webhooks(app[PAYPAL])
        app.cleanup_ctx.append(_paypal)
    app.add_routes(ROUTES)
    return app


async def _database(app: web.Application) -> AsyncIterator[None]:
    database = Database(parse_url(app[SETTINGS].database), most_waiting=_MOST_WAITING)
    try:
        await require_current(database.patient)
        app[DATABASE] = database
        app[HUB_KEYS] = HubKeys(database, stored_hub.find_keys)
        yield
    finally:
        await database.close()


async def _paypal(app: web.Application) -> AsyncIterator[None]:
    yield
    await app[PAYPAL].transport.close()


async def work(app: web.Application) -> AsyncIterator[None]:
    """Do what nobody asks for while the app runs: a cleanup context for whoever serves it."""
    async with working(
        app[SETTINGS],
        app[DATABASE].patient,
        clock=app[CLOCK],
        random_bytes=app[RANDOM_BYTES],
        delivery=app[MAIL_DELIVERY],
        watch=app[PAYPAL_WATCH],
        paypal=app.get(PAYPAL),
    ):
        yield


@asynccontextmanager
async def working(  # noqa: PLR0913 - of an app, or of a worker without one
    settings: Settings,
    database: Database,
    *,
    clock: Clock,
    random_bytes: RandomBytes,
    delivery: MailDelivery,
    watch: PayPalWatch,
    paypal: PayPal | None,
) -> AsyncIterator[None]:
    """Do what is due, deliver mails, tell gateways and ask PayPal meanwhile.

    At the end each gets some seconds. What is cut off then is done by somebody else: an action is
    rolled back, PayPal is asked again; but a mail stays claimed, and is uncertain after its lease.
    """
    stop = asyncio.Event()
    mailer, writer = make_mailer(settings), make_writer(settings)
    parts = [
        make_worker(settings, random_bytes).run(database, clock, stop),
        make_gateway_feed(settings).run(database, clock, stop),
        delivery.run(database, mailer, writer, clock),
    ]
    if paypal is not None:
        parts.append(watch.run(database, paypal, clock))
    running = [asyncio.create_task(each) for each in parts]
    try:
        yield
    finally:
        stop.set()
        delivery.stop()
        watch.stop()
        await asyncio.wait(running, timeout=_STOPPING)
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def tell_status(app: web.Application) -> AsyncIterator[None]:
    """Tell health and metrics beside the website: a cleanup context for whoever serves it."""
    apart = make_status_app(app[DATABASE].patient, app[METRICS], app[READINESS], app[CLOCK])
    async with listening(apart, app[SETTINGS].status):
        yield


def make_status_app(
    database: Database, metrics: Metrics, readiness: Readiness, clock: Clock
) -> web.Application:
    """What is told on an address of its own: health, and metrics."""
    app = web.Application()
    app[DATABASE] = database
    app[METRICS] = metrics
    app[READINESS] = readiness
    app[CLOCK] = clock
    app.add_routes(STATUS)
    return app


@asynccontextmanager
async def listening(app: web.Application, listener: tuple[str, int] | None) -> AsyncIterator[None]:
    """Serve `app` on host and port meanwhile, without a log; not at all if there is no listener."""
    if listener is None:
        yield
        return
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, *listener).start()
        yield
    finally:
        await runner.cleanup()


def make_worker(settings: Settings, random_bytes: RandomBytes) -> Worker:
    """Who does what is due, by the rules that `settings` give."""
    seller = settings.seller
    office = None if seller is None else Office(seller, invoice_sheet.write)
    return Worker(House(settings.rules, settings.bank), random_bytes, office)


def make_gateway_feed(settings: Settings) -> GatewayFeed:
    """Who numbers changes of access and tells gateways of them."""
    return GatewayFeed(settings.secret, GatewayClient())


def make_legal(settings: Settings) -> Legal:
    """Where the legal texts are, as `settings` say."""
    return Legal(LegalFolder(settings.legal_folder, samples=settings.sample_texts))


def make_mailer(settings: Settings) -> WayOut:
    """The way out for mails that `settings` name. Raises LookupError if they name none."""
    if settings.smtp is not None:
        return SmtpMailer(settings.smtp, name=settings.hostname)
    if settings.maildir is None:
        raise LookupError("the settings name neither an SMTP server nor a folder for mails")
    return MaildirMailer(settings.maildir)
