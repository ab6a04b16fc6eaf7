"""`cloudmatic-portal worker`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import Any, Final

from cloudmatic_portal.app import (
    listening,
    make_gateway_feed,
    make_mailer,
    make_status_app,
    make_worker,
)
from cloudmatic_portal.cli import edge
from cloudmatic_portal.cli.serve import told_to_stop
from cloudmatic_portal.clients.paypal.api import PayPal
from cloudmatic_portal.clients.paypal.transport import Transport
from cloudmatic_portal.services.mailing import MailDelivery
from cloudmatic_portal.services.metrics import Metrics
from cloudmatic_portal.services.paypal.watch import PayPalWatch
from cloudmatic_portal.services.vitals import Readiness
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.web.mails import make_writer

_STOPPING: Final = 10.0
"""Seconds that a call of PayPal gets when the worker stops."""


def add_commands(commands: Any) -> None:
    """Add the command to argparse's `commands`."""
    working = commands.add_parser("worker", help="send mails and do what is due, until stopped")
    working.set_defaults(operate=_work)


async def _work(database: Database, options: argparse.Namespace) -> str:
    """Run until SIGTERM or SIGINT; print `READY` first."""
    delivery, watch, stop = MailDelivery(), PayPalWatch(), told_to_stop()
    worker = make_worker(options.settings, edge.random_bytes)
    mailer, writer = make_mailer(options.settings), make_writer(options.settings)
    sys.stdout.write("READY\n")
    sys.stdout.flush()
    status = make_status_app(database, Metrics(), Readiness(), edge.clock)
    async with listening(status, options.settings.status), asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run(database, edge.clock, stop))
        tasks.create_task(make_gateway_feed(options.settings).run(database, edge.clock, stop))
        tasks.create_task(delivery.run(database, mailer, writer, edge.clock))
        looking = tasks.create_task(_look_after_paypal(database, options.settings, watch))
        await stop.wait()
        delivery.stop()
        watch.stop()
        await asyncio.wait({looking}, timeout=_STOPPING)
        looking.cancel()
    return ""


async def _look_after_paypal(database: Database, settings: Settings, watch: PayPalWatch) -> None:
    if settings.paypal is not None:
        async with Transport(settings.paypal) as transport:
            await watch.run(database, PayPal(transport), edge.clock)
