"""What stands beside the status page, behind the same lighttpd: a CGI program, a bare service."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from tests.demo.system import System
from tests.simulated_ccu.account_files import HUB_SERIAL

HERE: Final = Path(__file__).parent
_SNIPPET: Final = """\
$HTTP["url"] =~ "^/addons/yardstick/bare" {
  proxy.server = ( "" => (( "host" => "/var/run/yardstick.sock" )) )
}
"""
_PLACES: Final = 'set engine [list "{host}" {port}]\nset root "{root}"\n'
_PATIENCE: Final = 10.0


@dataclass(frozen=True, slots=True)
class Yardsticks:
    """Paths on the hub that answer as the status page does."""

    cgi: str = "/addons/yardstick/status.cgi"
    bare: str = "/addons/yardstick/bare"


@contextlib.asynccontextmanager
async def standing_beside(system: System, page: str) -> AsyncIterator[Yardsticks]:
    """Put them on the hub. `page` is what the status page answers there for the demo's account:
    the CGI program fills in what it reads, the service answers always the same.
    """
    root = system.ccu.fs.root
    folder = root / "usr/local/etc/config/addons/www/yardstick"
    folder.mkdir()
    shutil.copy(HERE / "status.cgi", folder)
    engine = system.ccu.engine
    places = _PLACES.format(host=engine.host, port=engine.port, root=root)
    (folder / "places.tcl").write_text(places, "utf-8")
    (folder / "page.html").write_text(_template(page), "utf-8")
    (folder / "bare.html").write_text(page, "utf-8")
    system.ccu.web.install_snippet("yardstick.conf", _SNIPPET)
    socket = root / "var/run/yardstick.sock"
    service = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.bare", str(socket), str(folder / "bare.html")),
        stdout=subprocess.PIPE,
    )
    assert service.stdout is not None
    try:
        # It says so once it listens.
        await asyncio.wait_for(service.stdout.readline(), _PATIENCE)
        await system.ccu.web.reload()
        found = Yardsticks()
        await asyncio.wait_for(_until_answered(system, found), _PATIENCE)
        yield found
    finally:
        service.terminate()
        await service.wait()


async def _until_answered(system: System, yardsticks: Yardsticks) -> None:
    """A lighttpd that is reloaded drops, now and then, what comes meanwhile."""
    async with aiohttp.ClientSession(system.ccu.url) as visitor:
        for path in (yardsticks.cgi, yardsticks.bare):
            answered = False
            while not answered:
                with contextlib.suppress(aiohttp.ClientError):
                    async with visitor.get(path, headers={"Connection": "close"}):
                        answered = True


def _template(page: str) -> str:
    for name, value in {
        "SerialNumber": HUB_SERIAL,
        "userkennung": "maxmuster",
        "userid": "4711",
    }.items():
        page = page.replace(value, f"@{name}@")
    return page
