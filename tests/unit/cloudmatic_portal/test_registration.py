"""Who may become a customer, by which name, and what that brings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_portal.domain.account import Account, NewAccount
from cloudmatic_portal.domain.errors import (
    FieldsUnfit,
    PasswordLinkExpired,
    PasswordLinkUsed,
    RegistrationExpired,
    RegistrationUsed,
)
from cloudmatic_portal.domain.password_reset import PasswordReset
from cloudmatic_portal.domain.registration import (
    Application,
    Registration,
    account_id,
    is_email,
    is_user_name,
    trial,
)
from tests.factories import NOW

HASH = "$argon2id$v=19$m=64,t=3,p=4$c2FsdA$aGFzaA"


@pytest.mark.parametrize(
    "name", ["max", "Max Muster", "jörg.müller-42", "a_b", "Ärztehaus 3", "x" * 40, "123"]
)
def test_user_names_that_will_do(name: str) -> None:
    assert is_user_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("", "ab", "x" * 41, " max", "max ", "max@muster", "-max", "max_", "<b>max</b>", "a\nbc"),
        *("http://evil.example", "max\u202emuster", "max,muster", "m\0x", "'; DROP", "\ufdfa" * 40),
    ],
)
def test_user_names_that_will_not(name: str) -> None:
    assert not is_user_name(name)


@pytest.mark.parametrize(
    "email", ["max@muster.example", "Max.O'Hara+x@sub.muster-haus.example", "a@b.de", "1@2.de"]
)
def test_addresses_that_will_do(email: str) -> None:
    assert is_email(email)


@pytest.mark.parametrize(
    "email",
    [
        *(
            "",
            "max",
            "max@",
            "@muster.example",
            "max@muster",
            "max@muster.",
            "max@.example",
            "a@b@c.de",
        ),
        *(
            "max@muster..example",
            "max@-muster.example",
            "a,b@c.de",
            "<max@muster.example>",
            "a b@c.de",
        ),
        *("max@muster.example\r\nBcc: x@y.example", "mäx@muster.example", "m" * 65 + "@muster.de"),
        *(
            "a@" + "b" * 64 + ".example",
            "a@" + "b.example" * 40,
            '"a b"@c.de',
            "a@b.example;c@d.de",
        ),
    ],
)
def test_addresses_that_will_not(email: str) -> None:
    assert not is_email(email)


@given(st.text(max_size=60), st.emails())
def test_whatever_will_do_makes_an_account(name: str, email: str) -> None:
    if is_user_name(name) and is_email(email):
        NewAccount(
            account_id=1,
            user_name=name,
            email=email,
            language="de",
            created_at=NOW,
            password_hash=HASH,
            user_key_hash=None,
        )


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(FieldsUnfit) as unfit:
        Application("", "", "").require_fit()
    assert unfit.value.faults == {"user_name": "unfit", "email": "unfit", "password": "short"}
    with pytest.raises(FieldsUnfit) as unfit:
        Application("max", "max@muster.example", "max@muster.example").require_fit()
    assert unfit.value.faults == {"password": "name"}
    Application("max", "max@muster.example", "ein langer Satz").require_fit()


@given(st.binary(min_size=8, max_size=16))
def test_a_cloudmatic_id_has_seven_digits(random: bytes) -> None:
    assert len(str(account_id(random))) == 7


def test_what_is_typed_is_tidied_but_never_the_password() -> None:
    typed = Application.typed("  Mu\u0308ller ", " max@muster.example ", " ein langer Satz ")
    assert typed == Application("Müller", "max@muster.example", " ein langer Satz ")


def test_too_little_randomness_makes_no_id() -> None:
    with pytest.raises(ValueError, match="randomness"):
        account_id(bytes(7))


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_the_trial_runs_for_thirty_days_from_today(today: date) -> None:
    period = trial("CloudMatic Complete", today)
    assert period.trial
    assert sum(period.runs_on(today + timedelta(days=n)) for n in range(-5, 60)) == 30
    assert period.runs_on(today)


def registration(**changes: Any) -> Registration:
    facts: dict[str, Any] = {"user_name": "max", "email": "max@muster.example", "language": "de"}
    return Registration(**facts, password_hash=HASH, created_at=NOW, **changes)


def reset(**changes: Any) -> PasswordReset:
    account = Account(account_id=1, user_name="max", email="a@b.de", language="de", created_at=NOW)
    return PasswordReset(account, NOW, **changes)


@pytest.mark.parametrize(
    ("make", "hours", "expired", "used"),
    [
        (registration, 48, RegistrationExpired, RegistrationUsed),
        (reset, 1, PasswordLinkExpired, PasswordLinkUsed),
    ],
)
def test_a_link_is_good_for_its_time_and_once(
    make: Callable[..., Any], hours: int, expired: type[Exception], used: type[Exception]
) -> None:
    end = NOW + timedelta(hours=hours)
    make().require_open(end - timedelta(seconds=1))
    with pytest.raises(expired):
        make().require_open(end)
    with pytest.raises(used):
        make(used_at=NOW).require_open(NOW)


def test_no_repr_shows_a_secret() -> None:
    assert "argon2id" not in repr(registration())
    assert "SECRET" not in repr(Application("max", "a@b.de", "SECRET"))
