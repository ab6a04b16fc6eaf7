"""The whole simulated CCU: file system, logic engine and web server in one."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.simulated_ccu.account_files import AccountFiles, Case, account_files
from tests.simulated_ccu.engine_sessions import DEMO_USERS, User
from tests.simulated_ccu.file_system import Product, SimulatedFileSystem, lay
from tests.simulated_ccu.logic_engine import LogicEngine
from tests.simulated_ccu.web_server import WebServer


class SimulatedCcu:
    """`async with SimulatedCcu(root, today=...) as ccu:` lays the tree and runs both servers.

    `files` are the account files, those of the linked case relative to `today` if not given.
    Ports: 0 picks a free one; `https_port=None` is no HTTPS.
    """

    engine: LogicEngine
    web: WebServer

    def __init__(
        self,
        root: Path,
        *,
        today: date,
        files: AccountFiles | None = None,
        product: Product = "OpenCCU",
        other_addons: bool = True,
        users: tuple[User, ...] = DEMO_USERS,
        host: str = "127.0.0.1",
        port: int = 0,
        https_port: int | None = None,
        engine_port: int = 0,
        includes_snippets: bool = True,
    ) -> None:
        files = files if files is not None else account_files(Case.LINKED, today)
        self.fs: SimulatedFileSystem = lay(root, files, product=product, other_addons=other_addons)
        self.engine = LogicEngine(port=engine_port, users=users)
        self._host = host
        self._ports = (port, https_port)
        self._includes_snippets = includes_snippets

    @property
    def url(self) -> str:
        """Address of the WebUI, without a slash at the end."""
        return self.web.url

    def environment(self) -> dict[str, str]:
        """For the hub's scripts and for the add-on: the tree's, and where the engine listens."""
        return self.fs.environment() | {"CLOUDMATIC_ENGINE_URL": self.engine.url}

    async def start(self) -> None:
        """Start engine and web server; nothing is left running if one of them fails."""
        await self.engine.start()
        try:
            self.web = WebServer(
                self.fs,
                engine=(self.engine.host, self.engine.port),
                host=self._host,
                port=self._ports[0],
                https_port=self._ports[1],
                includes_snippets=self._includes_snippets,
            )
            await self.web.start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop both; the tree stays."""
        if hasattr(self, "web"):
            await self.web.stop()
        await self.engine.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()
