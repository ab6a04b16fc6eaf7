"""`cloudmatic-portal worker`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from cloudmatic_portal.app import listening, make_status_app, working
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


def add_commands(commands: Any) -> None:
    """Add the command to argparse's `commands`."""
    work = commands.add_parser("worker", help="send mails and do what is due, until stopped")
    work.set_defaults(operate=_work)


async def _work(database: Database, options: argparse.Namespace) -> str:
    """Run until SIGTERM or SIGINT; print `READY` first."""
    settings, stop = options.settings, told_to_stop()
    sys.stdout.write("READY\n")
    sys.stdout.flush()
    status = make_status_app(database, Metrics(), Readiness(), edge.clock)
    async with (
        listening(status, settings.status),
        _paypal(settings) as paypal,
        working(
            settings,
            database,
            clock=edge.clock,
            random_bytes=edge.random_bytes,
            delivery=MailDelivery(),
            watch=PayPalWatch(),
            paypal=paypal,
        ),
    ):
        await stop.wait()
    return ""


@asynccontextmanager
async def _paypal(settings: Settings) -> AsyncIterator[PayPal | None]:
    if settings.paypal is None:
        yield None
        return
    async with Transport(settings.paypal) as transport:
        yield PayPal(transport)
