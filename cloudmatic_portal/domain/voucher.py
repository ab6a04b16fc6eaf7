"""Vouchers: who may use one for what, and what it takes off."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

from cloudmatic_portal.domain.catalogue import ProductKind
from cloudmatic_portal.domain.errors import (
    VoucherExpired,
    VoucherFitsNothing,
    VoucherForAnotherAccount,
    VoucherNotYetValid,
    VoucherUnknown,
    VoucherUsedBefore,
    VoucherUsedUp,
)
from cloudmatic_portal.domain.money import WHOLE, divide

VoucherKind = Literal["months", "percent", "amount"]
"""Free months on top, a share of the price (basis points), or an amount off (cents)."""

VOUCHER_KINDS: Final[tuple[VoucherKind, ...]] = get_args(VoucherKind)
"""In the order in which several vouchers are counted, whatever order they were entered in."""

MAX_FREE_MONTHS: Final = 120
"""On top of one package; what several vouchers give beyond that is lost."""

CODE: Final = re.compile(r"[A-Z0-9](?:[A-Z0-9-]{1,30})[A-Z0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """`value` is in months, basis points or cents, as `kind` says.

    Without `products` it holds for every product, without `account_id` for everybody. `limit` is
    how often it can be redeemed in all, `per_account` how often by one account; None: any number.
    """

    code: str
    kind: VoucherKind
    value: int
    valid_from: date
    valid_until: date | None = None
    products: frozenset[str] = frozenset()
    account_id: int | None = None
    limit: int | None = None
    per_account: int | None = 1
    combinable: bool = False
    active: bool = True
    redeemed: int = 0

    def __post_init__(self) -> None:
        most = {"months": 24, "percent": WHOLE, "amount": 10_000_000}[self.kind]
        if not CODE.fullmatch(self.code):
            raise ValueError("a code has 3 to 32 letters, digits and hyphens")
        if not 1 <= self.value <= most:
            raise ValueError(f"the value lies between 1 and {most}")
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise ValueError("a voucher ends on the day it begins, or later")
        if any(limit is not None and limit < 1 for limit in (self.limit, self.per_account)):
            raise ValueError("a limit is at least 1")

    def check(self, account_id: int, today: date, used: int) -> None:
        """Check that the account, which has used it `used` times, may redeem it on `today`.

        Raises VoucherUnknown, VoucherForAnotherAccount, VoucherNotYetValid, VoucherExpired,
        VoucherUsedBefore or VoucherUsedUp.
        """
        if not self.active:
            raise VoucherUnknown(self.code)
        if self.account_id not in {None, account_id}:
            raise VoucherForAnotherAccount(self.code)
        if today < self.valid_from:
            raise VoucherNotYetValid(self.code, self.valid_from)
        if self.valid_until is not None and self.valid_until < today:
            raise VoucherExpired(self.code, self.valid_until)
        if self.per_account is not None and used >= self.per_account:
            raise VoucherUsedBefore(self.code)
        if self.limit is not None and self.redeemed >= self.limit:
            raise VoucherUsedUp(self.code, self.limit)

    def fits(self, product: str, kind: ProductKind) -> bool:
        """Months are for packages only; the rest is for whatever the voucher names."""
        wanted = not self.products or product in self.products
        return wanted and (self.kind != "months" or kind == "package")


@dataclass(slots=True)
class Reduced:
    """A line while vouchers are counted: what is still to pay (cents), and months on top."""

    product: str
    kind: ProductKind
    cents: int
    free_months: int = 0


@dataclass(frozen=True, slots=True)
class Saving:
    """What a voucher takes off, and the months that it adds."""

    cents: int = 0
    months: int = 0


def read_code(text: str) -> str:
    """The code as it is stored: capitals, no blanks. Raises VoucherUnknown for what is no code."""
    code = "".join(unicodedata.normalize("NFKC", text).upper().split())
    if not CODE.fullmatch(code):
        # It is repeated in a sentence, which signs for the direction of writing would turn round.
        raise VoucherUnknown("".join(filter(str.isprintable, code))[:40])
    return code


def in_order(vouchers: Sequence[Voucher]) -> list[Voucher]:
    """The order in which they count: independent of the order in which they were entered."""
    return sorted(vouchers, key=lambda each: (VOUCHER_KINDS.index(each.kind), each.code))


def reduce(voucher: Voucher, lines: Sequence[Reduced]) -> Saving:
    """Take the voucher off `lines`; return what that saves.

    Percentages are taken off what earlier vouchers left, each line rounded half away from zero.
    An amount is spread over the lines in proportion, to the cent, and what exceeds them is lost.
    Months go to the first package. Raises VoucherFitsNothing if nothing at all would be saved:
    nobody's voucher is used up for nothing.
    """
    matching = [line for line in lines if concerns(voucher, line)]
    saving = Saving()
    if matching and voucher.kind == "months":
        saving = Saving(months=min(voucher.value, MAX_FREE_MONTHS - matching[0].free_months))
        matching[0].free_months += saving.months
    elif matching:
        shares = list(_shares(voucher, matching))
        saving = Saving(cents=sum(shares))
        for line, share in zip(matching, shares, strict=True):
            line.cents -= share
    if saving == Saving():
        raise VoucherFitsNothing(voucher.code)
    return saving


def concerns(voucher: Voucher, line: Reduced) -> bool:
    """Whether the voucher holds for the line and finds something there to take off."""
    return voucher.fits(line.product, line.kind) and (voucher.kind == "months" or line.cents > 0)


def _shares(voucher: Voucher, lines: Sequence[Reduced]) -> Iterator[int]:
    if voucher.kind == "percent":
        yield from (divide(line.cents * voucher.value, WHOLE) for line in lines)
        return
    whole = sum(line.cents for line in lines)
    left = min(voucher.value, whole)
    for line in lines:
        # Each line takes its part of what is left, so that the parts add up to the cent.
        share = divide(left * line.cents, whole)
        left, whole = left - share, whole - line.cents
        yield share
