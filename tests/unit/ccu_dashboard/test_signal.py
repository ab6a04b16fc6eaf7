"""The system variable: what it says, whose it is, and that nothing foreign gets into a script."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccu_dashboard.clients.logic_engine import VARIABLE
from ccu_dashboard.clients.logic_engine import LogicEngine as Client
from ccu_dashboard.domain.errors import EngineUnavailable
from ccu_dashboard.domain.package import Package, Packages
from ccu_dashboard.domain.signal import MOST, NO_ACCESS, days_left
from ccu_dashboard.services import signal as signal_service
from ccu_dashboard.services.clock import HubClock
from ccu_dashboard.services.signal import Signal, _until_midnight
from ccu_dashboard.settings import Settings, SettingsInvalid, load
from ccu_dashboard.storage import signal_switch
from tests.factories import TODAY, hub_status, period
from tests.simulated_ccu.account_files import linked
from tests.simulated_ccu.logic_engine import LogicEngine
from tests.unit.ccu_dashboard.conftest import write_account_files


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


def test_days_are_counted_over_all_packages_that_follow_each_other() -> None:
    status = hub_status(period(in_days(-5), in_days(3)), period(in_days(4), in_days(40)))
    assert days_left(status, None, TODAY) == 40


@pytest.mark.parametrize(("last", "said"), [(0, 0), (1, 1), (-1, NO_ACCESS), (-400, NO_ACCESS)])
def test_the_last_day_is_nought_and_after_it_there_is_no_access(last: int, said: int) -> None:
    assert days_left(hub_status(period(in_days(-500), in_days(last))), None, TODAY) == said
    vendor = Packages(Package(None, in_days(last)))
    assert days_left(None, vendor, TODAY) == said


def test_what_has_not_begun_is_no_access() -> None:
    assert days_left(hub_status(period(in_days(1), in_days(9))), None, TODAY) == NO_ACCESS


def test_what_is_not_known_is_no_access() -> None:
    assert days_left(None, None, TODAY) == NO_ACCESS
    assert days_left(None, Packages(Package(None, None)), TODAY) == NO_ACCESS


@given(st.dates(), st.dates())
def test_no_date_leads_beyond_the_variables_bounds(last: date, today: date) -> None:
    assert NO_ACCESS <= days_left(None, Packages(Package(None, last)), today) <= MOST


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "days_variable = true\n"),
        ('# mine\nportal = "https://a.example"\n', None),
        ('portal = "https://a.example"\ndays_variable = false  # no\n', None),
    ],
)
def test_the_switch_changes_its_own_line_and_nothing_else(
    tmp_path: Path, before: str | None, after: str | None
) -> None:
    file = tmp_path / "settings.toml"
    if before is not None:
        file.write_text(before)
    signal_switch.save(file, on=True)
    assert signal_switch.load(file)
    kept = "".join(line for line in (before or "").splitlines(keepends=True) if "days_" not in line)
    assert file.read_text() == (after or f"days_variable = true\n{kept}")
    signal_switch.save(file, on=False)
    assert not signal_switch.load(file)
    assert file.read_text() == kept


def test_the_settings_take_the_switch_and_nothing_but_true_or_false(tmp_path: Path) -> None:
    settings = Settings(root=tmp_path)
    settings.state_folder.mkdir(parents=True)
    environment = {"CCU_ROOT": str(tmp_path)}
    settings.file.write_text("days_variable = true\n")
    load(environment)
    settings.file.write_text('days_variable = "yes"\n')
    with pytest.raises(SettingsInvalid, match="days_variable"):
        load(environment)


@pytest.fixture
async def engine() -> AsyncIterator[LogicEngine]:
    running = LogicEngine()
    await running.start()
    yield running
    await running.stop()
    assert running.foreign_scripts == []


class Time:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def signal(engine: LogicEngine, settings: Settings, time: Time) -> AsyncIterator[Signal]:
    settings.state_folder.mkdir(parents=True, exist_ok=True)
    clock = HubClock(lambda: time.now, lambda: 0.0)
    async with Client(engine.url) as client:
        yield Signal(settings, clock, client)


async def test_switched_on_it_is_a_number_that_the_webui_shows(
    signal: Signal, engine: LogicEngine
) -> None:
    await signal.switch(on=True)
    made = engine.dom.named(VARIABLE)
    assert made is not None
    assert made.values["State"] == signal.days
    assert signal.days is not None
    assert signal.days > 0
    # The WebUI's kind "Zahl".
    assert (made.values["ValueType"], made.values["ValueSubType"]) == (4, 0)
    assert (made.values["Visible"], made.values["Internal"]) == (True, False)
    assert engine.dom.updates == 1
    # Its number stays: programs of the owner's refer to it.
    await signal.apply()
    assert engine.dom.named(VARIABLE) is made


async def test_the_next_day_it_says_one_less(
    signal: Signal, engine: LogicEngine, time: Time
) -> None:
    await signal.switch(on=True)
    before = engine.dom.named(VARIABLE)
    assert before is not None
    said = before.values["State"]
    time.now += timedelta(days=1)
    await signal.apply()
    assert before.values["State"] == said - 1


def test_it_wakes_just_after_midnight_in_berlin() -> None:
    assert _until_midnight(datetime(2026, 11, 23, 22, 59, 30, tzinfo=UTC)) == 31
    # The night in which the clocks go back.
    assert _until_midnight(datetime(2026, 10, 24, 22, 0, tzinfo=UTC)) == 25 * 3600 + 1


async def test_switched_off_it_is_gone_without_trace(signal: Signal, engine: LogicEngine) -> None:
    await signal.switch(on=True)
    await signal.switch(on=False)
    assert engine.dom.objects == {}
    assert (signal.on, signal.days) == (False, None)


async def test_what_was_switched_off_in_the_settings_goes_at_the_next_start(
    signal: Signal, engine: LogicEngine, settings: Settings
) -> None:
    await signal.switch(on=True)
    signal_switch.save(settings.file, on=False)
    async with Client(engine.url) as client:
        await Signal(settings, HubClock(), client).apply()
    assert engine.dom.objects == {}


async def test_somebody_elses_variable_of_that_name_is_left_alone(
    signal: Signal, engine: LogicEngine
) -> None:
    theirs = engine.dom.add(VARIABLE, DPInfo="meine", State=5)
    await signal.switch(on=True)
    assert signal.foreign
    assert not signal.on
    await signal.switch(on=False)
    assert engine.dom.named(VARIABLE) is theirs
    assert theirs.values["State"] == 5


async def test_an_engine_that_does_not_answer_gets_it_later(
    signal: Signal, engine: LogicEngine
) -> None:
    await engine.down()
    with pytest.raises(EngineUnavailable):
        await signal.switch(on=True)
    assert signal.on
    assert signal.days is None
    await engine.recover()
    await signal.apply()
    assert engine.dom.named(VARIABLE) is not None


@pytest.mark.parametrize("body", [b"<xml></xml>", b"x", b"nonsense<xml></xml>"])
async def test_an_answer_that_is_none_counts_as_none(
    signal: Signal, engine: LogicEngine, body: bytes
) -> None:
    engine.rubbish(body)
    with pytest.raises(EngineUnavailable):
        await signal.switch(on=True)
    with pytest.raises(EngineUnavailable):
        await signal.switch(on=False)


async def test_it_follows_whatever_changes_and_tries_again(
    signal: Signal, engine: LogicEngine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal_service, "_RETRY_SECONDS", 0.05)
    write_account_files(settings.vendor_folder, linked(ends=in_days(31)))
    signal_switch.save(settings.file, on=True)
    await engine.down()
    running = asyncio.create_task(signal.run())
    try:
        await asyncio.sleep(0.2)
        await engine.recover()
        await says(engine, 31)
        write_account_files(settings.vendor_folder, linked(ends=in_days(9)))
        signal.nudge()
        await says(engine, 9)
    finally:
        running.cancel()


async def says(engine: LogicEngine, days: int) -> None:
    for _ in range(200):
        found = engine.dom.named(VARIABLE)
        if found is not None and found.values["State"] == days:
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"it never said {days}")
