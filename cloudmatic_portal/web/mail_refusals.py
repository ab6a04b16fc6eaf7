"""Why a link from a mail does not do (any more), with the way forward."""

from __future__ import annotations

from typing import Final

from cloudmatic_portal.domain import errors
from cloudmatic_portal.web.i18n import N_
from cloudmatic_portal.web.refusal import Refusal


def _anew(status: int, headline: str, sentence: str) -> Refusal:
    return Refusal(
        status,
        headline,
        sentence,
        N_("Ask for a new link. It comes by mail within minutes."),
        address="/password",
        label=N_("Ask for a new link"),
    )


def _register(status: int, headline: str, sentence: str, way: str = "") -> Refusal:
    return Refusal(
        status,
        headline,
        sentence,
        way or N_("Create your account once more. You then get a new mail."),
        address="/register",
        label=N_("Create an account"),
    )


def _book(status: int, headline: str, sentence: str) -> Refusal:
    return Refusal(
        status,
        headline,
        sentence,
        N_("Log in and book on the products page, or click “Book access” on your hub."),
        address="/products",
        label=N_("To the products"),
    )


def _change(status: int, headline: str, sentence: str) -> Refusal:
    return Refusal(
        status,
        headline,
        sentence,
        N_("Log in: the address of your account is on its page, and can be changed there."),
        address="/account",
        label=N_("To the account"),
    )


MAIL_REFUSALS: Final[dict[type[Exception], Refusal]] = {
    errors.PasswordLinkUnknown: _anew(
        404,
        N_("We do not know this link"),
        N_("It is not complete, or it is older than a week."),
    ),
    errors.PasswordLinkExpired: _anew(
        410,
        N_("The link for a new password has expired"),
        N_("It was good for one hour."),
    ),
    errors.PasswordLinkUsed: _anew(
        410,
        N_("The link for a new password is used up"),
        N_("Your password has been changed since it was made, and each link works once only."),
    ),
    errors.EmailChangeUnknown: _change(
        404,
        N_("We do not know this link"),
        N_("It is not complete, or older than two weeks."),
    ),
    errors.EmailChangeExpired: _change(
        410,
        N_("The link about your e-mail address has expired"),
        N_("A new address is confirmed within 24 hours, and stopped within 7 days."),
    ),
    errors.EmailChangeUsed: _change(
        410,
        N_("The e-mail address has been confirmed already"),
        N_("It is the one of your account now. The link works once only."),
    ),
    errors.EmailChangeStopped: _change(
        410,
        N_("The change of the e-mail address has been stopped"),
        N_("Somebody with the former address stopped it, or another change came first."),
    ),
    errors.RegistrationUnknown: _register(
        404,
        N_("We do not know this confirmation"),
        N_("The link is not complete, or it is older than a month."),
    ),
    errors.RegistrationExpired: _register(
        410,
        N_("The confirmation has expired"),
        N_("The link was good for 48 hours."),
    ),
    errors.RegistrationUsed: Refusal(
        410,
        N_("Your account is there already"),
        N_("This link has done its work; it works once only."),
        N_("Log in with your user name and your password."),
        address="/login",
        label=N_("Log in"),
    ),
    errors.UserNameTaken: _register(
        409,
        N_("The user name has been taken meanwhile"),
        N_("Somebody else has got the user name %(user_name)s before your confirmation."),
        N_("Create your account with another user name."),
    ),
    errors.EmailTaken: Refusal(
        409,
        N_("There is an account with this e-mail address already"),
        N_("It was created after the mail with this link had been sent."),
        N_("Log in with that account. If you have forgotten its password, choose a new one."),
        address="/password",
        label=N_("Choose a new password"),
    ),
    errors.DeclarationUnknown: Refusal(
        404,
        N_("There is no such receipt"),
        N_(
            "The link is not complete, or it is older than 30 days. Your declaration counts anyway."
        ),
        N_("The receipt was sent to you by mail, too."),
        address="/",
        label=N_("To the start page"),
    ),
    errors.MailLinkUnknown: _book(
        404,
        N_("We do not know this link"),
        N_("It is not complete, or its time is long over."),
    ),
    errors.MailLinkExpired: _book(
        410,
        N_("The link from the mail has expired"),
        N_("It was good until %(expired_at)s."),
    ),
    errors.MailLinkRevoked: _book(
        410,
        N_("The link from the mail has been revoked"),
        N_("Since %(revoked_at)s it opens nothing any more."),
    ),
}
