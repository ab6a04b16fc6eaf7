"""The portal is told in the background that this hub has left its account."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from ccu_dashboard.services import child
from ccu_dashboard.services.child import ChildFailed

_LOG: Final = logging.getLogger(__name__)
_PATIENCE_SECONDS: Final = 4.0
"""How long the end of the service waits; its stop script waits for ten."""


class Goodbyes:
    """No page waits for one, and what was deleted here does not depend on it."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[None]] = set()

    def say(self, portal: str, token: str) -> None:
        """Tell `portal` by `token`, which `leaving.farewell` has made."""
        task = asyncio.create_task(_say(portal, token))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def end(self) -> None:
        """Wait a few seconds for what is under way, and give the rest up."""
        if not self._under_way:
            return
        _, late = await asyncio.wait(self._under_way, timeout=_PATIENCE_SECONDS)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)


async def _say(portal: str, token: str) -> None:
    why = "the service ended"
    try:
        said = await child.run("goodbye", "--portal", portal, told=token.encode("ascii"))
        why = "" if said["said"] is True else str(said["reason"])
    except ChildFailed as error:
        why = error.cause
    except (KeyError, TypeError):
        why = "its answer cannot be read"
    finally:
        if why:
            _LOG.warning("portal: goodbye not said, withdraw this hub on the website: %s", why)
        else:
            _LOG.info("portal: goodbye said")
