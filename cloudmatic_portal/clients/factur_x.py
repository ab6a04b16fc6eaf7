"""Invoices for programs: Factur-X / ZUGFeRD 2, profile EN 16931, as XML (UN/CEFACT CII).

The keys `BT-…` and `BG-…` are the business terms and groups of EN 16931-1. What is made is checked
against the profile's schema before anybody gets it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from facturx import generate_xml  # type: ignore[import-untyped]
from facturx.facturx import generate_xmp_object  # type: ignore[import-untyped]
from lxml import etree

from cloudmatic_portal.domain.account import Language
from cloudmatic_portal.domain.catalogue import ProductKind
from cloudmatic_portal.domain.invoice import Buyer, Invoice, InvoiceKind, InvoiceLine, TaxGroup
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.seller import Seller
from cloudmatic_portal.domain.vat import Treatment

FILE_NAME: Final = "factur-x.xml"
"""How the attachment is called in every document of this kind."""

PRODUCER: Final = "CloudMatic"

_URN: Final = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_TYPES: Final[dict[InvoiceKind, str]] = {"invoice": "380", "credit_note": "381"}
"""UNTDID 1001."""
_CATEGORIES: Final[dict[Treatment, str]] = {
    "domestic": "S",
    "one_stop_shop": "S",
    "reverse_charge": "AE",
    "third_country": "O",
}
"""UNTDID 5305: standard rate; reverse charge; outside the scope of VAT."""
_EXEMPT: Final[dict[Treatment, tuple[str, str]]] = {
    "reverse_charge": ("Steuerschuldnerschaft des Leistungsempfängers", "VATEX-EU-AE"),
    "third_country": ("Nicht im Inland steuerbare Leistung", "VATEX-EU-O"),
}
_UNITS: Final[dict[tuple[ProductKind, Language], str]] = {
    ("package", "de"): "Monate",
    ("package", "en"): "months",
    ("credit", "de"): "Nachrichten",
    ("credit", "en"): "messages",
}
_ZERO: Final = "Z"
"""Goods of a rate of nought, which is no exemption."""
_ONE: Final = "C62"
"""UN/ECE recommendation 20: one, of whatever."""


def xml(invoice: Invoice) -> bytes:
    """The invoice in the profile EN 16931. Raises an exception if the schema refuses it."""
    made: bytes = generate_xml(
        _terms(invoice), flavor="factur-x", level="en16931", check_schematron=None
    )
    return made


def metadata(title: str, author: str, subject: str, made_at: datetime) -> str:
    """XMP that says of a PDF/A-3b file that it carries such an invoice."""
    facts = {
        "pdfa3_flavor": "B",
        "title": title,
        "author": author,
        "subject": subject,
        "producer": PRODUCER,
        "creator_tool": PRODUCER,
        "timestamp": made_at.isoformat(timespec="seconds"),
        "documenttype": "INVOICE",
        "xml_filename": FILE_NAME,
        "version": "1.0",
        "xmp_level": "EN 16931",
        "urn": _URN,
    }
    return str(etree.tostring(generate_xmp_object(facts), encoding="unicode"))


def _terms(invoice: Invoice) -> dict[str, Any]:
    total = invoice.total
    paid = total.gross if invoice.kind == "invoice" else Money(0, total.gross.currency)
    first, last = invoice.days
    terms: dict[str, Any] = {
        "BT-1": str(invoice.number),
        "BT-2": invoice.issued_on,
        "BT-3": _TYPES[invoice.kind],
        "BT-5": total.gross.currency,
        "BT-14": invoice.order_number,
        "BT-72": invoice.delivered_on,
        "BT-73": first,
        "BT-74": last,
        "BT-106": _amount(total.net),
        "BT-109": _amount(total.net),
        "BT-110": _amount(total.vat),
        "BT-112": _amount(total.gross),
        "BT-113": _amount(paid),
        "BT-115": _amount(total.gross - paid),
        "BG-4": _seller(invoice.seller, invoice.treatment),
        "BG-7": _buyer(invoice.buyer, invoice.treatment),
        "BG-23": [_tax(each, invoice.treatment) for each in invoice.taxes],
        "BG-25": [_line(place, line, invoice) for place, line in enumerate(invoice.lines, start=1)],
    }
    if invoice.corrects is not None:
        number, day = invoice.corrects
        terms["BG-3"] = [{"BT-25": str(number), "BT-26": day}]
        terms["BT-20"] = f"Storno der Rechnung {number}"
    return terms


def _seller(seller: Seller, how: Treatment) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "name": seller.name,
        "addr_l1": seller.street,
        "postcode": seller.postcode,
        "city": seller.city,
        "country_code": "DE",
        "einvoicing_addr": seller.email,
        "einvoicing_addr_schemeid": "EM",
    }
    # BR-O-02: no VAT number beside what is outside the scope of VAT.
    if seller.vat_id and how != "third_country":
        facts["vat_identifier"] = seller.vat_id
    else:
        # BR-CO-26: something has to identify the seller.
        facts["identifiers"] = {None: seller.tax_number or seller.vat_id}
    if seller.tax_number and how != "third_country":
        facts["tax_identifier"] = seller.tax_number
    if seller.register:
        facts["legal_info"] = seller.register
    return facts


def _buyer(buyer: Buyer, how: Treatment) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "name": buyer.called,
        "identifiers": {None: str(buyer.account_id)},
        "country_code": buyer.country,
    }
    if buyer.addressed:
        facts |= {"addr_l1": buyer.street, "postcode": buyer.postcode, "city": buyer.city}
        if buyer.company and buyer.name:
            facts["addr_l2"] = buyer.name
    if buyer.vat_id and how != "third_country":
        facts["vat_identifier"] = buyer.vat_id
    return facts


def _tax(group: TaxGroup, how: Treatment) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "BT-116": _amount(group.total.net),
        "BT-117": _amount(group.total.vat),
        **_category("BT-118", "BT-119", group.vat_basis_points, how),
    }
    if how in _EXEMPT:
        facts["BT-120"], facts["BT-121"] = _EXEMPT[how]
    return facts


def _line(place: int, line: InvoiceLine, invoice: Invoice) -> dict[str, Any]:
    net = _amount(line.price.net)
    unit = _UNITS[line.product_kind, invoice.language]
    count = line.quantity + line.free_months
    facts: dict[str, Any] = {
        "BT-126": str(place),
        "BT-129": "1",
        "BT-130": _ONE,
        "BT-131": net,
        "BT-146": net,
        "BT-153": line.name,
        "BT-154": f"{count} {unit}",
        **_category("BT-151", "BT-152", line.price.vat_basis_points, invoice.treatment),
    }
    if line.days is not None:
        facts["BT-134"], facts["BT-135"] = line.days
    return facts


def _category(code: str, rate: str, basis_points: int, how: Treatment) -> dict[str, str]:
    """The category of VAT and its rate; what is outside the scope of VAT has no rate at all."""
    category = _CATEGORIES[how]
    if category == "S" and not basis_points:
        category = _ZERO
    percent = f"{basis_points // 100}.{basis_points % 100:02}"
    return {code: category} | ({rate: percent} if category != "O" else {})


def _amount(money: Money) -> str:
    """Euros with two digits after the point; never an approximation."""
    sign = "-" if money.cents < 0 else ""
    return f"{sign}{abs(money.cents) // 100}.{abs(money.cents) % 100:02}"
