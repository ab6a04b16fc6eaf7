"""The portal is asked again and again, in peace, whatever became of the last attempt."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from ccu_dashboard.domain.contact import Contact, Outcome
from ccu_dashboard.services import child, portal_watch
from ccu_dashboard.services.clock import HubClock
from ccu_dashboard.services.portal_watch import PortalWatch, first_pause, pause
from tests.factories import NOW

HEARD = {"outcome": "heard", "reason": "", "portal_time": NOW.isoformat(), "elapsed": 40.0}


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 3 * 3600), (1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600), (9, 3600), (10**4, 3600)],
)
def test_the_pause_doubles_after_each_failure_up_to_an_hour(failures: int, seconds: float) -> None:
    assert pause(failures, 0.5) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("failures", "told", "least", "most"),
    [
        (0, 12 * 3600.0, 0.9 * 12 * 3600, 1.1 * 12 * 3600),
        (1, 120.0, 120, 147),
        (1, 5.0, 27, 33),
        (9, 86400.0, 86400, 1.3 * 86400),
    ],
)
def test_the_pause_is_what_the_portal_asks_for(
    failures: int, told: float, least: float, most: float
) -> None:
    for spread in (0.0, 0.5, 1.0):
        assert least <= pause(failures, spread, told) + 1e-6
        assert pause(failures, spread, told) <= most + 1e-6


def test_hubs_that_came_back_together_spread_by_a_fifth() -> None:
    assert pause(1, 0.0) == pytest.approx(27)
    assert pause(1, 1.0) == pytest.approx(33)


def test_hubs_that_boot_together_ask_over_ten_minutes() -> None:
    assert [first_pause(60.0, spread) for spread in (0.0, 0.5, 1.0)] == [0.0, 300.0, 600.0]
    # An update, or a restart by hand: the neighbours do not restart.
    assert first_pause(3600.0, 1.0) == 0.0


@pytest.fixture
def watch() -> PortalWatch:
    return PortalWatch(HubClock(lambda: NOW - timedelta(days=9), lambda: 100.0))


def child_says(
    monkeypatch: pytest.MonkeyPatch, folder: Path, text: str, then: str = "exit 0"
) -> None:
    """Let a shell script stand for `ccu-dashboard status --refresh`."""
    program = folder / "python"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\n{then}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))


async def test_the_portals_clock_is_taken_over(
    watch: PortalWatch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    child_says(monkeypatch, tmp_path, json.dumps({"contact": HEARD}))
    assert await watch.refresh() == Contact(Outcome.HEARD, "", NOW, 40.0)
    assert watch._clock.now() == NOW + timedelta(seconds=60)
    assert watch.last is not None


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"contact": null}', '{"contact": 1}', '{"contact": {"outcome": "x"}}',
     json.dumps({"contact": HEARD | {"portal_time": "yesterday"}}),
     json.dumps({"contact": HEARD | {"portal_time": 5}}), "Traceback (most recent call last):"],
)  # fmt: skip
async def test_a_child_that_talks_nonsense_is_a_failed_attempt(
    watch: PortalWatch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str
) -> None:
    child_says(monkeypatch, tmp_path, text)
    assert (await watch.refresh()).outcome is Outcome.FAILED


async def test_a_child_that_never_ends_is_ended(
    watch: PortalWatch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(child, "PATIENCE_SECONDS", 0.1)
    child_says(monkeypatch, tmp_path, "", "exec sleep 30")
    async with asyncio.timeout(5):
        assert (await watch.refresh()).outcome is Outcome.FAILED


async def test_a_hub_that_cannot_start_a_child_is_watched_on(
    watch: PortalWatch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "missing"))
    monkeypatch.setattr(portal_watch, "pause", lambda failures, *_: 0.0 if failures < 3 else 60)
    task = asyncio.create_task(watch.run())
    await asyncio.sleep(0.3)
    assert not task.done()
    assert watch.last == Contact(Outcome.FAILED, "No such file or directory")
    task.cancel()
    await asyncio.wait([task])


async def test_a_watch_that_is_ended_leaves_no_child(
    watch: PortalWatch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mark = tmp_path / "pid"
    child_says(monkeypatch, tmp_path, "", f"echo $$ >{mark}; exec sleep 30")
    task = asyncio.create_task(watch.run())
    async with asyncio.timeout(5):
        while not written(mark):  # noqa: ASYNC110  another process writes it
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    assert not process(written(mark)).exists()


def written(file: Path) -> str:
    return file.read_text().strip() if file.exists() else ""


def process(number: str) -> Path:
    return Path("/proc") / number


async def test_a_nudge_asks_at_once_but_not_over_and_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    child_says(monkeypatch, tmp_path, json.dumps({"contact": HEARD}), f"echo >>{tmp_path}/asked")
    uptime = [100.0]
    watch = PortalWatch(HubClock(lambda: NOW, lambda: uptime[0]))

    def asked() -> int:
        return (tmp_path / "asked").read_text().count("\n")

    async def until_asked(times: int) -> None:
        for _ in range(1000):
            if asked() == times:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"asked {asked()} times, expected {times}")

    (tmp_path / "asked").touch()
    task = asyncio.create_task(watch.run())
    try:
        await until_asked(1)
        watch.nudge()
        await asyncio.sleep(0.2)
        assert asked() == 1
        uptime[0] += portal_watch.FIRST_RETRY_PAUSE
        watch.nudge()
        await until_asked(2)
    finally:
        task.cancel()


async def test_whoever_looks_at_a_hub_that_has_booted_does_not_wait(
    watch: PortalWatch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    child_says(monkeypatch, tmp_path, json.dumps({"contact": HEARD}))
    monkeypatch.setattr(portal_watch, "first_pause", lambda *_: 60.0)
    task = asyncio.create_task(watch.run(known=True))
    try:
        await asyncio.sleep(0.3)
        assert watch.last is None
        watch.nudge()
        async with asyncio.timeout(10):
            while watch.last is None:  # noqa: ASYNC110  another process answers
                await asyncio.sleep(0.02)
    finally:
        task.cancel()
        await asyncio.wait([task])


PAIRING = HEARD | {"outcome": "pairing", "pause": 5.0}


class Counted:
    """A watch over a child that says one thing, and how often it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path, said: object) -> None:
        self._asked = folder / "asked"
        self._asked.touch()
        child_says(monkeypatch, folder, json.dumps({"contact": said}), f"echo >>{self._asked}")
        self.watch = PortalWatch(HubClock(lambda: NOW))

    @property
    def asked(self) -> int:
        return self._asked.read_text().count("\n")

    async def asked_within(self, times: int, seconds: float) -> bool:
        task = asyncio.create_task(self.watch.run())
        try:
            async with asyncio.timeout(seconds):
                while self.asked < times:  # noqa: ASYNC110  another process writes it
                    await asyncio.sleep(0.02)
        except TimeoutError:
            return False
        finally:
            task.cancel()
            await asyncio.wait([task])
        return True


