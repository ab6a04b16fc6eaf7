"""What operators did: noted with what they did, and never changed afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

COMMAND_LINE: Final = "command line"
"""Stands for whoever may run commands on the portal's machine."""

Action = Literal[
    "add operator",
    "set operator up again",
    "disable operator",
    "set up",
    "log in",
    "revoke hub key",
    "cancel order",
    "book payment",
    "make voucher",
    "retry action",
    "retry mail",
    "import statement",
    "assign bank line",
    "ignore bank line",
    "set price",
    "end price",
    "offer product",
    "withdraw product",
    "make vouchers",
    "retry gateway",
    "switch off second factor",
    "pay out balance",
    "correct balance",
    "take order back",
    "change texts",
]
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)

LONGEST_REASON: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """`operator` did `action` to `object` (`order K7Q-X4M-P9R`), because of `reason`.

    `detail` says what of it, where the action alone does not: an amount, a role.
    """

    at: datetime
    operator: str
    operator_id: int | None
    action: Action
    object: str
    detail: str | None = None
    reason: str | None = None
