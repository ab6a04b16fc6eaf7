"""Our own command line as a child process: it takes its libraries with it when it ends."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from typing import Any, Final

PATIENCE_SECONDS: Final = 120.0


class ChildFailed(Exception):
    """The child did not start, did not end in time, or said nothing that can be read."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


async def run(*words: str, told: bytes | None = None) -> Any:
    """Run `ccu-dashboard` with `words`, tell it `told`, and return the JSON that it prints.

    Raises ChildFailed. Cancelled, it leaves no child.
    """
    try:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "ccu_dashboard", *words),
            stdin=DEVNULL if told is None else PIPE,
            stdout=PIPE,
        )
    except OSError as error:
        # The hub is short of memory or processes; that passes.
        raise ChildFailed(error.strerror or "start") from error
    try:
        output, _ = await asyncio.wait_for(child.communicate(told), PATIENCE_SECONDS)
        return json.loads(output)
    except (TimeoutError, ValueError) as error:
        raise ChildFailed(type(error).__name__) from error
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
