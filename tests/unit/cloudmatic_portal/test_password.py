"""Which passwords will do."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_portal.domain.common_passwords import COMMON
from cloudmatic_portal.domain.errors import PasswordUnfit
from cloudmatic_portal.domain.password import MAX_LENGTH, MIN_LENGTH, prepared, require_fit

NAMES = {"user_name": "Max.Muster", "email": "max.m@familie-muster.example"}


def fault(password: str) -> str | None:
    try:
        require_fit(password, **NAMES)
    except PasswordUnfit as error:
        return error.fault
    return None


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("", "short"),
        ("neun zeic", "short"),
        ("zehn zeich", None),
        ("x" * 5 + "yz" * 510, "long"),
        ("ab" * 511 + "cd", None),
        ("max.muster", "name"),
        ("MAX-MUSTER-1975", "name"),
        ("maxmustermaxmuster", "name"),
        ("Max.M@Familie-Muster.example", "name"),
        ("max max max!", None),
        ("CloudMatic2026!", "name"),
        ("cloudmatic complete", "name"),
        ("CloudMaticMaxMuster", "name"),
        ("maxmuster liebt erika", None),
        ("Passwort123", "common"),
        ("QWERTZUIOP", "common"),
        ("1212121212", "common"),
        ("..........", "common"),
        ("correct horse battery", None),
        ("ein Satz mit Umläuten", None),
        ("🔑🔑🔑🔒🔒🔒🚪🚪🚪🚪", None),
    ],
)
def test_what_will_do_and_what_will_not(password: str, expected: str | None) -> None:
    assert fault(password) == expected


def test_common_passwords_are_such_as_the_length_lets_through() -> None:
    assert len(COMMON) > 100
    assert all(len(each) >= MIN_LENGTH and each == each.casefold() for each in COMMON)


def test_the_same_password_on_every_keyboard() -> None:
    composed = "Schlüssel für Tür"
    assert prepared(unicodedata.normalize("NFD", composed)) == composed


@given(st.text(max_size=MAX_LENGTH + 10))
def test_every_text_is_judged_and_what_passes_has_the_length(password: str) -> None:
    if fault(password) is None:
        assert MIN_LENGTH <= len(prepared(password)) <= MAX_LENGTH


def test_no_message_repeats_the_password() -> None:
    with pytest.raises(PasswordUnfit) as error:
        require_fit("Passwort123", **NAMES)
    assert "123" not in repr(error.value)
