"""Why something was refused, in plain words: one entry per reason, with the way forward."""

from __future__ import annotations

from typing import Final

from cloudmatic_link import errors as link
from cloudmatic_portal.domain import errors
from cloudmatic_portal.web.i18n import N_
from cloudmatic_portal.web.mail_refusals import MAIL_REFUSALS
from cloudmatic_portal.web.refusal import Refusal

WAIT: Final = N_(
    "Open the CloudMatic dashboard of your hub and wait a minute: the hub introduces itself to us "
    "anew. Then click “Book access” again. If that does not help, book on this website, logged in "
    "with the account that is linked to your hub."
)
CHOOSE_AGAIN: Final = N_(
    "Open the CloudMatic dashboard of your hub and choose one of the packages shown there."
)


_INCOMPLETE: Final = N_("The booking link is damaged")
_NOT_OURS: Final = N_("The booking link is not genuine")
_WRONG_HUB: Final = N_("The booking link does not fit your hub")


REFUSALS: Final[dict[type[Exception], Refusal]] = {
    link.Malformed: Refusal(
        400,
        _INCOMPLETE,
        N_("Part of the link is missing, or it was changed on its way."),
    ),
    link.WrongAlgorithm: Refusal(
        400,
        _NOT_OURS,
        N_("It is signed in a way that no hub uses."),
    ),
    link.WrongType: Refusal(
        400,
        N_("This is not a booking link"),
        N_("The link was made for another purpose than booking."),
    ),
    link.BadSignature: Refusal(
        403,
        _NOT_OURS,
        N_("Its signature is not the hub's: the link was changed, or your hub did not make it."),
    ),
    link.BadClaim: Refusal(
        400,
        _INCOMPLETE,
        N_("What the link says is incomplete or not readable (%(claim)s)."),
        N_(
            "Check whether the CloudMatic add-on of your hub is up to date; "
            "then click “Book access” again."
        ),
    ),
    link.WrongAudience: Refusal(
        403,
        N_("The booking link is for another website"),
        N_("Your hub is set up for another address than this one."),
        N_(
            "Your installer can change that: the address is the line “portal = …” in the file "
            "settings.toml of the CloudMatic add-on. Until then, book on this website, logged in "
            "with the account that is linked to your hub."
        ),
        on_website=True,
    ),
    link.Expired: Refusal(
        410,
        N_("The booking link has expired"),
        N_("It was made on %(issued_at)s, and a link is good for two minutes."),
    ),
    link.NotYetValid: Refusal(
        400,
        N_("The clock of your hub is wrong"),
        N_("According to the link it was made on %(issued_at)s. That is still to come."),
        N_(
            "Check date and time of your hub (Settings > Control panel > Time/position settings); "
            "then click “Book access” again."
        ),
    ),
    errors.UnknownKey: Refusal(
        403,
        N_("We do not know your hub yet"),
        N_("The key that your hub signed the link with is not known here."),
        WAIT,
        on_website=True,
    ),
    errors.RevokedKey: Refusal(
        403,
        N_("Your hub's key has been revoked"),
        N_("Since %(revoked_at)s nothing can be booked from this hub any more."),
        # Names no account: a revoked key may well be in the wrong hands.
        N_(
            "Book on this website, logged in with the account that is linked to your hub. The "
            "CloudMatic dashboard of your hub shows which one that is."
        ),
        on_website=True,
    ),
    errors.HubMismatch: Refusal(
        403,
        _WRONG_HUB,
        N_("It names the hub %(serial)s, but was signed by another one."),
        WAIT,
        on_website=True,
    ),
    errors.AccountMismatch: Refusal(
        403,
        N_("The booking link names another account"),
        N_("It names account %(account_id)s, but here the hub is linked to another one."),
        WAIT,
        on_website=True,
    ),
    errors.LinkReplayed: Refusal(
        409,
        N_("The booking link has been used already"),
        N_(
            "It was made on %(made_at)s and has put the package into the cart. "
            "A link works once only."
        ),
    ),
    errors.ProductUnknown: Refusal(
        404,
        N_("We do not know this package"),
        N_("The link asks for the package “%(product)s”, which does not exist here."),
        CHOOSE_AGAIN,
    ),
    errors.ProductNotSold: Refusal(
        410,
        N_("This package is no longer sold"),
        N_("%(name)s cannot be booked at present."),
        CHOOSE_AGAIN,
    ),
    errors.TermNotOffered: Refusal(
        404,
        N_("This term is not offered"),
        N_("%(name)s is not offered for %(quantity)s months, but for: %(offered)s."),
        CHOOSE_AGAIN,
    ),
    errors.KindNotOffered: Refusal(
        404,
        N_("There is no subscription for this"),
        N_("%(name)s can be bought as a single booking only."),
        CHOOSE_AGAIN,
    ),
    errors.OrderUnknown: Refusal(
        404,
        N_("There is no such order"),
        N_("No order with this number can be seen here."),
        N_("Log in with the account that ordered: the dashboard shows all its orders."),
    ),
    errors.PayPalNotOffered: Refusal(
        404,
        N_("PayPal is not available"),
        N_("At present this website takes no payments by PayPal."),
        N_("Go back to the page of your order: it shows how else to pay."),
    ),
    errors.LegalTextMissing: Refusal(
        404,
        N_("This text is not here yet"),
        N_("The operator of this website has not laid it down."),
        N_("Go to the start page and look from there."),
    ),
    errors.InvoiceUnknown: Refusal(
        404,
        N_("There is no such invoice"),
        N_("No invoice with this number can be seen here."),
        N_("Go to your dashboard: it shows all invoices of your account."),
        address="/dashboard",
        label=N_("To your dashboard"),
    ),
    errors.InvoiceDamaged: Refusal(
        500,
        N_("This invoice cannot be shown"),
        N_("Its file is not the one that was issued any more. The error has been noted."),
        N_("You have got it by mail. If you need it once more, please write to us."),
    ),
    errors.SubscriptionUnknown: Refusal(
        404,
        N_("There is no such subscription"),
        N_("No subscription with this number can be seen here."),
        N_("Go to your dashboard: it shows all subscriptions of your account."),
        address="/dashboard",
        label=N_("To your dashboard"),
    ),
    errors.SubscriptionCannot: Refusal(
        409,
        N_("The subscription has ended already"),
        N_("It was cancelled, and cannot be changed any more."),
        N_("Go to your dashboard: it shows all subscriptions of your account."),
        address="/dashboard",
        label=N_("To your dashboard"),
    ),
    errors.PairingForAnotherAccount: Refusal(
        409,
        N_("The hub belongs to another account"),
        N_("On the hub account %(account_id)s is linked, and only that one can confirm."),
        N_(
            "Log out, log in with that account, and enter the code again. To use the hub with "
            "another account, unlink the first one on the hub."
        ),
    ),
    errors.HubUnknown: Refusal(
        404,
        N_("There is no such hub"),
        N_("No hub with this number can be seen here."),
        N_("Go to your dashboard: it shows all hubs of your account."),
        address="/dashboard",
        label=N_("To your dashboard"),
    ),
    errors.KeyElsewhere: Refusal(
        409,
        N_("The hub is linked already"),
        N_("Its key speaks for another hub or account."),
        N_("Ask for a new code on the hub, and enter that one."),
    ),
    errors.SessionEnded: Refusal(
        403,
        N_("Your booking has been interrupted"),
        N_(
            "For your safety a booking that began at the hub or with a link from a mail ends "
            "after 30 minutes without activity. The cart stays as it is."
        ),
        N_(
            "Open the CloudMatic dashboard of your hub and click “Book access” again, or open the "
            "link in the mail once more."
        ),
    ),
    **MAIL_REFUSALS,
    errors.OperatorNotAllowed: Refusal(
        403,
        N_("Your role does not reach that far"),
        N_("You are logged in with the role “%(role)s”."),
        N_("Ask somebody with another role to do it."),
        address="/admin",
        label=N_("To the overview"),
    ),
    errors.SetupLinkRefused: Refusal(
        410,
        N_("This link is not good any more"),
        N_("It was used, has expired, or has been replaced by a newer one."),
        N_("Ask whoever runs the portal's machine for a new one: “add-operator --again”."),
        address="/admin/login",
        label=N_("To the login"),
    ),
    errors.TooManyAttempts: Refusal(
        429,
        N_("That was tried too often"),
        N_("The next attempt is possible in %(seconds)s seconds."),
        N_("Wait that long, then go back and try again."),
    ),
    errors.FormRefused: Refusal(
        403,
        N_("The form could not be accepted"),
        N_("It was too old, or it did not come from this website."),
        N_("Go back, reload the page, and send the form again."),
    ),
    errors.FormUnreadable: Refusal(
        400,
        N_("The form could not be read"),
        N_("A field holds invisible characters, which often come along when text is copied."),
        N_("Go back and type the field instead of pasting it, or paste it as plain text."),
    ),
}

HTTP_REFUSALS: Final[dict[int, Refusal]] = {
    404: Refusal(
        404,
        N_("Page not found"),
        N_("There is no page at this address."),
        N_("Go to the start page and look from there."),
    ),
    405: Refusal(
        405,
        N_("This address cannot be used like that"),
        N_("The page exists, but not for what your browser asked of it."),
        N_("Go to the start page and look from there."),
    ),
    413: Refusal(
        413,
        N_("That was too much"),
        N_("The form is larger than any form of ours."),
        N_("Go back, reload the page, and send the form again."),
    ),
    400: Refusal(
        400,
        N_("The request could not be read"),
        N_("Your browser sent something that is not understood here."),
        N_("Go to the start page and look from there."),
    ),
    503: Refusal(
        503,
        N_("Too many visitors at once"),
        N_("So many people are here at the moment that we cannot serve all. Nothing was changed."),
        N_("Wait a few seconds, then try again; what you have typed is still on the page before."),
    ),
    500: Refusal(
        500,
        N_("Something went wrong on our side"),
        N_("The error has been noted. It is not your fault."),
        N_("Try again in a few minutes."),
    ),
}
