"""Waiting grows for whoever guesses, and never for the owner because of others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_portal.domain.device import LIFETIME, Device
from cloudmatic_portal.domain.throttle import (
    LONGEST_MEMORY,
    RULES,
    UNKNOWN,
    Attempt,
    Purpose,
    Rule,
    Tally,
    network_of,
)
from tests.factories import NOW

RULE = Rule(5, timedelta(seconds=10), timedelta(hours=1))
every_rule = st.sampled_from([rule for rules in RULES.values() for rule in rules.values()])
network = st.sampled_from(["192.0.2.0/24", "2001:db8::/56", UNKNOWN])
SECOND = timedelta(seconds=1)


def after(failures: int, rule: Rule = RULE, now: datetime = NOW) -> Tally:
    tally = Tally.empty(now)
    for _ in range(failures):
        tally = tally.more(rule, now)
    return tally


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (5, 0), (6, 10), (7, 20), (8, 40), (14, 2560), (15, 3600), (10**9, 3600)],
)
def test_some_failures_are_free_and_then_each_costs_twice_the_one_before(
    failures: int, seconds: int
) -> None:
    assert RULE.wait(failures) == timedelta(seconds=seconds)


@given(every_rule, st.integers(0, 10**6))
def test_waiting_never_gets_shorter_and_never_lasts(rule: Rule, failures: int) -> None:
    assert rule.wait(failures) <= rule.wait(failures + 1) <= rule.longest < rule.memory
    assert rule.memory <= LONGEST_MEMORY


@given(every_rule, st.integers(1, 200), st.integers(0, 10**5))
def test_who_waits_may_try_again_and_who_stops_is_forgotten(
    rule: Rule, failures: int, later: int
) -> None:
    tally = after(failures, rule)
    seconds = tally.seconds_left(NOW)
    assert tally.seconds_left(NOW + seconds * SECOND) == 0
    assert tally.seconds_left(NOW + later * SECOND) <= seconds
    assert tally.more(rule, NOW + rule.memory).failures == 1


@given(every_rule, st.integers(0, 200))
def test_an_attempt_that_was_right_leaves_what_was_there_before(rule: Rule, failures: int) -> None:
    before = after(failures, rule)
    right = before.more(rule, NOW).less(NOW)
    assert right.failures == before.failures
    assert right.seconds_left(NOW) == 0


def scopes(attempt: Attempt) -> dict[str, Rule]:
    return {each.scope: each.rule for each in attempt.counters()}


def test_the_owners_browser_stands_apart_from_all_others() -> None:
    stranger = Attempt("login", "192.0.2.0/24", "maxmuster")
    owner = Attempt("login", "192.0.2.0/24", "maxmuster", "device")
    assert set(scopes(stranger)) == {"here", "network", "name"}
    assert set(scopes(owner)) == {"device"}
    other = Attempt("login", "192.0.2.0/24", "maxmuster", "another")
    assert owner.counters()[0].subject != other.counters()[0].subject


def test_an_unknown_network_is_everybodys() -> None:
    attempt = Attempt("login", UNKNOWN, "maxmuster")
    assert set(scopes(attempt)) == {"network", "name"}
    assert scopes(attempt)["network"].free == 100 * RULES["login"]["network"].free


@given(st.sampled_from(sorted(RULES)), st.sampled_from(sorted(RULES)), network, network)
def test_nothing_is_counted_under_anothers_head(
    purpose: Purpose, other: Purpose, here: str, there: str
) -> None:
    first = Attempt(purpose, here, "max")
    second = Attempt(other, there, "erika")
    shared = {each.subject for each in first.counters()} & {
        each.subject for each in second.counters()
    }
    assert bool(shared) == (purpose == other and here == there and "network" in RULES[purpose])


def test_what_is_put_together_cannot_be_mistaken() -> None:
    # As one text, "a" and "bc" would be "ab" and "c".
    [first, *_] = (each for each in Attempt("login", "n", "ab").counters() if each.scope == "here")
    [other, *_] = (each for each in Attempt("login", "na", "b").counters() if each.scope == "here")
    assert first.subject != other.subject
    Attempt("login", "n", "\ud800").counters()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2345::1", "2001:db8:1:2300::/56"),
        ("fe80::1%eth0", "fe80::/56"),
        (" 192.0.2.1 ", "192.0.2.0/24"),
        ("", UNKNOWN),
        (None, UNKNOWN),
        ("unknown", UNKNOWN),
        ("192.0.2.1, 192.0.2.2", UNKNOWN),
        ("999.0.2.1", UNKNOWN),
        ("'; DROP TABLE attempts", UNKNOWN),
    ],
)
def test_an_address_belongs_to_a_network(address: str | None, expected: str) -> None:
    assert network_of(address) == expected


@given(st.ip_addresses(), st.integers(0, 255))
def test_neighbours_share_a_network(address: IPv4Address | IPv6Address, last: int) -> None:
    neighbour = type(address)(int(address) // 256 * 256 + last)
    assert network_of(str(address)) == network_of(str(neighbour)) != UNKNOWN


@given(st.text(max_size=50))
def test_no_address_is_too_strange(text: str) -> None:
    assert network_of(text)


def test_a_device_vouches_for_its_account_until_it_is_revoked_or_old() -> None:
    issued = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    device = Device(4711, "id", issued)
    assert device.vouches(4711, None, NOW)
    assert not device.vouches(4712, None, NOW)
    assert device.vouches(4711, issued + timedelta(microseconds=999), NOW)
    assert not device.vouches(4711, issued + SECOND, NOW)
    assert not device.vouches(4711, None, issued + LIFETIME)
