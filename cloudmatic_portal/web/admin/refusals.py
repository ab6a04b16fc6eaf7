"""Why an operator's page was refused, where the customers' words would not help."""

from __future__ import annotations

from typing import Final

from cloudmatic_portal.domain import errors
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
