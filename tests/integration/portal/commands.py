"""The operator's commands as processes of their own, without two seconds of imports for each.

One process imports the command line and nothing else; each command is a fork of it, with its own
environment, output and exit status. `test_cli.py` also starts real ones from nothing.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

_PATIENCE: Final = 60
_LARGEST: Final = 65536


async def run(settings: dict[str, str], *words: str) -> tuple[int | None, str, str]:
    """Run `cloudmatic-portal WORDS` with `settings` as its environment.

    Returns the exit status (None if it died), what it printed and what it complained about.
    """
    return await asyncio.wait_for(asyncio.to_thread(_run, settings, words), _PATIENCE)


def _run(settings: dict[str, str], words: tuple[str, ...]) -> tuple[int | None, str, str]:
    with (
        tempfile.TemporaryFile() as output,
        tempfile.TemporaryFile() as errors,
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection,
    ):
        connection.connect(str(_nursery()))
        wanted = json.dumps({"environment": settings, "words": words}).encode()
        socket.send_fds(connection, [wanted], [output.fileno(), errors.fileno()])
        connection.shutdown(socket.SHUT_WR)
        status = connection.recv(16).decode()
        return int(status) if status else None, _read(output.fileno()), _read(errors.fileno())


def _read(number: int) -> str:
    with os.fdopen(os.dup(number), "rb") as file:
        file.seek(0)
        return file.read().decode()


@cache
def _nursery() -> Path:
    """Where the process listens that all commands are forks of; started at the first one."""
    address = Path(tempfile.mkdtemp(prefix="commands-")) / "socket"
    words = [sys.executable, "-W", "error", "-m", __name__, str(address)]
    # It ends with us: nobody writes to its standard input, and then it is closed.
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    atexit.register(process.communicate)
    assert process.stdout is not None
    assert process.stdout.readline() == b"READY\n"
    return address


def _serve(address: str) -> None:
    from cloudmatic_portal import cli  # noqa: F401, PLC0415 - only here, for all forks

    # Forks are nobody's to wait for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(address)
        server.listen(64)
        sys.stdout.write("READY\n")
        sys.stdout.flush()
        if os.fork() == 0:
            _end_with_parent(os.getppid())
        while True:
            connection, _ = server.accept()
            with connection:
                if os.fork() == 0:
                    _answer(connection)


def _end_with_parent(nursery: int) -> None:
    """Wait until whoever started the nursery is gone, and end it then."""
    sys.stdin.buffer.read()
    with contextlib.suppress(ProcessLookupError):
        os.kill(nursery, signal.SIGKILL)
    os._exit(0)


def _answer(connection: socket.socket) -> None:
    status = 70
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        message, (output, errors), _, _ = socket.recv_fds(connection, _LARGEST, 2)
        wanted = json.loads(message)
        for number, replaced in ((output, 1), (errors, 2)):
            os.dup2(number, replaced)
        os.environ.clear()
        os.environ.update(wanted["environment"])
        status = _command(wanted["words"])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        connection.send(str(status).encode())
        os._exit(status)


def _command(words: list[str]) -> int:
    from cloudmatic_portal.cli import main  # noqa: PLC0415 - imported before the fork

    try:
        return main(words)
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else 1


if __name__ == "__main__":
    _serve(sys.argv[1])