async def test_after_a_booking_the_portal_is_asked_every_few_seconds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(portal_watch, "HURRIED_PAUSE", 0.1)
    monkeypatch.setattr(portal_watch, "_BREATH", 0.05)
    counted = Counted(monkeypatch, tmp_path, HEARD | {"pause": 3600.0})
    assert not await counted.asked_within(2, 0.5)
    counted.watch.hurry()
    assert counted.watch.hurried
    assert await counted.asked_within(6, 10)


def test_hurrying_is_over_after_its_time() -> None:
    uptime = [100.0]
    watch = PortalWatch(HubClock(lambda: NOW, lambda: uptime[0]))
    watch.hurry()
    watch.hurry(30.0)
    uptime[0] += 899.0
    assert watch.hurried
    uptime[0] += 1.0
    assert not watch.hurried


def test_a_page_that_is_left_open_does_not_hurry_the_hub_for_ever() -> None:
    uptime = [100.0]
    watch = PortalWatch(HubClock(lambda: NOW, lambda: uptime[0]))
    for _ in range(89):
        watch.attend()
        assert watch.hurried
        uptime[0] += 10.0
    for _ in range(20):
        watch.attend()
        uptime[0] += 10.0
    assert not watch.hurried
    # Whoever comes back later sees a payment soon again.
    uptime[0] += 301.0
    watch.attend()
    assert watch.hurried


async def test_a_code_that_is_shown_is_asked_about_at_the_portals_interval(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    counted = Counted(monkeypatch, tmp_path, PAIRING | {"pause": 0.05})
    assert await counted.asked_within(4, 10)


async def test_a_question_that_is_interrupted_writes_nothing_afterwards(
    watch: PortalWatch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mark, late = tmp_path / "pid", tmp_path / "late"
    child_says(monkeypatch, tmp_path, "", f"echo $$ >{mark}; sleep 1; echo >{late}")
    task = asyncio.create_task(watch.run())
    async with asyncio.timeout(5):
        while not written(mark):  # noqa: ASYNC110  another process writes it
            await asyncio.sleep(0.01)
    await watch.interrupt()
    assert not process(written(mark)).exists()
    await asyncio.sleep(1.2)
    assert not late.exists()
    # The watch itself goes on.
    assert not task.done()
    task.cancel()
    await asyncio.wait([task])


async def test_whoever_waits_for_the_portals_word_is_told_after_each_question(
    watch: PortalWatch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    child_says(monkeypatch, tmp_path, json.dumps({"contact": HEARD}))
    told: list[Contact | None] = []
    watch.told = lambda: told.append(watch.last)
    contact = await watch.refresh()
    assert told == [contact]
