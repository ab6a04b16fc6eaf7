"""The add-on on the simulated hub: installed and started by its own scripts, as on a real one."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import aiohttp

from ccu_dashboard import privileges
from ccu_dashboard.settings import SERVICE_UID
from tests.demo.network import free_port
from tests.demo.portal_process import REPOSITORY
from tests.simulated_ccu.ccu import SimulatedCcu

_OTHERS_MAY_ENTER: Final = 0o001
_PATIENCE_SECONDS: Final = 30.0


class AddonFailed(RuntimeError):
    """One of the add-on's scripts failed, or the service did not come up."""


class Addon:
    """The add-on on `ccu`, talking to the portal at `portal`."""

    def __init__(self, ccu: SimulatedCcu, portal: str) -> None:
        self._ccu = ccu
        self._portal = portal
        self.root = ccu.fs.root
        self.state = self.root / "usr/local/etc/config/addons/cloudmatic"
        self.socket = self.root / "var/run/cloudmatic/dashboard.sock"
        self.pid_file = self.root / "var/run/cloudmatic.pid"
        # What the service reads beside the hub's files; an archive brings all of it.
        self._needed: tuple[Path, ...] = (REPOSITORY, Path(sys.executable).resolve())
        self._start_script = self.root / "usr/local/etc/config/rc.d/cloudmatic"
        self._script_log = self.root / "var/log/cloudmatic-scripts.log"

    @property
    def pid(self) -> int:
        return int(self.pid_file.read_text("ascii"))

    @property
    def keeps_its_user(self) -> bool:
        """Whether the service stays who started it: as root below a closed folder.

        It would give up root, and could not read its program or the hub's files any more.
        """
        return os.geteuid() == 0 and not _everybody_may_enter(*self._needed, self.root)

    def environment(self) -> dict[str, str]:
        """What the hub gives to the add-on's scripts, and they to the service."""
        environment = self._ccu.environment()
        if self.keeps_its_user:
            environment["CLOUDMATIC_SERVICE_UID"] = str(os.geteuid())
        return environment

    def hand_over(self) -> None:
        """Make what somebody put into the service's folder the service's own."""
        uid = int(self.environment().get("CLOUDMATIC_SERVICE_UID", SERVICE_UID))
        privileges.prepare_folder(self.state, uid)

    async def install(self, archive: Path | None = None) -> None:
        """Run the update_script of `archive`, by default of the files here. Raises AddonFailed."""
        if archive is not None:
            self._needed = ()
        self.state.mkdir(parents=True, exist_ok=True)
        (self.state / "settings.toml").write_text(f'portal = "{self._portal}"\n', "utf-8")
        with tempfile.TemporaryDirectory() as folder:
            layout = [str(REPOSITORY / "package.sh"), "layout", folder, sys.executable]
            unpack = ["tar", "-C", folder, "-xf", str(archive)]
            await self._run(unpack if archive else layout, os.environ)
            await self._run_on_hub(f"{folder}/update_script", "HM-RASPBERRYMATIC")
        await self._until_the_web_server_knows_us()

    async def start(self) -> None:
        await self.rc("start")
        await self.until_up()

    async def stop(self) -> None:
        if self._start_script.exists():
            await self.rc("stop")

    async def rc(self, word: str) -> None:
        """Call the start script as the firmware does. Raises AddonFailed."""
        await self._run_on_hub(str(self._start_script), word)

    async def until_up(self) -> None:
        """Wait until the service accepts connections. Raises AddonFailed."""
        for _ in range(int(_PATIENCE_SECONDS / 0.05)):
            try:
                _, writer = await asyncio.open_unix_connection(str(self.socket))
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                await writer.wait_closed()
                return
        raise AddonFailed("the service does not come up")

    async def _until_the_web_server_knows_us(self) -> None:
        """The installation reloads the web server by itself, two seconds after its end."""
        address = f"{self._ccu.url}/addons/cloudmatic/"
        async with aiohttp.ClientSession() as browser:
            for _ in range(int(_PATIENCE_SECONDS / 0.1)):
                with contextlib.suppress(aiohttp.ClientError):
                    async with browser.get(address) as answer:
                        if "Content-Security-Policy" in answer.headers:
                            return
                await asyncio.sleep(0.1)
        raise AddonFailed("the web server does not lead to the dashboard")

    async def until_enrolled(self) -> None:
        """Wait until the portal's status is there. Raises AddonFailed."""
        for _ in range(int(_PATIENCE_SECONDS / 0.05)):
            if (self.state / "status.json").exists():
                return
            await asyncio.sleep(0.05)
        raise AddonFailed("the hub does not get to know the portal")

    @contextlib.contextmanager
    def before_the_portals_word(self) -> Iterator[None]:
        """The running service as before it heard from the portal, which does not answer meanwhile.

        The service keeps the portal's address for the links that it shows; only its questions,
        which children ask that read the settings anew, lead nowhere.
        """
        settings, status = self.state / "settings.toml", self.state / "status.json"
        kept = status.with_name("status.kept")
        told = settings.read_text("utf-8")
        try:
            settings.write_text(f'portal = "http://127.0.0.1:{free_port()}"\n', "utf-8")
            self._until_no_question_is_under_way()
            status.rename(kept)
            yield
        finally:
            if kept.exists():
                kept.rename(status)
            settings.write_text(told, "utf-8")

    def _until_no_question_is_under_way(self) -> None:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        for _ in range(int(_PATIENCE_SECONDS / 0.05)):
            if not children.read_text("ascii"):
                return
            time.sleep(0.05)
        raise AddonFailed("the hub does not come to an end with its question")

    async def _run_on_hub(self, script: str, word: str) -> None:
        await self._run([str(self.root / "bin/sh"), script, word], self.environment())

    async def _run(self, command: list[str], environment: Mapping[str, str]) -> None:
        """Run a script to its end; off the event loop, which serves the hub's pages meanwhile."""
        # Not a pipe: the service that a script starts would hold it open.
        with self._script_log.open("wb") as log:
            result = await asyncio.to_thread(
                subprocess.run,
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=False,
            )
        if result.returncode != 0:
            said = self._script_log.read_text("utf-8", "replace").strip()
            raise AddonFailed(f"{' '.join(command)} ended with {result.returncode}: {said}")


def _everybody_may_enter(*paths: Path) -> bool:
    folders = {folder for path in paths for folder in path.parents}
    return all(folder.stat().st_mode & _OTHERS_MAY_ENTER for folder in folders)
