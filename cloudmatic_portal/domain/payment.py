"""How an order is paid, and money that has arrived for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

from cloudmatic_portal.domain.money import Money

PaymentMethod = Literal[
    "transfer", "standing_order", "paypal", "paypal_agreement", "balance", "none"
]
PAYMENT_METHODS: Final[tuple[PaymentMethod, ...]] = get_args(PaymentMethod)
"""`paypal_agreement`: PayPal pays each order of a subscription, as the customer agreed with it.
`balance`: what the account had left covers all. `none`: a voucher does.
"""

PaidBy = Literal["transfer", "paypal"]
"""The way on which money arrived."""

_NOTHING: Final = Money(0)

# The check digits are 02 to 98; with 00, 01 and 99 others would pass for the same account.
_IBAN: Final = re.compile(r"[A-Z]{2}(?!00|01|99)[0-9]{2}[A-Z0-9]{11,30}")
_BIC: Final = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Where customers send their money: IBAN (ISO 13616) and BIC (ISO 9362) without blanks."""

    holder: str
    iban: str
    bic: str

    def __post_init__(self) -> None:
        if not 1 <= len(self.holder.strip()) <= 70 or not self.holder.isprintable():
            raise ValueError("the account holder has 1 to 70 characters, in one line")
        if not _IBAN.fullmatch(self.iban) or _remainder(self.iban) != 1:
            raise ValueError("not an IBAN")
        if not _BIC.fullmatch(self.bic):
            raise ValueError("not a BIC")

    @property
    def iban_grouped(self) -> str:
        """In groups of four, as it is printed."""
        return " ".join(self.iban[start : start + 4] for start in range(0, len(self.iban), 4))


@dataclass(frozen=True, slots=True)
class Payment:
    """`amount` arrived on `received_on`. `source` names it where it comes from, once for ever."""

    amount: Money
    received_on: date
    source: str
    method: PaidBy = "transfer"

    def __post_init__(self) -> None:
        if self.amount.cents <= 0:
            raise ValueError("a payment is more than nothing")
        if not 1 <= len(self.source) <= 200:
            raise ValueError("a payment has a source of 1 to 200 characters")


def methods_for(
    total: Money,
    *,
    subscribes: bool,
    bank: bool,
    from_balance: Money = _NOTHING,
    paypal: bool = False,
    agreement: bool = False,
) -> tuple[PaymentMethod, ...]:
    """The methods to choose from for what the balance leaves of `total`; `bank` says whether there
    is an account to send money to, `paypal` the same of PayPal, and `agreement` whether PayPal can
    pay what `subscribes` again and again.
    """
    if not total.cents:
        return ("none",)
    if total == from_balance:
        return ("balance",)
    offered: dict[PaymentMethod, bool] = {
        "transfer": bank,
        "standing_order": bank and subscribes,
        "paypal": paypal,
        "paypal_agreement": paypal and subscribes and agreement,
    }
    return tuple(method for method, given in offered.items() if given)


def _remainder(iban: str) -> int:
    """Modulo 97 with the letters as numbers (ISO 7064); 1 for every valid IBAN."""
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97
