"""What an invoice says: every word on it, in the language of the order."""

from __future__ import annotations

import gettext
from datetime import date, datetime
from typing import Final

from cloudmatic_portal.clients.sheet import Row, Sheet
from cloudmatic_portal.domain.account import Language
from cloudmatic_portal.domain.invoice import Invoice, InvoiceLine
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.seller import Seller
from cloudmatic_portal.domain.vat import HOME, Treatment
from cloudmatic_portal.web import countries, formats, i18n

_BRAND: Final = "CloudMatic"

_LEGAL: Final[dict[Treatment, str]] = {
    # § 14a V UStG and article 226 no. 11a of directive 2006/112/EC want exactly these words.
    "reverse_charge": (
        "Steuerschuldnerschaft des Leistungsempfängers (§ 13b UStG, Art. 196 MwStSystRL) / "
        "Reverse charge (Article 196, Directive 2006/112/EC)"
    ),
    "third_country": (
        "Nicht im Inland steuerbare Leistung (§ 3a UStG) / "
        "Service not taxable in Germany (place of supply: the customer's country)"
    ),
}


def write(invoice: Invoice, made_at: datetime) -> bytes:
    """The document: PDF/A-3 with the same invoice as XML inside."""
    # A quarter of what starting a command costs, and few ever write a document.
    from cloudmatic_portal.clients import factur_x, invoice_pdf  # noqa: PLC0415

    return invoice_pdf.draw(sheet(invoice), factur_x.xml(invoice), made_at)


def sheet(invoice: Invoice) -> Sheet:
    return _Words(invoice).sheet()


