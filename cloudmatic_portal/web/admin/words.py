"""Words of the operators' pages that the database keeps: marked here, translated where shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cloudmatic_portal.domain.audit import Action
from cloudmatic_portal.domain.due import DueKind, DueState
from cloudmatic_portal.domain.figures import DueSpan, OrderWay
from cloudmatic_portal.domain.ledger import EntryKind
from cloudmatic_portal.domain.legal import LegalName
from cloudmatic_portal.domain.mail import MailState
from cloudmatic_portal.domain.operator import Role
from cloudmatic_portal.domain.order import OrderState
from cloudmatic_portal.domain.paypal import EventState
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
    "import statement": N_("statement imported"),
    "assign bank line": N_("bank line assigned"),
    "ignore bank line": N_("bank line taken off the list"),
    "set price": N_("price set"),
    "end price": N_("price ended"),
    "offer product": N_("product offered"),
    "withdraw product": N_("product withdrawn"),
    "make vouchers": N_("vouchers made"),
    "retry gateway": N_("gateway to be told again"),
    "switch off second factor": N_("second factor switched off"),
    "pay out balance": N_("payout noted"),
    "correct balance": N_("balance corrected"),
    "take order back": N_("order taken back"),
    "change texts": N_("texts changed"),
}

ROLES: Final[Mapping[Role, str]] = {
    "support": N_("Support"),
    "accounting": N_("Accounting"),
    "admin": N_("Administrator"),
}

ORDER_STEPS: Final[Mapping[str, str]] = {"ordered": N_("ordered")}
ORDER_STATES: Final[Mapping[OrderState, str]] = {
    "open": N_("open"),
    "paid": N_("paid"),
    "active": N_("active"),
    "cancelled": N_("cancelled"),
    "expired": N_("expired"),
    "refunded": N_("taken back"),
}

MAIL_KINDS: Final[Mapping[str, str]] = {
    "registration": N_("link to confirm an account"),
    "registration_known": N_("somebody has an account already"),
    "password_reset": N_("link to a new password"),
    "password_changed": N_("password changed"),
    "welcome": N_("welcome"),
    "order_confirmation": N_("order confirmed"),
    "order_active": N_("order active"),
    "order_renewed": N_("next period ordered"),
    "order_refunded": N_("order taken back"),
    "paypal_ended": N_("PayPal pays no more"),
    "invoice": N_("invoice"),
    "credit_note": N_("cancellation invoice"),
    "declaration_received": N_("declaration received"),
    "declaration_done": N_("what became of a declaration"),
    "email_change": N_("link to confirm an address"),
    "email_change_note": N_("address changed, with a way back"),
    "user_name_changed": N_("user name changed"),
    "second_factor_on": N_("second factor switched on"),
    "second_factor_off": N_("second factor switched off"),
    "recovery_codes_made": N_("new recovery codes"),
    "recovery_code_used": N_("recovery code used"),
    "second_factor_guessed": N_("wrong codes after the right password"),
    "account_deleted": N_("account deleted"),
    "payment_note": N_("payment is late"),
    "payment_balance": N_("payment became balance"),
    "reminder": N_("end of a package"),
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
    "invoice": N_("issue the invoice"),
    "credit_note": N_("issue the cancellation invoice"),
    "kept_data_over": N_("erase what was kept of a deleted account"),
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

PAYOUT_MEANS: Final[Mapping[str, str]] = {
    "transfer": N_("Bank transfer"),
    "cash": N_("Cash"),
    "other": N_("Another way"),
}
"""How balance leaves."""

DIRECTIONS: Final[Mapping[str, str]] = {
    "add": N_("Add to the balance"),
    "take": N_("Take from the balance"),
}
"""What a correction does."""

STEP_KINDS: Final[Mapping[StepKind, str]] = {
    "order": N_("Order"),
    "state": N_("State"),
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

LINE_STATES: Final[Mapping[str, str]] = {
    "booked": N_("is booked"),
    "open": N_("to the work list"),
    "ignored": N_("is ignored"),
    "known": N_("is known already"),
}

LINE_REASONS: Final[Mapping[str, str]] = {
    "reference": N_("by its number"),
    "reference_in_words": N_("by a number among other signs, and the amount"),
    "reference_corrected": N_("by a mistyped number, and the amount"),
    "several_orders": N_("several orders, by their numbers and the sum"),
    "customer_reference": N_("by the subscription's number"),
    "payer": N_("by the payer's account, and the amount"),
    "known": N_("came with a statement before"),
    "nothing_found": N_("says nothing that is known"),
    "amount_differs": N_("the amount is not what is waited for"),
    "several_meant": N_("more than one can be meant"),
    "sum_differs": N_("several orders, and the sum is another"),
    "other_currency": N_("another currency"),
    "perhaps_known": N_("an equal line came with another statement"),
    "return": N_("takes back money"),
    "money_back": N_("money of ours that came back"),
    "outgoing": N_("went out"),
    "zero": N_("nothing moved"),
    "hand": N_("decided by hand"),
    "look_alike": N_("a number like it"),
    "account_number": N_("its CloudMatic-ID is named"),
    "user_name": N_("its user name is named"),
}

EVENT_STATES: Final[Mapping[EventState, str]] = {
    "waiting": N_("waits"),
    "done": N_("done"),
    "ignored": N_("nothing to do"),
    "unclear": N_("unclear"),
}
"""What became of what PayPal told."""

EVENT_REASONS: Final[Mapping[str, str]] = {
    "to be looked at": N_("It will be looked at."),
    "not of ours": N_("It is none of ours."),
    "nothing to do": N_("There is nothing to do."),
    "booked": N_("It is booked."),
    "taken back": N_("It is taken back."),
    "it has arrived": N_("The money has arrived."),
    "no money comes": N_("No money comes."),
    "it does not say of what": N_("PayPal does not say of what."),
    "it does not say of which payment": N_("PayPal does not say of which payment."),
    "it does not say how much": N_("PayPal does not say how much."),
    "another currency than was asked for": N_("Another currency than was asked for."),
    "another currency than was agreed": N_("Another currency than was agreed."),
    "another currency than was paid": N_("Another currency than was paid."),
    "it is more than is left of the payment": N_("It is more than is left of the payment."),
}
"""Why, as services/paypal says it; what an operator noted stands behind it."""

DUE_SPANS: Final[Mapping[DueSpan, str]] = {
    "overdue": N_("overdue"),
    "week": N_("within 7 days"),
    "fortnight": N_("within 14 days"),
    "later": N_("later"),
}
"""When open orders are to be paid."""

ORDER_WAYS: Final[Mapping[OrderWay, str]] = {
    "login": N_("Login"),
    "hub": N_("Hub"),
    "mail": N_("Mail"),
    "link": N_("Link"),
}
"""How somebody came who ordered."""

LEGAL_NAMES: Final[Mapping[LegalName, str]] = {
    "impressum": N_("Legal notice"),
    "agb": N_("Terms and conditions"),
    "widerruf": N_("Right of withdrawal"),
    "datenschutz": N_("Privacy"),
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
    "parts": N_("Please write it like K7Q-X4M-P9R=24,00 or account:4711=24,00."),
    "taken": N_("The code is taken, or the account or a product is unknown."),
    "past": N_("This day has passed."),
    "count": N_("Please enter a number from 1 to 5000."),
    "batch": N_("Please enter a name of 1 to 80 characters."),
    "batch_taken": N_("There is a batch of this name, or the account or a product is unknown."),
    "prefix": N_("Please enter up to 16 letters from A to Z, digits and hyphens."),
    "vat": N_("Please enter a rate from 0 to 100."),
    "package": N_("Please enter a number of months from 1 to 60."),
    "credit": N_("Please enter a number of messages from 1 to 100000."),
    "note": N_("That is too long: at most 200 characters, please."),
    "choose": N_("Please choose."),
    "lines": N_("Please enter at most 20 lines of at most 200 characters."),
    "form": N_("The form was not whole. Please look at it, and send it again."),
    "unchanged": N_("Nothing would change: it is not sold after this day anyway."),
}
"""What is wrong with a field."""


def event_reason(why: str) -> tuple[str, str]:
    """The fixed sentence that `why` begins with, or nothing, and the rest as it was written."""
    fixed, _, note = why.partition("; ")
    return (EVENT_REASONS[fixed], note) if fixed in EVENT_REASONS else ("", why)


def answered(error: str) -> str:
    """The status of the answer, if a gateway was not told because of that; else nothing."""
    start, _, status = error.partition("it answered ")
    return "" if start else status
