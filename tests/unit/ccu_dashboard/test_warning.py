"""What the dashboard warns of, and of what it does not; when the portal is asked again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ccu_dashboard.domain.schedule import NEAR_PAUSE, QUIET_PAUSE, USUAL_PAUSE, pause_after
from ccu_dashboard.domain.timeline import WIDTH, timeline
from ccu_dashboard.domain.warning import Topic, Urgency, warning
from cloudmatic_link.orders import OpenOrder, SubscriptionStatus
from cloudmatic_link.status import HubStatus, PackageStatus
from tests.factories import COMPLETE, CONNECT, TODAY, hub_status, period

DAY = timedelta(days=1)
GOES_ON = SubscriptionStatus(name="Complete", months=1, state="active")
WAITS = SubscriptionStatus(name="Complete", months=1, state="active", waiting="AAA-AAA-AAA")
PAUSED = SubscriptionStatus(name="Complete", months=1, state="paused")
LATE = OpenOrder(
    number="AAA-AAA-AAA", items=(), due=100, currency="EUR", method="transfer",
    pay_until=TODAY - DAY, late=True,
)  # fmt: skip


def running(days_left: int, *more: PackageStatus) -> HubStatus:
    return hub_status(period(TODAY - 30 * DAY, TODAY + days_left * DAY), *more)


@pytest.mark.parametrize(
    ("days", "urgency"),
    [(14, Urgency.HINT), (6, Urgency.HINT), (5, Urgency.SOON), (2, Urgency.SOON),
     (1, Urgency.NOW), (0, Urgency.NOW)],
)  # fmt: skip
def test_an_end_is_told_more_urgently_the_nearer_it_is(days: int, urgency: Urgency) -> None:
    found = warning(running(days), TODAY)
    assert found is not None
    assert (found.topic, found.urgency, found.days_left) == (Topic.ENDS, urgency, days)


def test_an_end_that_is_far_away_is_no_matter() -> None:
    assert warning(running(15), TODAY) is None


def test_what_follows_without_a_gap_counts() -> None:
    follows = period(TODAY + 4 * DAY, TODAY + 40 * DAY, CONNECT)
    assert warning(running(3, follows), TODAY) is None
    gap = period(TODAY + 5 * DAY, TODAY + 40 * DAY, CONNECT)
    found = warning(running(3, gap), TODAY)
    assert found is not None
    assert found.day == TODAY + 3 * DAY


def test_an_end_that_has_come_is_told_since_when() -> None:
    found = warning(running(-2), TODAY)
    assert found is not None
    assert (found.topic, found.day) == (Topic.EXPIRED, TODAY - 2 * DAY)
    assert warning(hub_status(), TODAY) is None


def test_a_subscription_that_goes_on_is_not_warned_of() -> None:
    status = replace(running(0), subscriptions=(GOES_ON,))
    assert warning(status, TODAY) is None


def test_a_paused_subscription_ends_as_a_single_booking_does() -> None:
    found = warning(replace(running(3), subscriptions=(PAUSED,)), TODAY)
    assert found is not None
    assert found.topic is Topic.ENDS


def test_of_a_subscription_only_a_late_payment_is_told() -> None:
    status = replace(running(3), subscriptions=(WAITS,))
    assert warning(status, TODAY) is None
    found = warning(replace(status, orders=(LATE,)), TODAY)
    assert found is not None
    assert found.topic is Topic.LATE


def test_days_of_grace_are_told_with_their_end() -> None:
    grace = replace(period(TODAY - DAY, TODAY + 5 * DAY), grace=True)
    status = replace(running(-2, grace), subscriptions=(WAITS,), orders=(LATE,))
    found = warning(status, TODAY)
    assert found is not None
    assert (found.topic, found.urgency, found.days_left) == (Topic.GRACE, Urgency.SOON, 5)


@pytest.mark.parametrize(
    ("status", "seconds"),
    [
        (None, NEAR_PAUSE),
        (running(10), NEAR_PAUSE),
        (running(100), USUAL_PAUSE),
        (replace(running(100), orders=(LATE,)), NEAR_PAUSE),
        (running(100, period(TODAY + 5 * DAY, TODAY + 200 * DAY)), NEAR_PAUSE),
        (running(-3), NEAR_PAUSE),
        (running(-31), QUIET_PAUSE),
        (hub_status(), QUIET_PAUSE),
    ],
)
def test_the_portal_is_asked_more_often_when_something_is_about_to_happen(
    status: HubStatus | None, seconds: float
) -> None:
    assert pause_after(status, TODAY) == seconds


def test_the_picture_has_a_bar_for_each_period_in_the_lane_of_its_product() -> None:
    trial = PackageStatus(COMPLETE, TODAY - 10 * DAY, TODAY + 19 * DAY, trial=True)
    queued = period(TODAY + 20 * DAY, TODAY + 384 * DAY, CONNECT)
    over = period(date(2020, 1, 1), date(2020, 12, 31))
    drawn = timeline((over, trial, queued), TODAY)
    assert drawn is not None
    assert [(bar.kind, bar.y) for bar in drawn.bars] == [("trial", 0), ("queued", 26)]
    first, second = drawn.bars
    # One follows the other without a gap, and today is within the first.
    assert first.x + first.width == second.x
    assert first.x < drawn.today < second.x
    assert first.x > 0
    assert second.x + second.width < WIDTH
    assert timeline((over,), TODAY) is None
