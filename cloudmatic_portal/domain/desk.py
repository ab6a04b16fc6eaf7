"""What an operator looks at: how much waits."""

from __future__ import annotations

from dataclasses import dataclass

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
