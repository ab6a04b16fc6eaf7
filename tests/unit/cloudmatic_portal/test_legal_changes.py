"""What changed between two texts can be read off, and nothing of either is lost."""

from __future__ import annotations

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
            Piece("gone", "14"),
            Piece("new", "30"),
            Piece("same", " Tage."),
        ),
    )


def test_lines_that_have_little_in_common_go_and_come_as_a_whole() -> None:
    found = changes("Wir liefern sofort.", "Kündigungen bedürfen keiner Form!")
    assert [each.kind for each in found] == ["gone", "new"]


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


def test_texts_of_one_language_are_alike() -> None:
    german = "Sie können den Vertrag binnen vierzehn Tagen widerrufen"
    assert alike(german, german.replace("vierzehn", "dreißig")) > 0.5
    assert alike(german, "You may withdraw from the contract within fourteen days") < 0.2
    assert alike("", "") == 0
