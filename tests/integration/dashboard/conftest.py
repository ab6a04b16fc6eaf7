"""The add-on, installed by its own script on a running simulated hub; one hub for each module."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from yarl import URL

from ccu_dashboard.services.clock import BERLIN
from tests.simulated_ccu.account_files import AccountFiles, Case, account_files
from tests.simulated_ccu.ccu import SimulatedCcu

REPOSITORY = Path(__file__).parents[3]
TODAY = datetime.now(BERLIN).date()
"""The service has no other clock than the machine's."""

PREFIX = "/addons/cloudmatic/"
PORTAL = "http://127.0.0.1:9"
"""Nobody listens there: the discard port."""


@dataclass
class Page:
    """An answer, read to its end."""

    status: int
    text: str
    headers: dict[str, str]
    cookies: list[str]


class Dashboard:
    """A hub with the add-on, and a browser without memory to ask it."""

    def __init__(self, ccu: SimulatedCcu, http: aiohttp.ClientSession) -> None:
        self.ccu = ccu
        self._http = http

    @property
    def socket(self) -> Path:
        return self.ccu.fs.var_run / "cloudmatic/dashboard.sock"

    @property
    def state(self) -> Path:
        return self.ccu.fs.addons / "cloudmatic"

    def environment(self) -> dict[str, str]:
        return self.ccu.environment() | {"CLOUDMATIC_SERVICE_UID": str(os.getuid())}

    async def ask(
        self,
        path: str = PREFIX,
        *,
        sid: str = "",
        language: str = "de",
        method: str = "GET",
        headers: dict[str, str] | None = None,
        data: object = None,
    ) -> Page:
        """One request with `sid` in the cookie; redirects are not followed."""
        sent = {"Accept-Language": language} | (headers or {})
        if sid:
            sent["Cookie"] = f"cloudmatic_sid={sid.strip('@')}"
        address = URL(self.ccu.url + path, encoded=True)
        async with self._http.request(
            method, address, headers=sent, data=data, allow_redirects=False
        ) as response:
            return Page(
                response.status,
                await response.text(),
                dict(response.headers),
                response.headers.getall("Set-Cookie", []),
            )

    async def form_token(self, sid: str) -> str:
        page = await self.ask(sid=sid)
        return page.text.split('name="form" value="')[1].split('"')[0]

    async def run(self, *command: str) -> None:
        """Run one of the hub's scripts."""
        process = await asyncio.create_subprocess_exec(
            *command,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        _, error = await asyncio.wait_for(process.communicate(), 30)
        assert process.returncode == 0, error.decode()

    async def rc(self, word: str) -> None:
        await self.run(str(self.ccu.fs.bin / "sh"), str(self.ccu.fs.rc_d / "cloudmatic"), word)

    async def wait_until_served(self) -> None:
        for _ in range(500):
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(str(self.socket)) == 0:
                    return
            await asyncio.sleep(0.02)
        raise AssertionError("the service did not start")

    def link(self, files: AccountFiles) -> None:
        self.ccu.fs.write_account_files(files)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def module_dashboard(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Dashboard]:
    folder = tmp_path_factory.mktemp("hub")
    archive = folder / "archive"
    package = [str(REPOSITORY / "package.sh"), str(archive), sys.executable]
    await asyncio.to_thread(subprocess.run, package, check=True)
    async with (
        SimulatedCcu(folder / "ccu", today=TODAY) as ccu,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as http,
    ):
        dashboard = Dashboard(ccu, http)
        dashboard.state.mkdir(parents=True)
        (dashboard.state / "settings.toml").write_text(f'portal = "{PORTAL}"\n')
        shell = str(ccu.fs.bin / "sh")
        await dashboard.run(shell, str(archive / "update_script"), "HM-RASPBERRYMATIC")
        await ccu.web.reload()
        await dashboard.wait_until_served()
        yield dashboard
        await dashboard.rc("stop")


@pytest_asyncio.fixture(loop_scope="module")
async def hub(module_dashboard: Dashboard) -> AsyncIterator[Dashboard]:
    """The module's hub as it is after an installation: linked, nobody logged in, engine well.

    After every test: whatever was sent, the engine was never given a script of somebody else's.
    """
    module_dashboard.ccu.engine.sessions.end_all()
    module_dashboard.link(account_files(Case.LINKED, TODAY))
    await module_dashboard.ccu.engine.recover()
    yield module_dashboard
    assert module_dashboard.ccu.engine.foreign_scripts == []
