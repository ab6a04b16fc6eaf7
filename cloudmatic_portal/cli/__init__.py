"""The command line: `cloudmatic-portal serve|migrate|demo`, and the operator's commands."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import uvloop

from cloudmatic_portal.cli import (
    accounts,
    audit,
    backup,
    check,
    declarations,
    due,
    figures,
    gateways,
    hubs,
    invoices,
    legal,
    logs,
    mails,
    operator,
    operators,
    payments,
    paypal,
    prices,
    statements,
    subscriptions,
    vouchers,
    worker,
)
from cloudmatic_portal.cli.backup import BackupRefused
from cloudmatic_portal.cli.check import SomethingIsBad
from cloudmatic_portal.cli.demo import DemoRefused, load_demo
from cloudmatic_portal.cli.migrate import migrate_database
from cloudmatic_portal.cli.operator import CommandRefused
from cloudmatic_portal.cli.serve import serve
from cloudmatic_portal.services.catalogue_file import CatalogueUnreadable
from cloudmatic_portal.settings import Settings, SettingsWrong, from_environment
from cloudmatic_portal.storage.schema import SchemaOutdated
from cloudmatic_portal.web.i18n import CatalogueMissing


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status (2: the settings are wrong)."""
    options = _parser().parse_args(arguments)
    try:
        settings = from_environment(os.environ)
    except SettingsWrong as error:
        return _fail(error, status=2)
    logs.set_up(settings.log_format)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_run(options, settings))
    except SchemaOutdated as error:
        return _fail(f"{error}: run `cloudmatic-portal migrate`")
    except (
        BackupRefused,
        CatalogueMissing,
        CatalogueUnreadable,
        DemoRefused,
        CommandRefused,
        OSError,
        SomethingIsBad,
    ) as error:
        return _fail(error)
    return 0


async def _run(options: argparse.Namespace, settings: Settings) -> None:
    if options.command == "migrate" or (options.command == "serve" and options.migrate):
        await migrate_database(settings)
    if options.command == "serve":
        await serve(_listening(settings, options), alone=options.alone)
    if options.command == "demo":
        await load_demo(settings, options.user_key, options.today, options.password)
    if options.command == "check":
        await check.run(options, settings)
    if "apart" in options:
        await backup.run(options, settings)
    if "operate" in options:
        await operator.run(options, settings)


def _listening(settings: Settings, options: argparse.Namespace) -> Settings:
    if options.socket is not None:
        return replace(settings, socket=options.socket)
    if options.host is not None or options.port is not None:
        settings = replace(settings, socket=None)
    host = settings.host if options.host is None else options.host
    port = settings.port if options.port is None else options.port
    return replace(settings, host=host, port=port)


def _fail(reason: object, status: int = 1) -> int:
    sys.stderr.write(f"cloudmatic-portal: {reason}\n")
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cloudmatic-portal", description="The CloudMatic booking portal."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve", help="serve browsers and hubs")
    serving.add_argument("--migrate", action="store_true", help="upgrade the database first")
    serving.add_argument("--host", help="instead of CLOUDMATIC_PORTAL_HOST")
    serving.add_argument("--port", type=int, help="instead of CLOUDMATIC_PORTAL_PORT; 0 is any")
    serving.add_argument("--socket", type=Path, help="listen on this Unix socket instead")
    serving.add_argument(
        "--no-worker",
        dest="alone",
        action="store_false",
        help="leave mails and what is due to `cloudmatic-portal worker`",
    )
    commands.add_parser("migrate", help="upgrade the database to this version")
    demo = commands.add_parser("demo", help="load a catalogue and two accounts to try it with")
    demo.add_argument("--user-key", required=True, help="user key of account 4711")
    demo.add_argument("--today", type=date.fromisoformat, help="pretend that it is this day")
    demo.add_argument("--password", help="of both accounts; needed unless on this machine only")
    check.add_commands(commands)
    backup.add_commands(commands)
    prices.add_commands(commands)
    operator.add_commands(commands)
    vouchers.add_commands(commands)
    subscriptions.add_commands(commands)
    gateways.add_commands(commands)
    payments.add_commands(commands)
    paypal.add_commands(commands)
    statements.add_commands(commands)
    invoices.add_commands(commands)
    legal.add_commands(commands)
    mails.add_commands(commands)
    operators.add_commands(commands)
    accounts.add_commands(commands)
    hubs.add_commands(commands)
    audit.add_commands(commands)
    declarations.add_commands(commands)
    worker.add_commands(commands)
    due.add_commands(commands)
    figures.add_commands(commands)
    return parser
