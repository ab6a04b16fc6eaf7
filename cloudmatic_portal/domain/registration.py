"""How somebody becomes a customer: a registration, confirmed by mail, and what it brings."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Self

from cloudmatic_portal.domain.access import AccessPeriod
from cloudmatic_portal.domain.account import Language, fold
from cloudmatic_portal.domain.errors import (
    FieldsUnfit,
    PasswordUnfit,
    RegistrationExpired,
    RegistrationUsed,
)
from cloudmatic_portal.domain.password import require_fit

TRIAL_PRODUCT: Final = "complete"
TRIAL_DAYS: Final = 30
"""Days that the trial runs, the one of the registration included."""

CONFIRM_WITHIN: Final = timedelta(hours=48)
KEEP: Final = timedelta(days=30)
"""How long a registration is remembered after it has expired, to tell so by its link."""

MAILS_PER_ADDRESS: Final = 3
"""Open registrations per address: nobody floods a stranger's mailbox by means of us, and whoever
owns it has a mail that works.
"""

FIRST_ID: Final = 1_000_000
_IDS: Final = 9_000_000
"""CloudMatic-IDs that are given out have seven digits."""

_USER_NAME: Final = re.compile(r"[^\W_](?:[\w .-]{1,38})[^\W_]")
_EMAIL: Final = re.compile(
    r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@"
    r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])"
)


@dataclass(frozen=True, slots=True)
class Application:
    """What somebody typed who wants an account."""

    user_name: str
    email: str
    password: str = field(repr=False)

    @classmethod
    def typed(cls, user_name: str, email: str, password: str) -> Self:
        """Without the spaces and spellings that keyboards and clipboards bring along."""
        tidy = unicodedata.normalize("NFC", user_name).strip()
        return cls(tidy, email.strip(), password)

    def require_fit(self) -> None:
        """Raise FieldsUnfit, with the fault of every field, unless all of it will do."""
        faults: dict[str, str] = {}
        if not is_user_name(self.user_name):
            faults["user_name"] = "unfit"
        if not is_email(self.email):
            faults["email"] = "unfit"
        try:
            require_fit(self.password, user_name=self.user_name, email=self.email)
        except PasswordUnfit as error:
            faults |= error.faults
        if faults:
            raise FieldsUnfit(faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What is to become an account once the link in the mail is used."""

    user_name: str
    email: str
    language: Language
    password_hash: str = field(repr=False)
    created_at: datetime
    used_at: datetime | None = None

    @property
    def expires_at(self) -> datetime:
        return self.created_at + CONFIRM_WITHIN

    def require_open(self, now: datetime) -> None:
        """Raise RegistrationUsed or RegistrationExpired unless it can be confirmed at `now`."""
        if self.used_at is not None:
            raise RegistrationUsed
        if now >= self.expires_at:
            raise RegistrationExpired


def is_user_name(text: str) -> bool:
    """3 to 40 letters, digits, and between them spaces, dots, hyphens and underscores.

    Narrower than what accounts may have: a new name is read out on pages and in mails.
    """
    # Some letters are short for whole sentences; the folded name has to fit as well.
    return _USER_NAME.fullmatch(text) is not None and len(fold(text)) <= 128


def is_email(text: str) -> bool:
    """A valid e-mail address by the HTML standard's rule, whose domain has a dot.

    https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address. Browsers send umlauts
    in the domain in their ASCII form.
    """
    return len(text) <= 254 and _EMAIL.fullmatch(text) is not None


def account_id(random: bytes) -> int:
    """The CloudMatic-ID that these (at least eight) random bytes stand for."""
    if len(random) < 8:
        raise ValueError("too little randomness")
    return FIRST_ID + int.from_bytes(random, "big") % _IDS


def trial(name: str, today: date) -> AccessPeriod:
    """The trial of the product that is called `name`, from today on."""
    last_day = today + timedelta(days=TRIAL_DAYS - 1)
    return AccessPeriod(today, last_day, TRIAL_PRODUCT, name, trial=True)