class _Words:
    """Puts an invoice into words."""

    def __init__(self, invoice: Invoice) -> None:
        self.invoice = invoice
        self.language: Language = invoice.language
        self.words: gettext.NullTranslations = i18n.load(invoice.language)

    def sheet(self) -> Sheet:
        invoice, words = self.invoice, self.words
        seller = invoice.seller
        return Sheet(
            language=self.language,
            title=self._title(),
            brand=_BRAND,
            claim=words.gettext("Remote access to your HomeMatic"),
            sender=f"{seller.name} · {seller.street} · {seller.postcode} {seller.city}",
            receiver=self._receiver(),
            facts=self._facts(),
            intro=self._intro(),
            headings=(
                words.gettext("Service"),
                words.gettext("Period"),
                words.gettext("VAT"),
                words.gettext("Net"),
                words.gettext("Gross"),
            ),
            rows=tuple(map(self._row, invoice.lines)),
            sums=self._sums(),
            settled=self._settled(),
            notes=self._notes(),
            foot=self._foot(seller),
            page=words.gettext("Page {page} of {pages}"),
            author=seller.name,
            attachment=words.gettext("This invoice for programs (Factur-X / ZUGFeRD, EN 16931)"),
        )

    def _title(self) -> str:
        if self.invoice.kind == "credit_note":
            return self.words.gettext("Cancellation invoice {number}").format(
                number=self.invoice.number
            )
        return self.words.gettext("Invoice {number}").format(number=self.invoice.number)

    def _intro(self) -> str:
        if self.invoice.corrects is None:
            return self.words.gettext("Thank you for your order. We have supplied the following:")
        number, day = self.invoice.corrects
        sentence = self.words.gettext(
            "This takes our invoice {number} of {day} back as a whole. You get the amounts below "
            "back, unless you have got them already."
        )
        return sentence.format(number=number, day=self._day(day))

    def _receiver(self) -> tuple[str, ...]:
        buyer = self.invoice.buyer
        names = [each for each in (buyer.company, buyer.name) if each] or [buyer.user_name]
        if not buyer.addressed:
            return tuple(names)
        # Postcode and town stand as the country wants them, as well as one line for all can.
        lines = [*names, buyer.street, f"{buyer.postcode} {buyer.city}"]
        if buyer.country != HOME:
            lines.append(countries.name(buyer.country, self.language).upper())
        return tuple(lines)

    def _facts(self) -> tuple[tuple[str, str], ...]:
        invoice, words = self.invoice, self.words
        first, last = invoice.days
        span = self._day(first) if first == last else f"{self._day(first)} – {self._day(last)}"
        found = [
            (words.gettext("Number"), str(invoice.number)),
            (words.gettext("Date"), self._day(invoice.issued_on)),
            (words.gettext("Order"), invoice.order_number),
            (words.gettext("CloudMatic-ID"), str(invoice.buyer.account_id)),
            (words.gettext("Time of the service"), span),
        ]
        if invoice.buyer.vat_id:
            found.append((words.gettext("Your VAT number"), invoice.buyer.vat_id))
        return tuple(found)

    def _row(self, line: InvoiceLine) -> Row:
        words = self.words
        details = [self._quantity(line)]
        if line.free_months:
            count = words.ngettext(
                "{count} month of it free of charge",
                "{count} months of it free of charge",
                line.free_months,
            )
            details.append(count.format(count=line.free_months))
        if line.discount.cents:
            details.append(
                words.gettext("after {amount} off by voucher").format(
                    amount=self._money(line.discount)
                )
            )
        first, last = line.days or (self.invoice.delivered_on, self.invoice.delivered_on)
        span = self._day(first) if first == last else f"{self._day(first)} –\n{self._day(last)}"
        price = line.price
        rate = self._rate(price.vat_basis_points)
        return Row(
            line.name,
            tuple(details),
            (span, rate, self._money(price.net), self._money(price.gross)),
        )

    def _quantity(self, line: InvoiceLine) -> str:
        words, count = self.words, line.quantity + line.free_months
        if line.product_kind == "credit":
            text = words.ngettext("{count} message", "{count} messages", count)
            return text.format(count=count)
        text = words.ngettext("Access for {count} month", "Access for {count} months", count)
        kind = words.gettext("Subscription") if line.kind == "subscription" else ""
        return f"{text.format(count=count)}{', ' if kind else ''}{kind}"

    def _rate(self, basis_points: int) -> str:
        if self.invoice.treatment in _LEGAL:
            return "–"
        return formats.percent(basis_points, self.language)

    def _sums(self) -> tuple[tuple[str, str, bool], ...]:
        words, total = self.words, self.invoice.total
        found = [(words.gettext("Net amount"), self._money(total.net), False)]
        if self.invoice.treatment not in _LEGAL:
            for each in self.invoice.taxes:
                label = words.gettext("VAT {rate} on {net}").format(
                    rate=self._rate(each.vat_basis_points), net=self._money(each.total.net)
                )
                found.append((label, self._money(each.total.vat), False))
        found.append((words.gettext("Total"), self._money(total.gross), True))
        return tuple(found)

    def _settled(self) -> tuple[tuple[str, str], ...]:
        invoice, words, total = self.invoice, self.words, self.invoice.total.gross
        if invoice.kind == "credit_note":
            return ()
        if invoice.paid_on is None:
            label = words.gettext("Paid already")
        else:
            label = words.gettext("Paid already, on {day}").format(day=self._day(invoice.paid_on))
        nothing = self._money(Money(0, total.currency))
        return (
            (label, f"\N{MINUS SIGN}{self._money(total)}"),
            (words.gettext("Still to pay"), nothing),
        )

    def _notes(self) -> tuple[str, ...]:
        words, invoice = self.words, self.invoice
        found = []
        if invoice.treatment in _LEGAL:
            found.append(_LEGAL[invoice.treatment])
        if invoice.kind == "invoice":
            found.append(words.gettext("The amount has been paid. There is nothing to do for you."))
        if not invoice.buyer.addressed:
            found.append(words.gettext("Invoice of a small amount by § 33 UStDV."))
        return tuple(found)

    def _foot(self, seller: Seller) -> tuple[tuple[str, ...], ...]:
        vat_label, tax_label = self.words.gettext("VAT number"), self.words.gettext("Tax number")
        numbers = []
        if seller.vat_id:
            numbers.append(f"{vat_label} {seller.vat_id}")
        if seller.tax_number:
            numbers.append(f"{tax_label} {seller.tax_number}")
        address = (seller.name, seller.street, f"{seller.postcode} {seller.city}")
        ways = tuple(each for each in (seller.email, seller.phone, seller.website) if each)
        numbers += [each for each in (seller.register, seller.managers) if each]
        return address, ways, tuple(numbers)

    def _money(self, amount: Money) -> str:
        return formats.money(amount, self.language)

    def _day(self, day: date) -> str:
        return formats.day(day, self.language)
