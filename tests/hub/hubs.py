"""Hubs in chroots for a test. However it ends, nothing of them is left."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.demo.network import free_port
from tests.hub import chroot
from tests.hub.chroot import ChrootHub
from tests.hub.processor import NoSuchProcessorError
from tests.passing_folder import passing_folder

MakeHub = Callable[..., ChrootHub]


@contextmanager
def hubs() -> Iterator[MakeHub]:
    """Make hubs in chroots. Where that is impossible the test says so, and fails in CI."""
    if reason := chroot.unavailable():
        not_tested(f"a hub in a chroot {reason}")
    with ExitStack() as stack:

        def make(**settings: object) -> ChrootHub:
            folder = stack.enter_context(passing_folder("hub-"))
            settings.setdefault("engine_port", free_port())
            try:
                hub = ChrootHub(folder / "ccu", free_port(), **settings)  # type: ignore[arg-type]
            except NoSuchProcessorError as error:
                not_tested(f"a hub of another processor {error}")
            stack.callback(hub.close)
            return hub

        yield make


def not_tested(what: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(f"NOT TESTED: {what}")
