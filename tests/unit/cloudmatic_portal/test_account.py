from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_portal.domain.account import NewAccount, fold
from cloudmatic_portal.domain.session import LIMITS, Session

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def account(**changes: object) -> NewAccount:
    facts: dict[str, object] = {
        "account_id": 4711,
        "user_name": "maxmuster",
        "email": "max@muster.example",
        "language": "de",
        "created_at": NOW,
        "password_hash": "",
        "user_key_hash": None,
    }
    return NewAccount(**(facts | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"account_id": 0},
        {"account_id": 10**10},
        {"user_name": ""},
        {"user_name": " max"},
        {"user_name": "max@muster.example"},
        {"user_name": "max\n"},
        {"user_name": "x" * 65},
        {"user_name": "\ufdfa" * 64},
        {"email": "max"},
        {"email": "a@b@c"},
        {"email": "max @muster.example"},
    ],
)
def test_an_account_has_a_name_and_an_address_that_cannot_be_confused(
    changes: dict[str, object],
) -> None:
    account()
    with pytest.raises(ValueError, match="not a"):
        account(**changes)


@given(st.text(max_size=80))
def test_folding_twice_is_folding_once(name: str) -> None:
    assert fold(fold(name)) == fold(name)


@pytest.mark.parametrize(
    ("one", "other"), [("MAX", "max"), ("Müller", "MÜLLER"), ("Straße", "STRASSE"), (" x ", "X")]
)
def test_spellings_that_are_the_same_name(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize("kind", ["login", "booking"])
def test_a_session_ends_when_idle_and_at_last_in_any_case(kind: str) -> None:
    session = Session.start(kind, 4711, "maxmuster", NOW)  # type: ignore[arg-type]
    limits = LIMITS[session.kind]
    assert session.alive(NOW)
    assert not session.alive(NOW + limits.idle)
    assert not session.alive(NOW + limits.absolute)
    assert limits.idle < limits.absolute
