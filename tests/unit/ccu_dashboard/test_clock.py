"""The hub's clock may be years off; the portal's word sets it right and nothing upsets it again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from ccu_dashboard.services.clock import HubClock, since_boot, system_time
from tests.factories import NOW


class Hub:
    """A hub whose clocks stand where a test puts them."""

    def __init__(self, system: datetime = NOW, uptime: float = 100.0) -> None:
        self.system = system
        self.uptime = uptime
        self.clock = HubClock(lambda: self.system, lambda: self.uptime)


def test_a_hub_without_a_clock_is_not_believed() -> None:
    hub = Hub(datetime(1970, 1, 1, 0, 2, tzinfo=UTC))
    assert not hub.clock.is_set
    assert hub.clock.error is None


@pytest.mark.parametrize(
    ("system", "believed"),
    [
        (datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 1, 1, tzinfo=UTC), True),
        (NOW, True),
    ],
)
def test_no_clock_from_before_this_program_is_believed(system: datetime, believed: bool) -> None:
    assert Hub(system).clock.is_set is believed


@pytest.mark.fault("clock", "a hub without one goes by the portal's")
def test_the_portal_sets_the_clock_of_a_hub_that_has_none() -> None:
    hub = Hub(datetime(1970, 1, 1, tzinfo=UTC))
    hub.clock.set_by_portal(NOW)
    assert hub.clock.is_set
    assert hub.clock.now() == NOW
    assert hub.clock.error == datetime(1970, 1, 1, tzinfo=UTC) - NOW


@pytest.mark.parametrize("step", [timedelta(days=-20_000), timedelta(hours=1), timedelta(days=400)])
@pytest.mark.fault("clock", "a step of a hub's changes nothing once the portal was heard")
def test_a_step_of_the_system_clock_changes_nothing_once_the_portal_was_heard(
    step: timedelta,
) -> None:
    hub = Hub()
    hub.clock.set_by_portal(NOW)
    hub.system += step
    hub.uptime += 60
    assert hub.clock.now() == NOW + timedelta(seconds=60)
    assert hub.clock.error == step - timedelta(seconds=60)


def test_the_portals_word_counts_from_when_it_was_heard() -> None:
    hub = Hub(uptime=500.0)
    hub.clock.set_by_portal(NOW, elapsed=440.0)
    assert hub.clock.now() == NOW + timedelta(seconds=60)


def test_a_later_word_of_the_portal_replaces_the_earlier() -> None:
    hub = Hub()
    hub.clock.set_by_portal(NOW - timedelta(days=1))
    hub.clock.set_by_portal(NOW)
    assert hub.clock.now() == NOW


def test_a_moment_heard_at_boot_is_not_forgotten() -> None:
    hub = Hub(uptime=10.0)
    hub.clock.set_by_portal(NOW, elapsed=0.0)
    assert hub.clock.now() == NOW + timedelta(seconds=10)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-03-28T22:59:59+00:00", date(2026, 3, 28)),
        ("2026-03-28T23:00:00+00:00", date(2026, 3, 29)),
        ("2026-03-29T21:59:59+00:00", date(2026, 3, 29)),
        ("2026-03-29T22:00:00+00:00", date(2026, 3, 30)),
        ("2026-10-25T00:30:00+00:00", date(2026, 10, 25)),
        ("2026-10-25T22:59:59+00:00", date(2026, 10, 25)),
        ("2026-10-25T23:00:00+00:00", date(2026, 10, 26)),
        ("2026-12-31T23:00:00+00:00", date(2027, 1, 1)),
    ],
)
def test_today_is_berlins_also_on_the_days_with_23_and_25_hours(instant: str, day: date) -> None:
    assert Hub(datetime.fromisoformat(instant)).clock.today() == day


def test_the_real_clocks_run() -> None:
    assert system_time().tzinfo is UTC
    assert 0 < since_boot() <= since_boot()
