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
from ccu_dashboard.services import accounts
from ccu_dashboard.services import signal as signal_service
from ccu_dashboard.services.clock import HubClock
from ccu_dashboard.services.signal import Signal, _until_midnight
from ccu_dashboard.settings import Settings, SettingsInvalid, load
from ccu_dashboard.storage import own_link, signal_switch, status_cache
from ccu_dashboard.storage.own_link import OwnLink
from ccu_dashboard.storage.status_cache import Enrolment, PortalMemory
from cloudmatic_link.status import HubStatus
from tests.factories import ACCOUNT_ID, NOW, TODAY, USER_NAME, hub_status, period
from tests.simulated_ccu.account_files import Case, account_files, linked
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


def test_no_account_and_an_account_of_which_the_portal_knows_nothing_are_no_access() -> None:
    assert days_left(None, None, TODAY) == NO_ACCESS
    assert days_left(hub_status(), Packages(Package(None, None)), TODAY) == NO_ACCESS


def test_an_end_that_nobody_has_named_is_not_taken_for_none() -> None:
    assert days_left(None, Packages(Package(None, None)), TODAY) is None


@given(st.dates(), st.dates())
def test_no_date_leads_beyond_the_variables_bounds(last: date, today: date) -> None:
    days = days_left(None, Packages(Package(None, last)), today)
    assert days is not None
    assert NO_ACCESS <= days <= MOST


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


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that cannot be read is not waited for."""
    monkeypatch.setattr(accounts, "_PAUSE_SECONDS", 0.0)


@pytest.mark.parametrize("case", [Case.BINARY_RUBBISH, Case.TRUNCATED_IN_VALUE, Case.EMPTY])
@pytest.mark.usefixtures("forgetful")
async def test_while_the_firmwares_files_cannot_be_read_it_keeps_what_it_said(
    signal: Signal, engine: LogicEngine, settings: Settings, case: Case
) -> None:
    write_account_files(settings.vendor_folder, linked(ends=in_days(31)))
    await signal.switch(on=True)
    write_account_files(settings.vendor_folder, account_files(case, TODAY))
    await signal.apply()
    assert (said(engine), signal.unsure) == (31, True)
    write_account_files(settings.vendor_folder, linked(ends=in_days(9)))
    await signal.apply()
    assert (said(engine), signal.unsure) == (9, False)


async def test_a_paired_hub_that_was_not_told_a_status_yet_says_nothing(
    signal: Signal, engine: LogicEngine, settings: Settings
) -> None:
    write_account_files(settings.vendor_folder, account_files(Case.NOT_LINKED, TODAY))
    own_link.save(settings.link, OwnLink(settings.portal, ACCOUNT_ID, USER_NAME, "A" * 43))
    await signal.switch(on=True)
    assert (said(engine), signal.days, signal.unsure) == (None, None, True)
    told(settings, hub_status(period(TODAY, in_days(5))))
    await signal.apply()
    assert (said(engine), signal.unsure) == (5, False)


@pytest.mark.parametrize(
    "wrong",
    [
        # As a CCU boots; behind what the portal's clock has said already; years ahead.
        datetime(1970, 1, 1, tzinfo=UTC), NOW - timedelta(days=90), NOW + timedelta(days=3000),
    ],
)  # fmt: skip
async def test_a_clock_that_cannot_be_right_changes_nothing(
    engine: LogicEngine, settings: Settings, wrong: datetime
) -> None:
    settings.state_folder.mkdir(parents=True, exist_ok=True)
    told(settings, hub_status(period(TODAY, in_days(200))))
    async with Client(engine.url) as client:
        await Signal(settings, HubClock(lambda: NOW, lambda: 0.0), client).switch(on=True)
        assert said(engine) == 200
        clock = HubClock(lambda: wrong, lambda: 0.0)
        after_the_boot = Signal(settings, clock, client)
        await after_the_boot.apply()
        assert (said(engine), after_the_boot.unsure) == (200, True)
        # The portal's clock is believed, wherever the hub's own one stands.
        clock.set_by_portal(NOW + timedelta(days=1))
        await after_the_boot.apply()
        assert (said(engine), after_the_boot.unsure) == (199, False)


async def test_a_hub_that_was_off_for_months_says_what_its_clock_says(
    engine: LogicEngine, settings: Settings
) -> None:
    settings.state_folder.mkdir(parents=True, exist_ok=True)
    told(settings, hub_status(period(TODAY, in_days(5))))
    signal_switch.save(settings.file, on=True)
    clock = HubClock(lambda: NOW + timedelta(days=120), lambda: 0.0)
    async with Client(engine.url) as client:
        await Signal(settings, clock, client).apply()
    assert said(engine) == NO_ACCESS


def told(settings: Settings, status: HubStatus) -> None:
    """As if the portal had said so just now."""
    enrolment = Enrolment(settings.portal, ACCOUNT_ID, "A" * 43)
    status_cache.save(settings.status, PortalMemory(enrolment, status, '"e"', NOW))


def said(engine: LogicEngine) -> object:
    found = engine.dom.named(VARIABLE)
    return found and found.values["State"]


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
        if said(engine) == days:
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"it never said {days}")
