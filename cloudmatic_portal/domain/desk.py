"""What an operator looks at: how much waits."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How much waits for somebody here: bank lines, actions that were set aside, mails that may
    not have arrived.
    """

    bank_lines: int
    failed_actions: int
    uncertain_mails: int
    failed_mails: int
