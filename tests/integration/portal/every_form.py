"""Every form of the site: the page that it stands on, what fills it, and what it says if it is not.

Whoever adds a form adds a row to the table of its part; `test_every_form.py` notices a route
without one.
"""

from __future__ import annotations

from typing import Final

from tests.integration.portal.forms import account, admin, booking, hubs, law
from tests.integration.portal.forms.account import BILLING, NEW_EMAIL, NEW_PASSWORD, REGISTRATION
from tests.integration.portal.forms.admin import ASKED, bring_statement
from tests.integration.portal.forms.booking import BY_PAYPAL, enter
from tests.integration.portal.forms.case import Case, Opened
from tests.integration.portal.forms.hubs import revoke_address
from tests.integration.portal.forms.law import DECLARED

__all__ = [
    "ASKED",
    "BILLING",
    "BY_PAYPAL",
    "CASES",
    "DECLARED",
    "NEW_EMAIL",
    "NEW_PASSWORD",
    "REGISTRATION",
    "Case",
    "Opened",
    "bring_statement",
    "enter",
    "revoke_address",
]

CASES: Final = (
    *account.CASES,
    *law.CASES,
    *hubs.CASES,
    *booking.CASES,
    *admin.CASES,
)
