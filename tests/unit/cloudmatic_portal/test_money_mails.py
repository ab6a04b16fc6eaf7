"""Mails about money: which amounts they name, and what they say to do."""

from __future__ import annotations

from typing import Any

import pytest

from cloudmatic_portal.domain.account import LANGUAGES, Language
from cloudmatic_portal.domain.mail import ClaimedMail
from cloudmatic_portal.web.mails import MailWriter
from tests.factories import NOW

LINE: dict[str, Any] = {
    "name": "CloudMatic Complete",
    "product_kind": "package",
    "quantity": 12,
    "free_months": 0,
    "kind": "subscription",
    "list_price": 2400,
    "price": 2400,
    "vat_basis_points": 1900,
    "first_day": "2026-12-25",
    "last_day": "2027-12-24",
}
ORDER: dict[str, Any] = {
    "account": 4711,
    "user_name": "maxmuster",
    "number": "K7Q-X4M-P9R",
    "lines": [LINE],
    "net": 2017,
    "vat": 383,
    "total": 2400,
    "method": "standing_order",
    "transfer_number": "ABC-DEF-GHJ",
    "from_balance": 600,
    "due": 1800,
    "pay_until": "2026-12-07",
    "grace_ends": "2026-12-31",
    "active": False,
    "vouchers": [],
    "bank": {"holder": "CloudMatic", "iban": "DE02 1203 0000 0000 2020 51", "bic": "BYLADEM1001"},
}
COVERED = {"from_balance": 2400, "due": 0, "active": True, "bank": None, "grace_ends": None}
CREDITED: dict[str, Any] = {
    "account": 4711,
    "user_name": "maxmuster",
    "number": "K7Q-X4M-P9R",
    "amount": 600,
    "balance": 750,
    "why": "overpaid",
}


def texts(kind: str, facts: dict[str, Any], language: Language = "de") -> tuple[str, str]:
    """The subject, and what text and HTML say, in single spaces."""
    mail = ClaimedMail(1, "m" * 32, kind, "max@muster.example", language, facts, NOW, 1)
    message = MailWriter("https://portal.example", "CloudMatic <no@portal.example>")(mail, NOW)
    said = [message.get_body((form,)) for form in ("plain", "html")]
    whole = " ".join(str(part.get_content()) for part in said if part is not None)
    return str(message["Subject"]), " ".join(whole.replace("\xa0", " ").split())


@pytest.mark.parametrize("kind", ["order_confirmation", "order_renewed"])
def test_what_the_balance_paid_is_not_asked_for_again(kind: str) -> None:
    _, said = texts(kind, ORDER)
    assert "Aus Ihrem Guthaben bezahlt: 6,00 €" in said
    assert "Noch zu zahlen: 18,00 €" in said
    assert "Betrag: 18,00 €" in said
    # By standing order: the reference that stays.
    assert "Verwendungszweck: ABC-DEF-GHJ" in said


@pytest.mark.parametrize("kind", ["order_confirmation", "order_renewed"])
def test_what_the_balance_covers_is_active_and_nothing_is_asked_for(kind: str) -> None:
    _, said = texts(kind, ORDER | COVERED)
    assert "aktiv" in said
    assert "IBAN" not in said
    assert "Überweisen Sie" not in said


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("overpaid", "mehr eingegangen als fällig war"),
        ("cancelled", "nicht mehr zu bezahlen"),
        ("voucher_gone", "Ihr Gutschein ist inzwischen aufgebraucht"),
        ("no_order", "Keine Bestellung wartet darauf"),
    ],
)
def test_money_that_becomes_balance_is_told_with_the_reason(why: str, words: str) -> None:
    number = None if why == "no_order" else CREDITED["number"]
    subject, said = texts("payment_balance", CREDITED | {"why": why, "number": number})
    assert subject.replace("\xa0", " ") == "Ihre Zahlung ist als Guthaben gebucht: 6,00 €"
    assert words in said
    assert "6,00 €" in said
    assert "Ihr Guthaben beträgt 7,50 €" in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_order_that_was_taken_back_says_where_its_price_is(language: Language) -> None:
    subject, said = texts("order_refunded", ORDER, language)
    assert "K7Q-X4M-P9R" in subject
    assert ("24,00 €" if language == "de" else "€24.00") in said
    assert ("Guthaben" if language == "de" else "balance") in said
