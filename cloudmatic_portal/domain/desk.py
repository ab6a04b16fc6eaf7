"""What an operator looks at: how much waits, and whom a search finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cloudmatic_portal.domain.due import DueKind, DueState
from cloudmatic_portal.domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How much waits for customers to pay (`open_orders`, `open_amount`), and how much for
    somebody here: bank lines, actions that were set aside, mails that may not have arrived.
    """

    open_orders: int
    open_amount: Money
    bank_lines: int
    failed_actions: int
    uncertain_mails: int
    failed_mails: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledDue:
    """An action of the calendar as the operator sees it; `why` is what became of it, or went
    wrong.
    """

    due_id: int
    kind: DueKind
    key: str
    account_id: int
    due_at: datetime
    state: DueState
    attempts: int
    settled_at: datetime | None
    why: str | None
