"""Which package is shown as active, and how it stands on a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ccu_dashboard.domain.account import License
from ccu_dashboard.domain.package import Package, Standing, from_portal, from_vendor, offered
from cloudmatic_link.products import PACKAGES, Product
from tests.factories import COMPLETE, CONNECT, SMARTHOME, TODAY, hub_status, linked, period


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


@pytest.mark.parametrize(
    ("days", "standing"),
    [
        (-1, Standing.EXPIRED), (-400, Standing.EXPIRED), (0, Standing.ENDING),
        (1, Standing.ENDING), (14, Standing.ENDING), (15, Standing.ACTIVE), (400, Standing.ACTIVE),
    ],
)  # fmt: skip
def test_a_package_ends_with_its_last_day_and_warns_two_weeks_before(
    days: int, standing: Standing
) -> None:
    package = Package(COMPLETE, in_days(days))
    assert (package.days_left(TODAY), package.standing(TODAY)) == (days, standing)


def test_a_package_that_has_not_begun_is_not_called_active() -> None:
    package = Package(COMPLETE, in_days(40), first_day=in_days(1))
    assert package.standing(TODAY) is Standing.QUEUED
    assert package.standing(in_days(1)) is Standing.ACTIVE


def test_a_package_without_a_known_end_stands_nowhere() -> None:
    package = Package(COMPLETE, None, first_day=TODAY)
    assert package.standing(TODAY) is Standing.UNKNOWN
    assert package.days_left(TODAY) is None
    assert package.share_left(TODAY) is None


@pytest.mark.parametrize(
    ("day", "share"), [(-5, 1.0), (0, 1.0), (1, 0.9), (5, 0.5), (9, 0.1), (10, 0.0), (400, 0.0)]
)
def test_the_share_left_runs_from_whole_to_nothing(day: int, share: float) -> None:
    package = Package(COMPLETE, in_days(9), first_day=TODAY)
    assert package.share_left(in_days(day)) == pytest.approx(share)


def test_a_package_of_one_day_is_whole_on_that_day() -> None:
    assert Package(COMPLETE, TODAY, first_day=TODAY).share_left(TODAY) == 1.0


def test_the_share_is_not_known_without_a_first_day() -> None:
    assert Package(COMPLETE, in_days(9)).share_left(TODAY) is None


def test_the_vendors_files_name_package_end_and_trial() -> None:
    account = linked(last_day=TODAY, license=License(CONNECT, trial=True))
    assert from_vendor(account).active == Package(CONNECT, TODAY, trial=True)


def test_the_portal_names_the_running_package_and_what_follows() -> None:
    running, later = period(in_days(-9), TODAY), period(in_days(1), in_days(30), CONNECT)
    packages = from_portal(hub_status(running, later), TODAY)
    assert packages is not None
    assert packages.active == Package(COMPLETE, TODAY, in_days(-9))
    assert packages.queued == (Package(CONNECT, in_days(30), in_days(1)),)


def test_of_several_running_packages_the_one_that_runs_longest_is_shown() -> None:
    short, long = period(in_days(-9), in_days(3)), period(in_days(-3), in_days(90), CONNECT)
    packages = from_portal(hub_status(short, long), TODAY)
    assert packages is not None
    assert packages.active.product == CONNECT


def test_if_none_runs_the_one_that_ended_last_is_shown_as_expired() -> None:
    older, old = period(in_days(-90), in_days(-60)), period(in_days(-9), in_days(-1), CONNECT)
    packages = from_portal(hub_status(older, old), TODAY)
    assert packages is not None
    assert packages.active.product == CONNECT
    assert packages.active.standing(TODAY) is Standing.EXPIRED


def test_a_portal_that_knows_of_no_package_shows_none() -> None:
    assert from_portal(hub_status(), TODAY) is None


def test_before_the_first_package_the_next_one_is_shown_once() -> None:
    first, second = period(in_days(2), in_days(9)), period(in_days(10), in_days(20), SMARTHOME)
    packages = from_portal(hub_status(first, second), TODAY)
    assert packages is not None
    assert packages.active.first_day == in_days(2)
    assert [each.product for each in packages.queued] == [SMARTHOME]


def test_the_portals_offer_counts_where_it_is_known() -> None:
    special = (Product("special", "CloudMatic Special"),)
    assert offered(hub_status(products=special)) == special
    assert offered(hub_status(products=())) == PACKAGES
    assert offered(None) == PACKAGES
