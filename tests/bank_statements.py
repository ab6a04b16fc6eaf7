"""Statements as banks make them, of transactions that a test names."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

from cloudmatic_portal.clients import bank_files
from cloudmatic_portal.domain.statement import BankFile

SAMPLES = Path(__file__).parent / "samples" / "bank"
OWN = "DE02120300000000202051"
REFERENCE = "K7Q-X4M-P9R"
PAYER = "DE89370400440532013000"
DAY = date(2026, 11, 24)


@dataclass(frozen=True, kw_only=True)
class Paid:
    """A transaction; `cents` are negative if it went out."""

    cents: int
    text: str = ""
    payer: str = "Erika Muster"
    iban: str = PAYER
    day: date = DAY
    reference: str = ""
    end_to_end: str = "NOTPROVIDED"
    reversal: bool = False
    returned: bool = False
    status: str = "BOOK"
    currency: str = "EUR"


def camt(
    *paid: Paid,
    form: str = "053",
    version: str = "08",
    account: str = OWN,
    opening: int | None = 100_000,
    number: int = 1,
) -> bytes:
    """CAMT.053 or .052 with one statement, an entry for each transaction."""
    entries = "".join(
        _entry(each, int(version) >= 8, f"<TxDtls>{_details(each, version)}</TxDtls>")
        for each in paid
    )
    return _message(entries, form, version, account, opening, number)


def batch(*paid: Paid, reference: str, version: str = "08") -> bytes:
    """CAMT.053 with one entry that is the sum of all transactions."""
    whole = Paid(cents=sum(each.cents for each in paid), reference=reference, day=paid[0].day)
    details = "".join(f"<TxDtls>{_details(each, version, worth=True)}</TxDtls>" for each in paid)
    summary = f"<Btch><NbOfTxs>{len(paid)}</NbOfTxs></Btch>"
    entry = _entry(whole, int(version) >= 8, summary + details)
    return _message(entry, "053", version, OWN, 100_000, 1)


def mt940(*statements: Sequence[Paid], account: str = "12030000/0000202051") -> bytes:
    """MT940 as German banks write it, one statement for each list of transactions."""
    written = []
    for paid in statements:
        lines = [":20:STARTUMSE", f":25:{account}", ":28C:00000/001", ":60F:C261123EUR1000,00"]
        for each in paid:
            lines += _mt940_lines(each)
        written.append("\n".join([*lines, ":62F:C261124EUR1000,00", "-"]))
    return "\r\n".join("\n".join(written).split("\n")).encode("cp1252", "replace")


def volksbank(*paid: Paid, account: str = OWN) -> bytes:
    """The CSV export of a Volksbank."""
    header = (
        "Bezeichnung Auftragskonto;IBAN Auftragskonto;BIC Auftragskonto;Bankname Auftragskonto;"
        "Buchungstag;Valutadatum;Name Zahlungsbeteiligter;IBAN Zahlungsbeteiligter;"
        "BIC (SWIFT-Code) Zahlungsbeteiligter;Buchungstext;Verwendungszweck;Betrag;Waehrung;"
        "Saldo nach Buchung;Bemerkung;Gekennzeichneter Umsatz;Glaeubiger ID;Mandatsreferenz"
    )
    rows = [
        f"Konto;{account};X;Bank;{each.day:%d.%m.%Y};{each.day:%d.%m.%Y};{each.payer};{each.iban};"
        f";Gutschrift;{each.text};{_comma(each.cents)};{each.currency};1,00;;;;"
        for each in paid
    ]
    return "\r\n".join([header, *rows, ""]).encode()


def archive(files: Mapping[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in files.items():
            opened.writestr(name, data)
    return written.getvalue()


def _message(
    entries: str, form: str, version: str, account: str, opening: int | None, number: int
) -> bytes:
    message, kind = {
        "053": ("BkToCstmrStmt", "Stmt"),
        "052": ("BkToCstmrAcctRpt", "Rpt"),
    }[form]
    before = "" if opening is None else _balance("OPBD", opening)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{form}.001.{version}">\n'
        f"<{message}><GrpHdr><MsgId>M{number}</MsgId><CreDtTm>2026-11-25T06:00:00</CreDtTm>"
        f"</GrpHdr>\n<{kind}><Id>S{number}</Id><ElctrncSeqNb>{number}</ElctrncSeqNb>"
        f"<CreDtTm>2026-11-25T06:00:00</CreDtTm>\n"
        f"<Acct><Id><IBAN>{account}</IBAN></Id><Ccy>EUR</Ccy></Acct>\n"
        f"{before}{_balance('CLBD', 200_000)}{entries}</{kind}></{message}>\n</Document>\n"
    ).encode()


def _balance(kind: str, cents: int) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="EUR">{_point(cents)}</Amt><CdtDbtInd>{_direction(cents)}</CdtDbtInd>'
        "<Dt><Dt>2026-11-24</Dt></Dt></Bal>\n"
    )


def _entry(paid: Paid, newer: bool, details: str) -> str:
    status = f"<Cd>{paid.status}</Cd>" if newer else paid.status
    reversal = "<RvslInd>true</RvslInd>" if paid.reversal else ""
    reference = f"<AcctSvcrRef>{paid.reference}</AcctSvcrRef>" if paid.reference else ""
    return (
        f'<Ntry><Amt Ccy="{paid.currency}">{_point(paid.cents)}</Amt>'
        f"<CdtDbtInd>{_direction(paid.cents)}</CdtDbtInd>{reversal}<Sts>{status}</Sts>"
        f"<BookgDt><Dt>{paid.day}</Dt></BookgDt><ValDt><Dt>{paid.day}</Dt></ValDt>{reference}"
        "<BkTxCd><Prtry><Cd>NTRF+166+00931</Cd><Issr>DK</Issr></Prtry></BkTxCd>"
        f"<NtryDtls>{details}</NtryDtls></Ntry>\n"
    )


def _details(paid: Paid, version: str, *, worth: bool = False) -> str:
    newer = int(version) >= 8
    direct = int(version) >= 3
    # It had to be said from version 3 on, and may be left out again since version 8.
    worth = worth or (direct and not newer)
    amount = f'<Amt Ccy="{paid.currency}">{_point(paid.cents)}</Amt>'
    if direct:
        amount += f"<CdtDbtInd>{_direction(paid.cents)}</CdtDbtInd>"
    else:
        amount = f"<AmtDtls><TxAmt>{amount}</TxAmt></AmtDtls>"
    name = f"<Nm>{escape(paid.payer)}</Nm>"
    role = "Dbtr" if paid.cents > 0 else "Cdtr"
    party = f"<Pty>{name}</Pty>" if newer else name
    # SEPA has one line of 140 signs; many banks cut it into several.
    lines = [paid.text[at : at + 35] for at in range(0, len(paid.text), 35)]
    remittance = "".join(f"<Ustrd>{escape(line)}</Ustrd>" for line in lines)
    returned = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>" if paid.returned else ""
    account = f"<{role}Acct><Id><IBAN>{paid.iban}</IBAN></Id></{role}Acct>" if paid.iban else ""
    return (
        f"<Refs><EndToEndId>{paid.end_to_end}</EndToEndId></Refs>{amount if worth else ''}"
        f"<RltdPties><{role}>{party}</{role}>{account}</RltdPties>"
        + (f"<RmtInf>{remittance}</RmtInf>" if remittance else "")
        + returned
    )


def _mt940_lines(paid: Paid) -> list[str]:
    mark = (
        ("C" if paid.cents > 0 else "D")
        if not paid.reversal
        else ("RD" if paid.cents > 0 else "RC")
    )
    code = "109" if paid.returned else "166"
    reference = f"//{paid.reference}" if paid.reference else ""
    purpose = f"EREF+{paid.end_to_end}SVWZ+{paid.text}"
    parts = [purpose[at : at + 27] for at in range(0, len(purpose), 27)][:10]
    subfields = "".join(f"?{20 + at}{part}" for at, part in enumerate(parts))
    details = (
        f"{code}?00GUTSCHR. UEBERWEISUNG?109249{subfields}?30COBADEFFXXX?31{paid.iban}"
        f"?32{paid.payer[:27]}?33{paid.payer[27:54]}?34000"
    )
    first, *rest = [details[at : at + 65] for at in range(0, len(details), 65)]
    day = f"{paid.day:%y%m%d%m%d}"
    amount = f"{abs(paid.cents) // 100},{abs(paid.cents) % 100:02}"
    return [f":61:{day}{mark}R{amount}N051NONREF{reference}", f":86:{first}", *rest]


def _direction(cents: int) -> str:
    return "CRDT" if cents >= 0 else "DBIT"


def _point(cents: int) -> str:
    return f"{abs(cents) // 100}.{abs(cents) % 100:02}"


def _comma(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100},{abs(cents) % 100:02}"


def read(data: bytes, name: str = "file") -> BankFile:
    """The only file that `data` is."""
    [file] = bank_files.read(data, name)
    return file
