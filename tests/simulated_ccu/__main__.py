"""`python -m tests.simulated_ccu lay|serve --root DIR …`: the simulated CCU on its own."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.simulated_ccu.account_files import Case, account_files
from tests.simulated_ccu.ccu import SimulatedCcu
from tests.simulated_ccu.file_system import lay
from tests.simulated_ccu.host_programs import ProgramMissingError
from tests.simulated_ccu.web_server import WebServerFailedError


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0, or 1 with one line on stderr."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "lay":
            files = account_files(options.case, options.today)
            lay(options.root, files, product=options.product)
        else:
            asyncio.run(_serve(options))
    except (ProgramMissingError, WebServerFailedError, OSError) as error:
        print(f"simulated_ccu: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulated_ccu")
    commands = parser.add_subparsers(dest="command", required=True)
    lay_command = commands.add_parser("lay", help="lay the file system and exit")
    serve_command = commands.add_parser("serve", help="lay, then serve until SIGTERM or SIGINT")
    for command in (lay_command, serve_command):
        command.add_argument("--root", type=Path, required=True)
        command.add_argument("--case", type=Case, choices=list(Case), default=Case.LINKED)
        command.add_argument("--today", type=date.fromisoformat, default=_today_in_berlin())
        command.add_argument("--product", choices=["OpenCCU", "CCU3"], default="OpenCCU")
    serve_command.add_argument("--host", default="127.0.0.1")
    serve_command.add_argument("--port", type=int, default=0)
    serve_command.add_argument("--https-port", type=int)
    serve_command.add_argument("--engine-port", type=int, default=0)
    serve_command.add_argument("--without-include", action="store_true")
    return parser


def _today_in_berlin() -> date:
    return datetime.now(ZoneInfo("Europe/Berlin")).date()


async def _serve(options: argparse.Namespace) -> None:
    ccu = SimulatedCcu(
        options.root,
        today=options.today,
        files=account_files(options.case, options.today),
        product=options.product,
        host=options.host,
        port=options.port,
        https_port=options.https_port,
        engine_port=options.engine_port,
        includes_snippets=not options.without_include,
    )
    signals = _caught_signals()
    async with ccu:
        print(f"READY {ccu.url}", flush=True)
        while await signals.get() == signal.SIGHUP:
            await ccu.web.reload()


def _caught_signals() -> asyncio.Queue[signal.Signals]:
    """SIGHUP reads the web server's configuration again; SIGTERM and SIGINT end the hub."""
    signals: asyncio.Queue[signal.Signals] = asyncio.Queue()
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, signals.put_nowait, number)
    return signals


if __name__ == "__main__":
    sys.exit(main())
