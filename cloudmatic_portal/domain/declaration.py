"""What customers declare without a login: that a contract shall end, or that they withdraw from it.

§ 312k BGB (cancellation) and § 356a BGB (withdrawal). A declaration counts from the moment it is
sent, whether we find the contract or not; what we do not find for certain, the operator looks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, Self, get_args

from cloudmatic_portal.domain.account import Account, Language, fold
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.errors import FieldsUnfit
from cloudmatic_portal.domain.reference import LENGTH, grouped, read_reference
from cloudmatic_portal.domain.registration import is_email

DeclarationKind = Literal["cancellation", "withdrawal"]

CancellationKind = Literal["ordinary", "extraordinary"]
CANCELLATION_KINDS: Final[tuple[CancellationKind, ...]] = get_args(CancellationKind)

DeclarationState = Literal["received", "open", "settled"]
DECLARATION_STATES: Final[tuple[DeclarationState, ...]] = get_args(DeclarationState)
"""received: nobody has looked at it yet. open: the operator has to. settled: all is done."""

LONGEST: Final = {"name": 100, "identification": 100, "contract": 200, "reason": 500}
"""Characters that the fields take."""

RECEIPTS_PER_DAY: Final = 5
"""Receipts that are mailed to one address: nobody floods a stranger's mailbox by means of us."""

RECEIPT_SHOWN: Final = timedelta(days=30)
"""How long the receipt's page can be seen by whoever has its link."""

REFUND_WITHIN: Final = timedelta(days=14)
"""Days in which what was paid goes back after a withdrawal (§ 357 I BGB)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What somebody declares. Without `ends_on` the contract ends as soon as it can.

    `cancellation`, `reason`, `identification` and `ends_on` belong to a cancellation.
    """

    kind: DeclarationKind
    name: str
    contract: str
    email: str
    identification: str = ""
    cancellation: CancellationKind | None = None
    reason: str = ""
    ends_on: date | None = None

    def require_fit(self) -> None:
        """Raise FieldsUnfit, with the fault of every field, unless all of it will do."""
        needed = ["name", "contract", "email"]
        if self.kind == "cancellation":
            needed += ["identification", "cancellation"]
            needed += ["reason"] if self.cancellation == "extraordinary" else []
        faults = {field: "missing" for field in needed if not getattr(self, field)}
        faults |= {
            field: "long" for field, most in LONGEST.items() if len(getattr(self, field)) > most
        }
        if "email" not in faults and not is_email(self.email):
            faults["email"] = "unfit"
        if faults:
            raise FieldsUnfit(faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """A declaration as it was received, and what has become of it.

    `account_id` is whose it is, once that is certain. `deadline` is the day by which the operator
    must have paid back. `outcome` tells the operator what was done or what is to be done.
    """

    declaration_id: int = 0
    reference: str
    content: Content
    language: Language
    received_at: datetime
    state: DeclarationState = "received"
    account_id: int | None = None
    deadline: date | None = None
    outcome: str | None = None
    settled_at: datetime | None = None

    @property
    def number(self) -> str:
        return grouped(self.reference)

    def names(self, account: Account) -> bool:
        """Whether it is certain that the account's owner declares.

        The address alone is no proof that somebody speaks of their own account; name or number
        alone is known to others. Both together do, and the answer goes to that address.
        """
        if fold(self.content.email) != fold(account.email):
            return False
        known = {str(account.account_id), fold(account.user_name)}
        return fold(self.content.identification) in known


@dataclass(frozen=True, slots=True)
class Found:
    """What was found about a declaration: whose it is, and what was done, or is to be done."""

    state: DeclarationState
    outcome: str
    account_id: int | None = None
    deadline: date | None = None

    @classmethod
    def for_operator(
        cls, declaration: Declaration, why: str, account_id: int | None = None
    ) -> Self:
        """It stays open: a withdrawal with the day by which money has to go back."""
        deadline = None
        if declaration.content.kind == "withdrawal":
            deadline = berlin_day(declaration.received_at) + REFUND_WITHIN
        return cls("open", why, account_id, deadline)


def references_in(text: str) -> tuple[str, ...]:
    """The order numbers that are named somewhere in `text`, however they are grouped."""
    signs = text.upper()
    found = []
    for start in range(len(signs)):
        for end in range(start + LENGTH, min(start + LENGTH + 4, len(signs)) + 1):
            piece = signs[start:end]
            whole = not _joined(signs, start - 1) and not _joined(signs, end)
            if whole and piece[0].isalnum() and piece[-1].isalnum() and _is_grouped(piece):
                reference = read_reference(piece)
                if reference is not None:
                    found.append(reference)
    return tuple(dict.fromkeys(found))


def _joined(text: str, place: int) -> bool:
    return 0 <= place < len(text) and text[place].isalnum()


def _is_grouped(piece: str) -> bool:
    return all(sign.isalnum() or sign in "- –" for sign in piece)
