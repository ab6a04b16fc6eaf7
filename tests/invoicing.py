"""Invoices for tests: a seller, customers of each kind, and what they bought."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from cloudmatic_portal.domain.invoice import Buyer, Invoice, InvoiceLine, InvoiceNumber
from cloudmatic_portal.domain.money import Money, Price
from cloudmatic_portal.domain.seller import Seller
from cloudmatic_portal.domain.vat import Treatment

SELLER: Final = Seller(
    name="Beispiel Fernzugriff GmbH",
    street="Musterstraße 12",
    postcode="24103",
    city="Kiel",
    email="rechnung@example.com",
    vat_id="DE136695976",
    tax_number="20/291/12345",
    phone="+49 431 1234567",
    website="www.example.com",
    register="Amtsgericht Kiel, HRB 12345",
    managers="Geschäftsführerin: Erika Beispiel",
)
UNKNOWN: Final = Buyer(account_id=4711, user_name="maxmuster")
AT_HOME: Final = Buyer(
    account_id=4711,
    user_name="maxmuster",
    name="Max Muster",
    company="Muster & Söhne Elektrotechnik",
    street="Lange Straße 7",
    postcode="10115",
    city="Berlin",
)
IN_AUSTRIA: Final = Buyer(
    account_id=4711,
    user_name="maxmuster",
    company="Wiener Technik GmbH",
    street="Ring 1",
    postcode="1010",
    city="Wien",
    country="AT",
    vat_id="ATU13585627",
)
IN_SWITZERLAND: Final = Buyer(
    account_id=4711,
    user_name="maxmuster",
    name="Urs Muster",
    street="Gasse 2",
    postcode="8000",
    city="Zürich",
    country="CH",
)


def line(cents: int, rate: int = 1900, **changes: Any) -> InvoiceLine:
    facts: dict[str, Any] = {
        "name": "CloudMatic Complete",
        "product_kind": "package",
        "quantity": 12,
        "free_months": 0,
        "kind": "single",
        "price": Price(Money(cents), rate),
        "discount": Money(0),
        "days": (date(2026, 12, 25), date(2027, 12, 24)),
    }
    return InvoiceLine(**(facts | changes))


def invoice(
    *lines: InvoiceLine, buyer: Buyer = AT_HOME, treatment: Treatment = "domestic", **changes: Any
) -> Invoice:
    facts: dict[str, Any] = {
        "kind": "invoice",
        "number": InvoiceNumber("RE-2026", 17),
        "issued_on": date(2026, 11, 26),
        "language": "de",
        "order_number": "K7Q-X4M-P9R",
        "seller": SELLER,
        "delivered_on": date(2026, 11, 25),
        "paid_on": date(2026, 11, 24),
    }
    bought = lines or (line(3600), line(1100, product_kind="credit", quantity=100, days=None))
    return Invoice(**(facts | changes), buyer=buyer, treatment=treatment, lines=bought)


def taken_back(*lines: InvoiceLine, **changes: Any) -> Invoice:
    return invoice(
        *lines,
        kind="credit_note",
        number=InvoiceNumber("ST-2026", 3),
        paid_on=None,
        corrects=(InvoiceNumber("RE-2026", 17), date(2026, 11, 26)),
        **changes,
    )


EVERY: Final = {
    "at home": invoice(),
    "without an address": invoice(buyer=UNKNOWN),
    "in English": invoice(language="en"),
    "several rates": invoice(line(3600), line(999, 700), line(0), line(1, 0)),
    "one-stop shop": invoice(
        line(3600, 2000), buyer=IN_AUSTRIA, treatment="one_stop_shop", language="en"
    ),
    "reverse charge": invoice(line(3600, 0), buyer=IN_AUSTRIA, treatment="reverse_charge"),
    "outside the EU": invoice(line(3600, 0), buyer=IN_SWITZERLAND, treatment="third_country"),
    "taken back": taken_back(),
    "reverse charge, taken back": taken_back(
        line(3600, 0), buyer=IN_AUSTRIA, treatment="reverse_charge"
    ),
    "many lines": invoice(*(line(cents) for cents in range(100, 130))),
    "not paid in money": invoice(paid_on=None),
}
"""One of each kind."""
