"""What changed between two texts can be read off, and nothing of either is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_portal.domain.legal_changes import Passage, Piece, alike, changes

LINES = st.lists(st.sampled_from(["Preis 24 Euro", "Preis 27 Euro", "Ende", "", "a b c d"]))


def test_the_same_text_has_no_changes() -> None:
    assert changes("# AGB\n\nText", "# AGB\n\nText") == ()


def test_words_that_change_stand_in_their_line() -> None:
    found = changes("# AGB\n\nDie Frist beträgt 14 Tage.", "# AGB\n\nDie Frist beträgt 30 Tage.")
    assert found[-1] == Passage(
        "changed",
        (
            Piece("same", "Die Frist beträgt "),
            Piece("gone", "14 "),
            Piece("new", "30 "),
            Piece("same", "Tage."),
        ),
    )


def test_lines_that_have_little_in_common_go_and_come_as_a_whole() -> None:
    found = changes("Wir liefern sofort.", "Kündigungen bedürfen keiner Form!")
    assert [each.kind for each in found] == ["gone", "new"]


def test_passages_that_share_little_but_their_blanks_are_not_mixed() -> None:
    old = "Wir liefern binnen drei Tagen nach Eingang der Zahlung an die genannte Adresse."
    new = "Kündigungen bedürfen keiner Form, und gelten zum Ende des Monats, für den bezahlt ist."
    assert [each.kind for each in changes(old, new)] == ["gone", "new"]


def test_what_stays_far_from_a_change_is_counted_only() -> None:
    stays = [f"Satz {number}" for number in range(20)]
    found = changes("\n".join([*stays, "alt"]), "\n".join([*stays, "neu und anders"]))
    assert (found[0].kind, found[0].gap) == ("gap", 19)
    assert found[1].pieces == (Piece("same", "Satz 19"),)


@given(LINES, LINES)
def test_nothing_is_lost(old: list[str], new: list[str]) -> None:
    """What does not come makes the old text, what does not go the new one, line by line."""
    found = changes("\n".join(old), "\n".join(new))
    for kind, text in (("gone", old), ("new", new)):
        wanted = [line for line in text if line.strip()]
        for passage in found:
            said = "".join(each.text for each in passage.pieces if each.kind in {"same", kind})
            for line in filter(str.strip, said.split("\n")):
                assert line in wanted
        sides = {each.kind for passage in found for each in passage.pieces}
        if set(old) == set(new):
            continue
        if set(text) - set(old if kind == "new" else new) - {""}:
            assert kind in sides


def test_a_huge_passage_is_not_compared_word_by_word() -> None:
    old = " ".join(str(number) for number in range(40_000))
    found = changes(old, old + " mehr")
    assert [each.kind for each in found] == ["gone", "new"]


@pytest.mark.parametrize(
    "word", ["der", "der das", "§ ;", "a\n\n"], ids=["word", "two", "signs", "lines"]
)
def test_words_that_come_again_and_again_are_not_compared_one_by_one(word: str) -> None:
    """The comparison would take minutes: the time grows with the third power."""
    words = (f"{word} " * 3000).split(" ")
    third = [each if number % 3 else f"x{number}" for number, each in enumerate(words)]
    found = changes(" ".join(words), " ".join(third))
    assert {each.kind for each in found} <= {"gone", "new", "same", "gap"}


def test_a_long_passage_is_compared_word_by_word_if_its_words_are_many() -> None:
    old = [f"Wort{number % 200}" for number in range(600)]
    new = [each if number % 50 else "anders" for number, each in enumerate(old)]
    [found] = changes(" ".join(old), " ".join(new))
    assert [each.text for each in found.pieces if each.kind == "new"] == ["anders "] * 12


def test_the_work_is_bounded_for_a_text_as_a_whole() -> None:
    line = "der " * 100
    old = [f"{number}\n{line}a" for number in range(100)]
    new = [f"{number}\n{line}b" for number in range(100)]
    kinds = [each.kind for each in changes("\n".join(old), "\n".join(new))]
    assert kinds[1] == "changed"
    assert kinds[-2:] == ["gone", "new"]


def test_texts_of_one_language_are_alike() -> None:
    german = "Sie können den Vertrag binnen vierzehn Tagen widerrufen"
    assert alike(german, german.replace("vierzehn", "dreißig")) > 0.5
    assert alike(german, "You may withdraw from the contract within fourteen days") < 0.2
    assert alike("", "") == 0
