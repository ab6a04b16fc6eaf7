"""Why something was not done, in one sentence: shown on the page itself, beside what it is about.

What ends a visit's errand altogether has a page of its own instead (`web/refusals.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from cloudmatic_portal.domain import errors
from cloudmatic_portal.domain.account import Language
from cloudmatic_portal.web import formats, i18n
from cloudmatic_portal.web.i18n import N_

_NO_CODE: Final = N_("Please enter a voucher code.")

REMARKS: Final[dict[type[Exception], str]] = {
    errors.VoucherUnknown: N_("We do not know the voucher code “%(code)s”. Please check it."),
    errors.VoucherForAnotherAccount: N_("The voucher %(code)s was issued for another account."),
    errors.VoucherNotYetValid: N_("The voucher %(code)s is valid from %(valid_from)s on."),
    errors.VoucherExpired: N_("The voucher %(code)s was valid until %(valid_until)s."),
    errors.VoucherUsedUp: N_("The voucher %(code)s has been redeemed as often as it may be."),
    errors.VoucherUsedBefore: N_("You have redeemed the voucher %(code)s before."),
    errors.VoucherFitsNothing: N_("The voucher %(code)s is for none of the articles in the cart."),
    errors.VoucherNotCombinable: N_(
        "The voucher %(code)s cannot be combined with the other one in the cart. Remove that one "
        "first."
    ),
    errors.CartChanged: N_(
        "The cart has been changed in the meantime, perhaps in another window. This is how it is "
        "now. Please check it."
    ),
    errors.QuoteChanged: N_(
        "A price or a voucher has changed in the meantime. These are today's. Please check them."
    ),
    errors.BalanceChanged: N_(
        "Your balance has changed in the meantime. This is how it is now. Please check it."
    ),
    errors.TermsChanged: N_(
        "Our terms have changed in the meantime. Please look at them before you buy."
    ),
    errors.CartNotBuyable: N_(
        "The cart is empty, or an article in it is no longer sold. This is how it is now."
    ),
    errors.MethodNotOffered: N_("Please choose a method of payment."),
    errors.ProductNotSold: N_("%(name)s cannot be booked at present."),
    errors.TermNotOffered: N_("The term that you chose is not offered any more. Please choose."),
    errors.KindNotOffered: N_("%(name)s is bought once only; there is no subscription."),
    errors.OrderCannot: N_("The order %(number)s cannot be cancelled any more."),
}


def remark(error: Exception, language: Language) -> str:
    """The sentence for `error`, with its facts."""
    sentence = REMARKS[type(error)]
    if isinstance(error, errors.VoucherUnknown) and not error.code:
        sentence = _NO_CODE
    return i18n.load(language).gettext(sentence) % facts(error, language)


def facts(error: Exception, language: Language) -> Mapping[str, str]:
    """What `error` carries, as it is written in `language`."""
    return {name: _written(value, language) for name, value in vars(error).items()}


def _written(value: object, language: Language) -> str:
    if isinstance(value, datetime):
        return formats.moment(value, language)
    if isinstance(value, date):
        return formats.day(value, language)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value)
