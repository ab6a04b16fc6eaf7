"""The portal as its own process, with a database of its own."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final

from tests.demo.network import free_port

REPOSITORY: Final = Path(__file__).resolve().parents[2]
_PATIENCE_SECONDS: Final = 60.0


class PortalDied(RuntimeError):
    """The portal ended, or did not get ready; the message is the end of its log."""


class PortalProcess:
    """A portal on `localhost`, so that its cookies are not the hub's, which is on 127.0.0.1."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        database: str | None = None,
        more: Mapping[str, str] | None = None,
    ) -> None:
        self._folder = folder
        self._more = dict(more or {})
        self._port = port or free_port()
        self._database = database or str(folder / "portal.sqlite")
        self._process: Process | None = None
        self.log = folder / "portal.log"

    @property
    def origin(self) -> str:
        return f"http://localhost:{self._port}"

    @property
    def pid(self) -> int:
        if self._process is None:
            raise PortalDied("not started")
        return self._process.pid

    def environment(self) -> dict[str, str]:
        """What `cloudmatic-portal` needs to know."""
        secret = self._folder / "portal.secret"
        if not secret.exists():
            secret.touch(mode=0o600)
            secret.write_text(secrets.token_hex(32))
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONPATH": str(REPOSITORY),
            "CLOUDMATIC_PORTAL_ORIGIN": self.origin,
            "CLOUDMATIC_PORTAL_DATABASE": self._database,
            "CLOUDMATIC_PORTAL_SECRET_FILE": str(secret),
            "CLOUDMATIC_PORTAL_PORT": str(self._port),
            "CLOUDMATIC_PORTAL_SAMPLE_PRICES": "1",
            "CLOUDMATIC_PORTAL_SAMPLE_TEXTS": "1",
            # An account that exists in examples only.
            "CLOUDMATIC_PORTAL_BANK_HOLDER": "CloudMatic (Beispiel)",
            "CLOUDMATIC_PORTAL_BANK_IBAN": "DE02120300000000202051",
            "CLOUDMATIC_PORTAL_BANK_BIC": "BYLADEM1001",
            **self._more,
        }

    async def run(self, *words: str) -> str:
        """Run one `cloudmatic-portal` command and return what it printed. Raises PortalDied."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "cloudmatic_portal", *words),
            env=self.environment(),
            stdout=PIPE,
            stderr=PIPE,
        )
        output, errors = await process.communicate()
        if process.returncode != 0:
            raise PortalDied(errors.decode("utf-8", "replace"))
        return output.decode("utf-8")

    async def start(self) -> None:
        """Start serving; returns when the portal accepts connections. Raises PortalDied."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "cloudmatic_portal", "serve"),
                env=self.environment(),
                stdout=PIPE,
                stderr=log,
            )
        await asyncio.wait_for(self._until_ready(_stdout(self._process)), _PATIENCE_SECONDS)

    async def stop(self) -> None:
        """End the portal and wait for it."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

    async def _until_ready(self, stdout: asyncio.StreamReader) -> None:
        while line := await stdout.readline():
            if line.startswith(b"READY"):
                return
        raise PortalDied(_tail(self.log.open("rb")))


def _stdout(process: Process) -> asyncio.StreamReader:
    if process.stdout is None:
        raise PortalDied("no output")
    return process.stdout


def _tail(log: IO[bytes]) -> str:
    with log:
        return log.read()[-2000:].decode("utf-8", "replace")
