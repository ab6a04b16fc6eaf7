"""How the CSV exports of German banks look: a table, one row for each.

A file is known by the columns of its header, wherever it stands, in any order; the rows are tried
from top to bottom. A column is named as the bank writes it, without regard to capitals, umlauts
and punctuation. Where a bank has changed a name, both stand there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Columns = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """`own` is the column with our account; if there is none, it stands above the table, or
    nowhere. `amount` has its sign; `debit` and `credit` are columns for either way. `sign` is a
    column that says it in words. What `state` has to begin with to be booked is in `booked`.
    `reads` says which header belongs to it.
    """

    bank: str
    day: Columns
    amount: Columns = ()
    debit: Columns = ()
    credit: Columns = ()
    sign: Columns = ()
    outgoing: frozenset[str] = frozenset({"s", "soll"})
    payer: Columns = ()
    # Who paid if the money came in, where another column has who got it.
    payer_of_incoming: Columns = ()
    iban: Columns = ()
    text: Columns = ()
    kind: Columns = ()
    end_to_end: Columns = ()
    currency: Columns = ()
    own: Columns = ()
    state: Columns = ()
    booked: str = ""
    iso: bool = False
    # Behind the table: a row that begins so ends it.
    ends: frozenset[str] = frozenset()
    # The first cell of a row that has not been booked yet.
    pending: frozenset[str] = frozenset()

    @property
    def columns(self) -> tuple[Columns, ...]:
        rest = (self.payer_of_incoming, self.iban, self.kind, self.end_to_end, self.currency)
        return (*self.needs, *(columns for columns in rest if columns))

    @property
    def needs(self) -> tuple[Columns, ...]:
        """The columns without which a header is not this one's."""
        given = (
            self.day,
            self.amount,
            self.debit,
            self.credit,
            self.sign,
            self.payer,
            self.text,
            self.own,
            self.state,
        )
        return tuple(columns for columns in given if columns)


_TEXT: Final = ("Verwendungszweck",)
_ENDS: Final = frozenset({"kontostand", "alterkontostand", "neuerkontostand"})

PROFILES: Final = (
    Profile(
        bank="Sparkasse (CSV-CAMT)",
        own=("Auftragskonto",),
        day=("Buchungstag",),
        payer=("Beguenstigter/Zahlungspflichtiger",),
        iban=("Kontonummer/IBAN",),
        text=_TEXT,
        kind=("Buchungstext",),
        end_to_end=("Kundenreferenz (End-to-End)",),
        amount=("Betrag",),
        currency=("Waehrung",),
        state=("Info",),
        booked="umsatzgebucht",
    ),
    Profile(
        bank="Volksbank, GLS (VR)",
        own=("IBAN Auftragskonto",),
        day=("Buchungstag",),
        payer=("Name Zahlungsbeteiligter",),
        iban=("IBAN Zahlungsbeteiligter",),
        text=_TEXT,
        kind=("Buchungstext",),
        amount=("Betrag",),
        currency=("Waehrung",),
    ),
    Profile(
        bank="Volksbank (until 2021)",
        day=("Buchungstag",),
        payer=("Empfänger/Zahlungspflichtiger", "Auftraggeber/Zahlungsempfänger"),
        iban=("IBAN",),
        text=("Vorgang/Verwendungszweck",),
        end_to_end=("Kundenreferenz",),
        amount=("Umsatz",),
        sign=("Soll/Haben",),
        currency=("Währung",),
        ends=frozenset({"anfangssaldo", "endsaldo"}),
    ),
    Profile(
        bank="DKB",
        day=("Buchungsdatum",),
        payer=("Zahlungsempfänger*in",),
        payer_of_incoming=("Zahlungspflichtige*r",),
        iban=("IBAN",),
        text=_TEXT,
        kind=("Umsatztyp",),
        end_to_end=("Kundenreferenz",),
        amount=("Betrag (€)", "Betrag"),
        state=("Status",),
        booked="gebucht",
    ),
    Profile(
        bank="DKB (until 2023)",
        day=("Buchungstag",),
        payer=("Auftraggeber / Begünstigter",),
        iban=("Kontonummer",),
        text=_TEXT,
        kind=("Buchungstext",),
        end_to_end=("Kundenreferenz",),
        amount=("Betrag (EUR)",),
    ),
    Profile(
        bank="ING",
        day=("Buchung",),
        payer=("Auftraggeber/Empfänger",),
        text=_TEXT,
        kind=("Buchungstext",),
        amount=("Betrag",),
        currency=("Währung",),
    ),
    Profile(
        bank="Deutsche Bank, Postbank",
        day=("Buchungstag",),
        payer=("Begünstigter / Auftraggeber",),
        iban=("IBAN / Kontonummer", "IBAN"),
        text=_TEXT,
        kind=("Umsatzart",),
        end_to_end=("Kundenreferenz",),
        debit=("Soll",),
        credit=("Haben",),
        currency=("Währung",),
        ends=_ENDS,
    ),
    Profile(
        bank="Postbank (until 2023)",
        day=("Buchungstag",),
        payer=("Empfänger",),
        payer_of_incoming=("Auftraggeber",),
        text=("Buchungsdetails",),
        kind=("Umsatzart",),
        amount=("Betrag (€)",),
    ),
    Profile(
        bank="Commerzbank",
        own=("IBAN Kontoinhaber", "IBAN Auftraggeberkonto"),
        day=("Buchungstag",),
        text=("Buchungstext",),
        kind=("Umsatzart",),
        amount=("Betrag",),
        currency=("Währung",),
    ),
    Profile(
        bank="comdirect",
        day=("Buchungstag",),
        text=("Buchungstext",),
        kind=("Vorgang",),
        amount=("Umsatz in EUR",),
        pending=frozenset({"offen"}),
        ends=_ENDS,
    ),
    Profile(
        bank="N26",
        day=("Booking Date", "Date", "Datum"),
        payer=("Partner Name", "Payee", "Empfänger"),
        iban=("Partner Iban", "Account number", "Kontonummer"),
        text=("Payment Reference", "Verwendungszweck"),
        kind=("Type", "Transaction type", "Transaktionstyp"),
        amount=("Amount (EUR)", "Betrag (EUR)"),
        iso=True,
    ),
)
