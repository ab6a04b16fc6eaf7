"""GiroCode: what a banking app reads from a picture and fills into a transfer.

The text is the one of EPC069-12 version 2 (European Payments Council, "Quick Response Code:
Guidelines to enable data capture for the initiation of a SEPA credit transfer"): lines with a
fixed meaning, in UTF-8, at most 331 bytes, to be drawn with error correction level M.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.payment import BankAccount

MOST_CENTS: Final = 99_999_999_999
MOST_BYTES: Final = 331
_MOST_REFERENCE: Final = 140
_UTF_8: Final = "1"


def payload(bank: BankAccount, amount: Money, reference: str) -> str | None:
    """The text of the code that pays `amount` to `bank`, with `reference` as its purpose.

    None where such a code cannot say it: another currency than euro, an amount outside of 0.01 to
    999999999.99, or too long a text. A reference is one line of 1 to 140 characters.
    """
    if not 1 <= len(reference) <= _MOST_REFERENCE or not reference.isprintable():
        raise ValueError("a reference is one line of 1 to 140 characters")
    if amount.currency != "EUR" or not 1 <= amount.cents <= MOST_CENTS:
        return None
    whole, cents = divmod(amount.cents, 100)
    # One sign for `ü`, whoever typed it how: two would be counted, and shown, as two.
    holder = unicodedata.normalize("NFC", bank.holder.strip())
    purpose = structured_reference = ""
    lines = (
        *("BCD", "002", _UTF_8, "SCT"),
        *(bank.bic, holder, bank.iban, f"EUR{whole}.{cents:02}"),
        *(purpose, structured_reference, reference),
    )
    text = "\n".join(lines)
    return text if len(text.encode("utf-8")) <= MOST_BYTES else None
