"""An entry of a CAMT statement: the transactions that it stands for, each as a line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final

from cloudmatic_portal.clients.bank_files import numbers
from cloudmatic_portal.clients.bank_files.elements import Wrong, each_of, find, required, text_of
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.statement import BankLine

# Business transaction codes of Deutsche Kreditwirtschaft for money that goes back.
RETURNS: Final = frozenset({"108", "109", "159", "181"})


def lines(entry: Any, *, account: str, opening: str, last_day: str) -> list[BankLine]:
    """One line for each transaction of the entry, if it tells what each one is worth.

    `last_day` is the day of one that names none. Raises Wrong, or ValueError for the entry itself.
    """
    amount = signed(entry, amount_of(required(entry, "Amt")))
    whole = BankLine(
        account=account,
        day=_day(entry, last_day),
        amount=amount,
        bank_reference=text_of(find(entry, "AcctSvcrRef")),
        statement=opening,
        returned=_is_return(entry),
        line=entry.sourceline or 0,
    )
    details = [each for group in each_of(entry, "NtryDtls") for each in each_of(group, "TxDtls")]
    if not details:
        return [replace(whole, text=text_of(find(entry, "AddtlNtryInf")))]
    parts = [_detailed(whole, each) for each in details]
    if len(parts) == 1:
        return [replace(parts[0], amount=amount)]
    amounts = [_part(each, amount) for each in details]
    known = [each for each in amounts if each is not None]
    if len(known) == len(parts) and sum(each.cents for each in known) == amount.cents:
        return [replace(part, amount=worth) for part, worth in zip(parts, known, strict=True)]
    # Not to be taken apart: one line that says what all of them say.
    texts = " ".join(part.text for part in parts if part.text)
    return [replace(whole, text=texts, returned=any(part.returned for part in parts))]


def _detailed(whole: BankLine, details: Any) -> BankLine:
    references = find(details, "Refs")
    parties = find(details, "RltdPties")
    role = "Dbtr" if whole.incoming else "Cdtr"
    party = find(parties, role)
    name = text_of(find(party, "Pty", "Nm")) or text_of(find(party, "Nm"))
    ultimate = find(parties, f"Ultmt{role}")
    behind = text_of(find(ultimate, "Pty", "Nm")) or text_of(find(ultimate, "Nm"))
    own = text_of(find(references, "AcctSvcrRef"))
    return replace(
        whole,
        payer=f"{name} ({behind})" if behind and behind != name else name,
        iban=numbers.iban(text_of(find(parties, f"{role}Acct", "Id", "IBAN"))),
        text=_remittance(details),
        end_to_end=text_of(find(references, "EndToEndId")),
        bank_reference=own or whole.bank_reference,
        returned=whole.returned or find(details, "RtrInf") is not None or _is_return(details),
        line=details.sourceline or whole.line,
    )


def _remittance(details: Any) -> str:
    remittance = find(details, "RmtInf")
    if remittance is None:
        return text_of(find(details, "AddtlTxInf"))
    said = [text_of(each) for each in each_of(remittance, "Ustrd")]
    for structured in each_of(remittance, "Strd"):
        said.append(text_of(find(structured, "CdtrRefInf", "Ref")))
        said += [text_of(find(each, "Nb")) for each in each_of(structured, "RfrdDocInf")]
        said += [text_of(each) for each in each_of(structured, "AddtlRmtInf")]
    return " ".join(each for each in said if each)


def _part(details: Any, entry: Money) -> Money | None:
    """What one transaction of several is worth, in the entry's currency; None if it is not said."""
    amounts = find(details, "AmtDtls")
    stated = find(details, "Amt")
    if stated is None:
        stated = find(amounts, "TxAmt", "Amt")
    if stated is None:
        stated = find(amounts, "InstdAmt", "Amt")
    if stated is None:
        return None
    amount = amount_of(stated)
    if amount.currency != entry.currency:
        return None
    if find(details, "CdtDbtInd") is not None:
        return signed(details, amount)
    return amount if entry.cents > 0 else Money(-amount.cents, amount.currency)


def _is_return(element: Any) -> bool:
    if text_of(find(element, "RvslInd")) in {"true", "1"}:
        return True
    code = find(element, "BkTxCd")
    family = text_of(find(code, "Domn", "Fmly", "SubFmlyCd"))
    own = text_of(find(code, "Prtry", "Cd")).split("+")
    return family == "RRTN" or (len(own) > 1 and own[1] in RETURNS)


def signed(element: Any, amount: Money) -> Money:
    """`amount`, negative if the element says that it went out. Raises Wrong."""
    said = required(element, "CdtDbtInd")
    direction = text_of(said)
    if direction not in {"CRDT", "DBIT"}:
        raise Wrong(f"is {numbers.shown(direction)}, neither CRDT nor DBIT", said)
    return amount if direction == "CRDT" else Money(-amount.cents, amount.currency)


def amount_of(element: Any) -> Money:
    """What an `Amt` says. Raises Wrong."""
    try:
        currency = numbers.currency(element.get("Ccy") or "")
        return numbers.cents(text_of(element), currency)
    except ValueError as error:
        raise Wrong(str(error), element) from error


def _day(entry: Any, last_day: str) -> date:
    """The day of booking; where a bank leaves it out, the last day of the statement."""
    for wanted in ("BookgDt", "ValDt"):
        found = find(entry, wanted)
        said = text_of(find(found, "Dt")) or text_of(find(found, "DtTm"))
        if said:
            return _read_day(said, found)
    if not last_day:
        raise Wrong("has no day (BookgDt)", entry)
    return _read_day(last_day, entry)


def _read_day(said: str, element: Any) -> date:
    try:
        return numbers.iso_day(said)
    except ValueError as error:
        raise Wrong(str(error), element) from error
