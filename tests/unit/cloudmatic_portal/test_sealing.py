"""Sealed secrets: read again with the same key, for the same purpose and owner only."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_portal.services.sealing import SealBroken, Sealing

SEALING = Sealing(b"x" * 32, "tests")


@given(st.text(), st.text())
def test_what_was_sealed_is_read_again(plain: str, about: str) -> None:
    try:
        plain.encode(), about.encode()
    except UnicodeEncodeError:
        return
    sealed = SEALING.seal(plain, about, secrets.token_bytes)
    assert SEALING.open(sealed, about) == plain
    assert len(plain) < 8 or plain.encode() not in sealed


@given(st.integers(0, 10_000))
def test_one_changed_bit_breaks_the_seal(bit: int) -> None:
    sealed = bytearray(SEALING.seal("a secret", "anna", secrets.token_bytes))
    sealed[bit // 8 % len(sealed)] ^= 1 << bit % 8
    with pytest.raises(SealBroken):
        SEALING.open(bytes(sealed), "anna")


@pytest.mark.parametrize(
    ("other", "about"),
    [
        (Sealing(b"y" * 32, "tests"), "anna"),
        (Sealing(b"x" * 32, "others"), "anna"),
        (SEALING, "berta"),
    ],
)
def test_nobody_else_opens_it(other: Sealing, about: str) -> None:
    sealed = SEALING.seal("a secret", "anna", secrets.token_bytes)
    with pytest.raises(SealBroken):
        other.open(sealed, about)
    with pytest.raises(SealBroken):
        other.open(b"", about)
