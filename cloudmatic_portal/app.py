"""The portal, put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import web

from cloudmatic_portal.app_keys import (
    CLOCK,
    DATABASE,
    MAIL_DELIVERY,
    RANDOM_BYTES,
    RELEASE_FEED,
    SECRETS,
    SETTINGS,
    Clock,
)
from cloudmatic_portal.clients.mailer import MaildirMailer, Mailer, SmtpMailer
from cloudmatic_portal.services.invoices import Office
from cloudmatic_portal.services.mailing import MailDelivery
from cloudmatic_portal.services.releases import ReleaseFeed
from cloudmatic_portal.services.renewal import House
from cloudmatic_portal.services.secrets import Secrets
from cloudmatic_portal.services.sessions import RandomBytes
from cloudmatic_portal.services.worker import Worker
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage.database import Database, parse_url
from cloudmatic_portal.storage.schema import require_current
from cloudmatic_portal.web import forms, invoice_sheet, middlewares, render
from cloudmatic_portal.web.mails import MailWriter
from cloudmatic_portal.web.routes import ROUTES

_STOPPING: Final = 10.0
"""Seconds that a mail which is just being sent gets when the portal stops."""


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
    app[MAIL_DELIVERY] = MailDelivery()
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


async def deliver_mails(app: web.Application) -> AsyncIterator[None]:
    """Deliver mails while the app runs: a cleanup context for whoever serves it."""
    settings = app[SETTINGS]
    delivery = app[MAIL_DELIVERY]
    running = asyncio.create_task(
        delivery.run(app[DATABASE], make_mailer(settings), make_writer(settings), app[CLOCK])
    )
    try:
        yield
    finally:
        delivery.stop()
        await asyncio.wait({running}, timeout=_STOPPING)
        # What it was sending stays claimed, and is uncertain when the lease ends.
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def do_what_is_due(app: web.Application) -> AsyncIterator[None]:
    """Do what is due while the app runs: a cleanup context for whoever serves it."""
    settings = app[SETTINGS]
    stop = asyncio.Event()
    worker = make_worker(settings, app[RANDOM_BYTES])
    running = asyncio.create_task(worker.run(app[DATABASE], app[CLOCK], stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait({running}, timeout=_STOPPING)
        # What it was doing is rolled back, and somebody else does it.
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def make_worker(settings: Settings, random_bytes: RandomBytes) -> Worker:
    """Who does what is due, by the rules that `settings` give."""
    seller = settings.seller
    office = None if seller is None else Office(seller, invoice_sheet.write)
    return Worker(House(settings.rules, settings.bank), random_bytes, office)


def make_writer(settings: Settings) -> MailWriter:
    """Who writes the mails, under the names that `settings` give."""
    return MailWriter(settings.origin, settings.sender, settings.mail_reply_to)


def make_mailer(settings: Settings) -> Mailer:
    """The way out for mails that `settings` name. Raises LookupError if they name none."""
    if settings.smtp is not None:
        return SmtpMailer(settings.smtp, name=settings.hostname)
    if settings.maildir is None:
        raise LookupError("the settings name neither an SMTP server nor a folder for mails")
    return MaildirMailer(settings.maildir)
