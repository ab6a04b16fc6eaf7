from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_portal.domain.reference import (
    ALPHABET,
    LENGTH,
    RANDOM_BYTES,
    grouped,
    new_reference,
    read_reference,
)

REFERENCES = st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES).map(new_reference)


def test_no_two_characters_look_alike() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 31
    assert not set("01OIL") & set(ALPHABET)
    assert ALPHABET.upper() == ALPHABET


@given(REFERENCES)
def test_a_reference_is_read_as_customers_write_it(reference: str) -> None:
    assert len(reference) == LENGTH
    shown = grouped(reference)
    assert [len(part) for part in shown.split("-")] == [3, 3, 3]
    for text in (reference, shown, shown.lower(), f" {shown.replace('-', ' ')}\n", shown.title()):
        assert read_reference(text) == reference


@given(REFERENCES)
def test_every_single_wrong_character_is_found(reference: str) -> None:
    for place, right in enumerate(reference):
        for wrong in ALPHABET.replace(right, ""):
            assert read_reference(reference[:place] + wrong + reference[place + 1 :]) is None


@given(REFERENCES)
def test_every_swap_of_two_characters_is_found(reference: str) -> None:
    for one in range(LENGTH):
        for other in range(one + 1, LENGTH):
            swapped = list(reference)
            swapped[one], swapped[other] = swapped[other], swapped[one]
            if reference[one] != reference[other]:
                assert read_reference("".join(swapped)) is None


@given(REFERENCES, st.integers(0, LENGTH - 1))
def test_a_character_too_few_or_too_many_is_found(reference: str, place: int) -> None:
    assert read_reference(reference[:place] + reference[place + 1 :]) is None
    assert read_reference(reference[:place] + "A" + reference[place:]) is None


@given(st.text(max_size=20))
def test_any_text_is_a_reference_or_none(text: str) -> None:
    found = read_reference(text)
    assert found is None or read_reference(found) == found


@pytest.mark.parametrize("text", ["", "-", "0OI1L0OI1", "Ä" * 9, "²" * 9, "222222222 and more"])
def test_what_is_none(text: str) -> None:
    assert read_reference(text) is None


def test_the_same_random_bytes_make_the_same_reference_and_others_another() -> None:
    made = {new_reference(bytes([0] * 15 + [number])) for number in range(256)}
    assert len(made) == 256
    assert new_reference(bytes(16)) == "2" * LENGTH
