"""Hub and portal together, and their clean end."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from cloudmatic_portal.web.places import WEBHOOK_PATH
from tests.demo.addon import Addon
from tests.demo.portal_process import PortalProcess
from tests.paypal_sandbox.server import Sandbox
from tests.simulated_ccu.account_files import USER_KEY, AccountFiles
from tests.simulated_ccu.ccu import SimulatedCcu

_SELLER: Final = Path(__file__).with_name("seller.toml")


@dataclass(frozen=True, slots=True)
class System:
    """A running hub with its add-on, and a running portal; `logins` are the portal's."""

    ccu: SimulatedCcu
    addon: Addon
    portal: PortalProcess
    logins: dict[str, str]
    paypal: Sandbox | None = None
    """Where customers may pay, if they may."""


@contextlib.asynccontextmanager
async def running_system(
    folder: Path,
    *,
    today: date,
    hub_port: int = 0,
    portal_port: int = 0,
    files: AccountFiles | None = None,
    archive: Path | None = None,
    paypal: bool = False,
) -> AsyncIterator[System]:
    """Run everything below `folder`; when the block ends nothing is left running.

    With `paypal` customers may pay at a sandbox. The hub runs the add-on from `archive`, by default
    the files here with this Python.
    """
    async with contextlib.AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(Sandbox()) if paypal else None
        more = sandbox.settings(folder) if sandbox else {}
        more["CLOUDMATIC_PORTAL_SELLER_FILE"] = str(_SELLER)
        portal = PortalProcess(folder, port=portal_port, more=more)
        if sandbox:
            sandbox.webhooks.target = portal.origin + WEBHOOK_PATH
        await portal.run("migrate")
        logins = _logins(await portal.run("demo", "--user-key", USER_KEY))
        stack.push_async_callback(portal.stop)
        await portal.start()
        ccu = await stack.enter_async_context(
            SimulatedCcu(folder / "ccu", today=today, files=files, port=hub_port)
        )
        addon = Addon(ccu, portal.origin)
        stack.push_async_callback(addon.stop)
        await addon.install(archive)
        yield System(ccu, addon, portal, logins, sandbox)


def _logins(printed: str) -> dict[str, str]:
    """Read the lines `LOGIN <CloudMatic-ID> <user name> <password>`."""
    words = [line.split() for line in printed.splitlines() if line.startswith("LOGIN ")]
    return {user: password for _, _, user, password in words}
