"""A sid has one form. Everything else would be a root shell inside the logic engine."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccu_dashboard.domain.session import Action, Level, MalformedSid, Sid, User

GOOD = "@vJTeQPbTwS@"
PLAIN = string.ascii_letters + string.digits


@given(st.text(PLAIN, min_size=10, max_size=10))
def test_ten_letters_or_digits_between_at_signs_are_a_sid(core: str) -> None:
    assert Sid.parse(f"@{core}@").core == core


@given(st.text() | st.text(min_size=10, max_size=10).map(lambda core: f"@{core}@"))
def test_everything_else_is_malformed(text: str) -> None:
    if re.fullmatch(r"@[A-Za-z0-9]{10}@", text, re.ASCII):
        assert Sid.parse(text).core == text[1:-1]
    else:
        with pytest.raises(MalformedSid):
            Sid.parse(text)


@given(st.integers(0, 11), st.characters(exclude_characters=PLAIN + "@"))
def test_one_foreign_character_anywhere_makes_a_sid_malformed(place: int, foreign: str) -> None:
    for text in (GOOD[:place] + foreign + GOOD[place + 1 :], GOOD[:place] + foreign + GOOD[place:]):
        with pytest.raises(MalformedSid):
            Sid.parse(text)


@pytest.mark.parametrize(
    "text",
    ["", "@", "@@", "vJTeQPbTwS", "@vJTeQPbTwS", "vJTeQPbTwS@",
     GOOD + "\n", "\n" + GOOD, " " + GOOD,
     "@vJTeQPbTw\n@", "@vJTeQPbTwSX@", "@vJTeQPbTw@", '@");system@', '@"#x#"#x#"@', "@١٢٣٤٥٦٧٨٩٠@",
     "@vJTeQPbTwß@", "@vJTeQPbTw\x00@", "@ＡＢＣＤＥＦＧＨＩＪ@", "@vJTeQPbTwS@" * 2, "@" * 12,
     "@" * 1_000_000],
    ids=lambda text: repr(text)[:20],
)  # fmt: skip
def test_known_tricks_are_malformed(text: str) -> None:
    with pytest.raises(MalformedSid):
        Sid.parse(text)


@pytest.mark.parametrize("core", ["", '");x("aaaa', "vJTeQPbTwS\n", "vJTeQPbTw", "@vJTeQPbTwS@"])
def test_a_sid_cannot_be_made_around_the_check(core: str) -> None:
    with pytest.raises(MalformedSid):
        Sid(core)


def test_neither_a_sid_nor_the_refusal_of_one_shows_it() -> None:
    assert "vJTeQPbTwS" not in f"{Sid.parse(GOOD)!r} {Sid.parse(GOOD)}"
    with pytest.raises(MalformedSid) as refused:
        Sid.parse("secret")
    assert "secret" not in repr(refused.value)


@pytest.mark.parametrize(
    ("level", "allowed"),
    [
        (Level.NONE, set()),
        (Level.GUEST, set()),
        (Level.USER, {Action.SEE, Action.BOOK}),
        (Level.ADMINISTRATOR, set(Action)),
    ],
)
def test_what_each_level_may_do(level: Level, allowed: set[Action]) -> None:
    assert {action for action in Action if User("x", level).may(action)} == allowed
