"""Recovery codes, and how long the second step of a login waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.device import Device, Visitor
from cloudmatic_portal.domain.reference import ALPHABET
from cloudmatic_portal.domain.second_factor import (
    CODE_BYTES,
    SecondStep,
    grouped,
    new_recovery_code,
    read_recovery_code,
)
from cloudmatic_portal.domain.totp import read_code

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@given(st.binary(min_size=CODE_BYTES, max_size=CODE_BYTES))
def test_a_recovery_code_is_read_however_it_is_typed(random: bytes) -> None:
    code = new_recovery_code(random)
    assert set(code) <= set(ALPHABET)
    shown = grouped(code)
    for typed in (code, shown, shown.lower(), shown.replace("-", " "), f" {shown} "):
        assert read_recovery_code(typed) == code
    # What the app shows is never taken for one, nor one for what the app shows.
    assert read_code(shown) is None


@given(st.text(max_size=24))
def test_what_is_read_is_sixteen_signs_of_the_alphabet_or_nothing(text: str) -> None:
    code = read_recovery_code(text)
    assert code is None or (len(code) == 16 and set(code) <= set(ALPHABET))


@pytest.mark.parametrize("text", ["", "123456", "K7QX-4M9P-RTW2", "K7QX-4M9P-RTW2-8HJ0"])
def test_what_is_no_recovery_code_is_none(text: str) -> None:
    assert read_recovery_code(text) is None


@given(
    st.binary(min_size=CODE_BYTES, max_size=CODE_BYTES),
    st.binary(min_size=CODE_BYTES, max_size=CODE_BYTES),
)
def test_other_random_bytes_make_another_code(one: bytes, other: bytes) -> None:
    # Only what is beyond sixteen signs may differ unseen.
    size = len(ALPHABET) ** 16
    same = int.from_bytes(one, "big") % size == int.from_bytes(other, "big") % size
    assert (new_recovery_code(one) == new_recovery_code(other)) is same


@pytest.mark.parametrize(("seconds", "alive"), [(0, True), (299, True), (300, False)])
def test_the_second_step_waits_five_minutes(seconds: int, alive: bool) -> None:
    account = Account(
        account_id=4711,
        user_name="maxmuster",
        email="max@muster.example",
        language="de",
        created_at=NOW,
    )
    assert SecondStep(account, NOW).alive(NOW + timedelta(seconds=seconds)) is alive


def test_a_browser_is_known_to_the_account_that_it_logged_in_to() -> None:
    visitor = Visitor("192.0.2.0/24", {4711: Device(4711, "a-browser", NOW)})
    assert visitor.known_as(4711, None, NOW) == "a-browser"
    assert visitor.known_as(4712, None, NOW) is None
    assert visitor.known_as(4711, NOW + timedelta(seconds=1), NOW) is None
    assert visitor.known_as(4711, None, NOW + timedelta(days=365)) is None
