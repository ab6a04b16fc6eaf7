"""Why an operator's page or action was refused, where the customers' words would not help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cloudmatic_portal.domain import errors
from cloudmatic_portal.domain.errors import PortalError
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.web import formats
from cloudmatic_portal.web.admin import words
from cloudmatic_portal.web.i18n import N_
from cloudmatic_portal.web.refusal import Refusal

_SEARCH: Final = N_("Look for it by something else that the customer knows.")

ADMIN_REFUSALS: Final[dict[type[Exception], Refusal]] = {
    errors.AccountUnknown: Refusal(
        404,
        N_("There is no such account"),
        N_("No account has this number."),
        _SEARCH,
        address="/admin/accounts",
        label=N_("Accounts"),
    ),
    errors.OrderUnknown: Refusal(
        404,
        N_("There is no such order"),
        N_("No order has this number, or it was mistyped: the last character checks the others."),
        _SEARCH,
        address="/admin/accounts",
        label=N_("Accounts"),
    ),
    errors.ProductUnknown: Refusal(
        404,
        N_("There is no such product"),
        N_("No product has this code."),
        N_("The catalogue shows all there are."),
        address="/admin/catalogue",
        label=N_("Catalogue"),
    ),
    errors.TermsUnknown: Refusal(
        404,
        N_("There is no such version"),
        N_("No order was made under this version of the terms, and it is not in force."),
        N_("The list shows all there are."),
        address="/admin/legal",
        label=N_("Legal texts"),
    ),
    errors.VoucherBatchUnknown: Refusal(
        404,
        N_("There is no such batch"),
        N_("No batch of vouchers has this number."),
        N_("The list shows the latest ones."),
        address="/admin/vouchers/batches",
        label=N_("Batches of vouchers"),
    ),
    errors.GatewayUnknown: Refusal(
        404,
        N_("There is no such gateway"),
        N_("No gateway of this name is told when access changes."),
        N_("The page shows all there are."),
        address="/admin/webhooks",
        label=N_("Webhooks"),
    ),
    errors.HubUnknown: Refusal(
        404,
        N_("There is no such hub"),
        N_("The account has no hub of this number."),
        _SEARCH,
        address="/admin/accounts",
        label=N_("Accounts"),
    ),
    errors.MailUnknown: Refusal(
        404,
        N_("There is no such mail"),
        N_("No mail has this number."),
        N_("The list of mails shows the latest ones."),
        address="/admin/mails",
        label=N_("Mails"),
    ),
    errors.ActionUnknown: Refusal(
        404,
        N_("There is no such action"),
        N_("No action of the calendar has this number."),
        N_("The list shows those that were set aside."),
        address="/admin/actions",
        label=N_("Calendar"),
    ),
    errors.UploadUnknown: Refusal(
        404,
        N_("This statement is not there any more"),
        N_("It has been imported, or lay here for more than an hour."),
        N_("Bring the file once more: what was booked is not booked twice."),
        address="/admin/statements",
        label=N_("Statements"),
    ),
    errors.BankLineUnknown: Refusal(
        404,
        N_("There is no such bank line"),
        N_("No line of a statement has this number."),
        N_("The work list shows those that wait."),
        address="/admin/work-list",
        label=N_("Work list"),
    ),
}

_SENTENCES: Final[Mapping[str, str]] = {
    "the line is money that went out": N_("The line is money that went out."),
    "the line does not take back what the other one brought": N_(
        "The line does not take back what the other one brought."
    ),
    "what the other line brought is not there as a whole": N_(
        "What the other line brought is not there as a whole any more."
    ),
    "each part needs an amount": N_("Each part needs an amount."),
    "a part is for an order or for an account": N_("A part is for an order or for an account."),
    "it has been sent": N_("The mail has been sent."),
    "it is being sent just now": N_("The mail is being sent just now."),
    "what it said has been erased": N_("What the mail said has been erased."),
    "its link is forgotten, the customer can ask for another": N_(
        "The mail's link is forgotten; the customer can ask for another one."
    ),
    "it waits for its time": N_("The action waits for its time."),
    "it is done": N_("The action is done."),
    "it is dropped": N_("The action was dropped."),
    "it is failed": N_("The action was set aside."),
}
"""What SharesUnfit, MailCannot and ActionCannot say."""

_LINES: Final[Mapping[str, str]] = {**words.LINE_STATES, "taken back": N_("taken back")}
_ORDERS: Final[Mapping[str, str]] = {str(each): word for each, word in words.ORDER_STATES.items()}


@dataclass(frozen=True, slots=True)
class Cannot:
    """Why something cannot be done: `sentence` may name `facts` as `%(fact)s`, and `%(state)s`,
    which is to be translated by itself.
    """

    sentence: str
    facts: Mapping[str, str]
    state: str


def cannot(error: PortalError) -> Cannot:
    """What the page says; the error's own text if there are no words for it."""
    sentence, facts, state = "%(text)s", {"text": str(error)}, ""
    match error:
        case errors.SharesDoNotAddUp():
            sentence = N_("The parts make %(made)s, and %(arrived)s arrived.")
            cents = {"made": error.made_cents, "arrived": error.arrived_cents}
            facts = {name: formats.money(Money(each), "de") for name, each in cents.items()}
        case errors.SharesInAnotherCurrency():
            sentence = N_("The line is in %(currency)s, not in euros.")
            facts = {"currency": error.currency}
        case errors.OrderUnknown():
            sentence = N_("No order and no subscription has the number %(number)s.")
            facts = {"number": error.reference}
        case errors.AccountUnknown():
            sentence = N_("No account has the number %(number)s.")
            facts = {"number": str(error.account_id)}
        case errors.SecondFactorOff():
            sentence = N_("Account %(number)s has no second factor.")
            facts = {"number": str(error.account_id)}
        case errors.BankLineCannot() if error.state in _LINES:
            sentence = N_("Line %(number)s cannot be changed any more: %(state)s.")
            facts, state = {"number": str(error.line_id)}, _LINES[error.state]
        case errors.BalanceTooSmall():
            sentence = N_("The balance is %(balance)s: no more than that can be paid out.")
            facts = {"balance": formats.money(Money(error.balance_cents), "de")}
        case errors.OrderCannot() if error.state in _ORDERS:
            sentence = N_("The state of order %(number)s does not allow it: %(state)s.")
            facts, state = {"number": error.number}, _ORDERS[error.state]
        case (
            errors.SharesUnfit(problem=said)
            | errors.MailCannot(why=said)
            | errors.ActionCannot(why=said)
        ) if said in _SENTENCES:
            sentence, facts = _SENTENCES[said], {}
    return Cannot(sentence, facts, state)
