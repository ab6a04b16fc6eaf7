"""What works in the background goes on whatever happens, and ends when it is told to."""

from __future__ import annotations

import asyncio

import pytest

from cloudmatic_portal.services import background
from cloudmatic_portal.services.background import Nudged


class Work:
    """Has so much to do; `done` is set with each round that found nothing more."""

    def __init__(self, *amounts: int | Exception) -> None:
        self.left = list(amounts)
        self.rounds = 0
        self.done = asyncio.Event()

    async def step(self) -> int:
        self.rounds += 1
        found = self.left.pop(0) if self.left else 0
        if isinstance(found, Exception):
            raise found
        if not found:
            self.done.set()
        return found


class Watch(Nudged):
    async def run(self, work: Work) -> None:
        await self._repeat(work.step, pause=3600, failure="it cannot be looked after")


async def test_it_looks_at_once_when_somebody_nudges_and_ends_when_told() -> None:
    work, watch = Work(2, 1), Watch()
    running = asyncio.create_task(watch.run(work))
    await asyncio.wait_for(work.done.wait(), 5)
    assert work.rounds == 3
    work.done.clear()
    watch.nudge()
    await asyncio.wait_for(work.done.wait(), 5)
    watch.stop()
    await asyncio.wait_for(running, 5)
    assert work.rounds == 4


async def test_a_nudge_while_it_looks_is_not_lost() -> None:
    watch, looked = Watch(), asyncio.Event()

    class Nudging(Work):
        async def step(self) -> int:
            await super().step()
            if self.rounds == 1:
                watch.nudge()
            else:
                looked.set()
            return 0

    running = asyncio.create_task(watch.run(Nudging()))
    await asyncio.wait_for(looked.wait(), 5)
    watch.stop()
    await asyncio.wait_for(running, 5)


async def test_what_fails_is_told_and_done_again_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(background, "PAUSE_AFTER_FAILURE", 0.01)
    first, second, stop = Work(OSError("away")), Work(), asyncio.Event()
    running = asyncio.create_task(
        background.repeat(first.step, second.step, pause=3600, failure="not now", stop=stop)
    )
    await asyncio.wait_for(second.done.wait(), 5)
    assert (first.rounds, second.rounds) == (2, 1)
    assert "not now" in caplog.text
    stop.set()
    await asyncio.wait_for(running, 5)


async def test_nothing_more_is_begun_once_it_is_to_stop() -> None:
    stop, later = asyncio.Event(), Work()

    async def last() -> bool:
        stop.set()
        return True

    await background.repeat(last, later.step, pause=3600, failure="no", stop=stop)
    assert later.rounds == 0
