"""Batches of vouchers: many of one kind, each with a code of its own that nobody guesses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cloudmatic_portal.domain.reference import ALPHABET
from cloudmatic_portal.domain.voucher import Voucher

MOST_AT_ONCE: Final = 5_000
LONGEST_NAME: Final = 80
_PREFIX: Final = re.compile(r"[A-Z0-9](?:[A-Z0-9-]{0,14}[A-Z0-9])?")
_PREFIX_RULE: Final = "a prefix has 1 to 16 letters from A to Z, digits and hyphens"
PLACEHOLDER: Final = "EACH"
"""Stands for the codes in the voucher that says what all of a batch are."""

RANDOM_BYTES: Final = 16
_GROUPS: Final = 3
_GROUP: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedBatch:
    """`count` vouchers that are all like `kind`, but for their codes, which begin with `prefix`."""

    name: str
    count: int
    kind: Voucher
    prefix: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > LONGEST_NAME or not self.name.isprintable():
            raise ValueError(f"a batch has a name of 1 to {LONGEST_NAME} characters")
        if not 1 <= self.count <= MOST_AT_ONCE:
            raise ValueError(f"a batch has 1 to {MOST_AT_ONCE} vouchers")
        if self.prefix and not _PREFIX.fullmatch(self.prefix):
            raise ValueError(_PREFIX_RULE)
        if self.kind.limit is None:
            # Whether one is used is told by counting its uses, and only limited ones are counted.
            raise ValueError("vouchers of a batch can be redeemed a number of times only")

    def vouchers(self, random_bytes: Callable[[int], bytes]) -> Iterator[Voucher]:
        """The vouchers, no two with the same code."""
        codes: set[str] = set()
        while len(codes) < self.count:
            code = new_code(random_bytes(RANDOM_BYTES), self.prefix)
            if code not in codes:
                codes.add(code)
                yield replace(self.kind, code=code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch that was made: how many vouchers it has, and how many of them were used."""

    batch_id: int
    name: str
    made_at: datetime
    count: int
    used: int

    @property
    def unused(self) -> int:
        return self.count - self.used


def read_prefix(text: str) -> str:
    """`messe`, `MESSE` or `MESSE-`: what codes begin with, perhaps nothing. Raises ValueError."""
    prefix = text.strip().upper().strip("-")
    if prefix and not _PREFIX.fullmatch(prefix):
        raise ValueError(_PREFIX_RULE)
    return prefix


def new_code(random: bytes, prefix: str = "") -> str:
    """`MESSE-K7QX-4MP9-RTC2`: 59 random bits of `random` (`RANDOM_BYTES` of them), in the alphabet
    of the orders' references, which has no look-alikes.
    """
    number = int.from_bytes(random, "big")
    signs = ""
    for _ in range(_GROUPS * _GROUP):
        number, digit = divmod(number, len(ALPHABET))
        signs += ALPHABET[digit]
    groups = [signs[start : start + _GROUP] for start in range(0, len(signs), _GROUP)]
    return "-".join([*filter(None, [prefix]), *groups])
