"""The reference of an order: what customers write on a bank transfer, and read out on the phone.

Nine characters of an alphabet without look-alikes (no 0 O 1 I L). The last one is a check
character: the weighted sum over a prime number of characters finds every single wrong character
and every swap of two (the construction of ISBN-10, ISO 2108:2005).
"""

from __future__ import annotations

from typing import Final

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH: Final = 9
RANDOM_BYTES: Final = 16
_MODULUS: Final = len(ALPHABET)
_VALUES: Final = {sign: value for value, sign in enumerate(ALPHABET)}


def new_reference(random: bytes) -> str:
    """A reference made of `random` (`RANDOM_BYTES` of them: no character is likelier)."""
    number = int.from_bytes(random, "big")
    body = ""
    for _ in range(LENGTH - 1):
        number, digit = divmod(number, _MODULUS)
        body += ALPHABET[digit]
    return body + _check_character(body)


def read_reference(text: str) -> str | None:
    """The reference that `text` is, however it is grouped and in small letters; None if none."""
    characters = "".join(sign for sign in text.upper() if sign.isalnum())
    if len(characters) != LENGTH or not set(characters) <= set(ALPHABET):
        return None
    return characters if is_reference(characters) else None


def is_reference(characters: str) -> bool:
    """Whether nine signs of the alphabet are a reference: the check character is right."""
    return _check_character(characters[:-1]) == characters[-1]


def grouped(reference: str) -> str:
    """`K7Q-X4M-P9R`: how it is shown."""
    return "-".join(reference[start : start + 3] for start in range(0, LENGTH, 3))


def _check_character(body: str) -> str:
    # Weights 1 to 8 and, for the check character itself, -1: all different, none of them 0.
    total = 0
    for weight, sign in enumerate(body, start=1):
        total += weight * _VALUES[sign]
    return ALPHABET[total % _MODULUS]
