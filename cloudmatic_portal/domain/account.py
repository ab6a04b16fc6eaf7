"""A customer's account, and the folded forms in which names are unique."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

Language = Literal["de", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
"""The languages of pages and mails, the house's own first."""

MAX_ACCOUNT_ID: Final = 9_999_999_999
DELETED_HOST: Final = "deleted.invalid"
"""Where nobody's mail goes (RFC 2606): addresses of accounts that were deleted end with it."""

_USER_NAME: Final = re.compile(r"[^\s@](?:[^@\x00-\x1f\x7f]{0,62}[^\s@])?")
_EMAIL: Final = re.compile(r"[^\s@]{1,64}@[^\s@]{1,189}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """`account_id` is the CloudMatic-ID that hubs know the account by."""

    account_id: int
    user_name: str
    email: str
    language: Language
    created_at: datetime

    @property
    def deleted(self) -> bool:
        """Whether nothing but receipts is left of it, and nobody to write to."""
        return self.email.endswith(f"@{DELETED_HOST}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount(Account):
    """An account about to be stored, with the hashes (argon2id) of its two secrets.

    `user_key_hash` is None for an account that no hub may link to yet.
    """

    password_hash: str
    user_key_hash: str | None

    def __post_init__(self) -> None:
        if not 1 <= self.account_id <= MAX_ACCOUNT_ID:
            raise ValueError("not a CloudMatic-ID")
        # Without an @ a user name is never another account's e-mail address at the login.
        if not _USER_NAME.fullmatch(self.user_name) or len(fold(self.user_name)) > 128:
            raise ValueError("not a user name")
        if not _EMAIL.fullmatch(self.email) or len(fold(self.email)) > 508:
            raise ValueError("not an e-mail address")


def fold(name: str) -> str:
    """The form in which two spellings of a user name or an e-mail address are the same.

    Databases disagree about upper and lower case beyond ASCII, so this is decided here. Each
    step can give the other something to do, so it is repeated until nothing changes any more.
    """
    folded = unicodedata.normalize("NFKC", name.casefold()).strip()
    return folded if folded == name else fold(folded)
