"""References as customers write them: found right, or by one error, and no other's ever."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cloudmatic_portal.domain.reference import ALPHABET, RANDOM_BYTES, grouped, new_reference
from cloudmatic_portal.domain.spotting import Near, Nearby, one_error, spot

REFERENCES = st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES).map(new_reference)
WORDS = st.sampled_from(["Rechnung", "Re.-Nr.", "danke", "CloudMatic", "Kunde 4711", "über", ""])
SIGNS = st.sampled_from(ALPHABET + "01OIL")


@st.composite
def mistyped(draw: st.DrawFn, reference: str) -> str:
    """`reference` with one error."""
    at = draw(st.integers(0, 8))
    kind = draw(st.sampled_from(["wrong", "missing", "extra", "swapped"]))
    if kind == "wrong":
        return reference[:at] + draw(SIGNS) + reference[at + 1 :]
    if kind == "missing":
        return reference[:at] + reference[at + 1 :]
    if kind == "extra":
        return reference[:at] + draw(SIGNS) + reference[at:]
    at = min(at, 7)
    return reference[:at] + reference[at + 1] + reference[at] + reference[at + 2 :]


@st.composite
def written(draw: st.DrawFn, signs: str) -> str:
    """`signs` with blanks, hyphens and line ends in it, in any capitals."""
    gaps = st.sampled_from(["", "", "", "-", " ", "\n", ".", "/"])
    spelled = "".join(sign + draw(gaps) for sign in signs)
    return spelled.lower() if draw(st.booleans()) else spelled


@given(REFERENCES, WORDS, WORDS, st.data())
def test_a_reference_is_found_however_it_is_spelled(
    reference: str, before: str, after: str, data: st.DataObject
) -> None:
    spelled = data.draw(written(reference))
    assert reference in spot(f"{before} {spelled} {after}").clear


@given(REFERENCES)
def test_a_reference_that_is_stuck_in_words_is_told_from_one_that_stands_alone(
    reference: str,
) -> None:
    found = spot(f"Rechnung{reference}danke")
    assert reference in found.glued
    assert reference not in found.clear


@given(REFERENCES, st.lists(REFERENCES, max_size=20), WORDS, WORDS, st.data())
def test_one_error_is_found_out(
    reference: str, others: list[str], before: str, after: str, data: st.DataObject
) -> None:
    wrong = data.draw(mistyped(reference))
    spelled = data.draw(written(wrong))
    found = Nearby([*others, reference]).find(f"{before} {spelled} {after}")
    assert Near(reference, alone=True) in found


@given(REFERENCES, REFERENCES)
def test_what_differs_by_more_is_not_meant(reference: str, other: str) -> None:
    assume(sum(a != b for a, b in zip(reference, other, strict=True)) > 7)
    looks = str.maketrans("BSZ", "852")
    assume(reference.translate(looks) != other.translate(looks))
    assert reference not in {each.reference for each in Nearby([reference]).find(other)}


@pytest.mark.parametrize("alike", ["B8", "S5", "Z2", "Q0", "QO"])
def test_any_number_of_look_alikes_is_seen_through(alike: str) -> None:
    right, wrong = alike[0], alike[1]
    for number in range(200):
        reference = new_reference(number.to_bytes(2) * 8)
        if reference.count(right) > 1:
            found = Nearby([reference]).find(f"Nr. {reference.replace(right, wrong)}")
            assert Near(reference, alone=True) in found
            return
    pytest.fail("no reference to try it with")


@given(REFERENCES, st.data())
def test_one_error_is_one_error(reference: str, data: st.DataObject) -> None:
    assert one_error(data.draw(mistyped(reference)), reference)
    assert not one_error(reference[2:], reference)
    assert not one_error(reference + "22", reference)


@given(st.text(max_size=200))
def test_any_text_is_looked_through(text: str) -> None:
    spot(text)
    assert Nearby([]).find(text) == ()


def test_what_is_shown_is_found() -> None:
    reference = new_reference(b"0123456789abcdef")
    assert spot(f"Rechnung {grouped(reference)} Danke").clear == (reference,)
