"""Words of the operators' pages that the database keeps: marked here, translated where shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cloudmatic_portal.domain.audit import Action
from cloudmatic_portal.domain.due import DueKind, DueState
from cloudmatic_portal.domain.ledger import EntryKind
from cloudmatic_portal.domain.mail import MailState
from cloudmatic_portal.domain.operator import Role
from cloudmatic_portal.domain.order import OrderState
from cloudmatic_portal.domain.trail import StepKind
from cloudmatic_portal.domain.voucher import VoucherKind
from cloudmatic_portal.web.i18n import N_

ACTIONS: Final[Mapping[Action, str]] = {
    "add operator": N_("operator added"),
    "set operator up again": N_("operator set up again"),
    "disable operator": N_("operator disabled"),
    "set up": N_("login set up"),
    "log in": N_("logged in"),
    "revoke hub key": N_("hub's keys revoked"),
    "cancel order": N_("order cancelled"),
    "book payment": N_("payment booked"),
    "make voucher": N_("voucher made"),
    "retry action": N_("action to be done again"),
    "retry mail": N_("mail to be sent again"),
}

ROLES: Final[Mapping[Role, str]] = {
    "support": N_("Support"),
    "accounting": N_("Accounting"),
    "admin": N_("Administrator"),
}

ORDER_STATES: Final[Mapping[OrderState, str]] = {
    "open": N_("open"),
    "paid": N_("paid"),
    "active": N_("active"),
    "cancelled": N_("cancelled"),
    "expired": N_("expired"),
    "refunded": N_("taken back"),
}

MAIL_STATES: Final[Mapping[MailState, str]] = {
    "queued": N_("waits to be sent"),
    "sending": N_("is being sent"),
    "sent": N_("sent"),
    "uncertain": N_("uncertain"),
    "failed": N_("failed"),
}

DUE_STATES: Final[Mapping[DueState, str]] = {
    "waiting": N_("to come"),
    "done": N_("done"),
    "dropped": N_("dropped"),
    "failed": N_("set aside"),
}

DUE_KINDS: Final[Mapping[DueKind, str]] = {
    "renewal": N_("order the next period"),
    "reminder_early": N_("first reminder"),
    "reminder_last": N_("last reminder"),
    "payment_note": N_("note about a late payment"),
    "order_expiry": N_("let an order expire"),
}

ENTRY_KINDS: Final[Mapping[EntryKind, str]] = {
    "payment": N_("payment"),
    "charge": N_("price of an order"),
    "moved": N_("moved between order and balance"),
    "reversal": N_("price given back"),
    "refund": N_("paid out"),
    "return_debit": N_("taken back by the bank"),
    "correction": N_("correction"),
}

STEP_KINDS: Final[Mapping[StepKind, str]] = {
    "order": N_("Order"),
    "payment": N_("Payment"),
    "entry": N_("Ledger"),
    "access": N_("Access"),
    "credit": N_("Messages"),
    "voucher": N_("Voucher"),
    "due": N_("Calendar"),
    "mail": N_("Mail"),
}

VOUCHER_KINDS: Final[Mapping[VoucherKind, str]] = {
    "percent": N_("percent off"),
    "amount": N_("euros off"),
    "months": N_("free months"),
}

FAULTS: Final[Mapping[str, str]] = {
    "missing": N_("Please fill in this field."),
    "long": N_("That is too long: at most 500 characters, please."),
    "amount": N_("Please enter an amount such as 24,00."),
    "percent": N_("Please enter a share from 0,01 to 100."),
    "months": N_("Please enter a number of months from 1 to 24."),
    "day": N_("Please enter a day such as 24.12.2026."),
    "future": N_("This day is still to come."),
    "early": N_("The end lies before the beginning."),
    "number": N_("Please enter a whole number from 1 on."),
    "unknown": N_("No order and no subscription has this number. Please check it."),
    "booked": N_("A payment of this name has been booked before."),
    "code": N_("Please enter 3 to 32 capitals, digits and hyphens."),
    "taken": N_("The code is taken, or the account or a product is unknown."),
}
"""What is wrong with a field."""
