"""Mails that are to leave: what one says, what becomes of it, and when it is tried again.

A mail is a row that is written in the transaction that causes it, so that there is no mail about
what was rolled back and none is forgotten. It is sent later, by whoever claims it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Literal, get_args

from cloudmatic_portal.domain.account import Language
from cloudmatic_portal.domain.errors import MailCannot
from cloudmatic_portal.domain.legal import Terms

JsonValue = str | int | bool | None | Sequence["JsonValue"] | Mapping[str, "JsonValue"]
"""What the facts of a mail are made of; days and instants are ISO 8601 texts, amounts cents."""

MailKind = Literal[
    "registration",
    "registration_known",
    "password_reset",
    "password_changed",
    "welcome",
    "order_confirmation",
    "order_active",
    "order_renewed",
    "payment_note",
    "payment_balance",
    "order_refunded",
    "paypal_ended",
    "reminder",
    "declaration_received",
    "declaration_done",
    "email_change",
    "email_change_note",
    "user_name_changed",
    "second_factor_on",
    "second_factor_off",
    "recovery_codes_made",
    "recovery_code_used",
    "second_factor_guessed",
    "account_deleted",
    "invoice",
    "credit_note",
]
"""What a mail is about; its text is `templates/mails/<kind>.txt` and `.html`."""

MailState = Literal["queued", "sending", "sent", "uncertain", "failed"]
MAIL_STATES: Final[tuple[MailState, ...]] = get_args(MailState)
"""queued: waits until it is due. sending: claimed; it may leave at any moment. sent: the next
server has taken it. uncertain: it may have left or not, and is not sent again. failed: it did not
leave and never will.
"""

SECRET_FACTS: Final = frozenset({"token"})
"""Facts that open something to whoever reads them: erased as soon as the mail is done with."""

HIDDEN: Final = "hidden"
"""Stands where a secret fact is not shown."""

LINK_MAILS: Final[frozenset[MailKind]] = frozenset(
    {"registration", "password_reset", "reminder", "email_change", "email_change_note"}
)
"""Mails that carry a secret fact, and are not sent without it."""

LEASE: Final = timedelta(minutes=10)
"""How long a claimed mail belongs to whoever claimed it; sending one takes less in any case."""

FIRST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(hours=1)
GIVE_UP_AFTER: Final = timedelta(days=4)
"""RFC 5321, section 4.5.4.1: the time before giving up should be at least four to five days."""


@dataclass(frozen=True, slots=True)
class NewMail:
    """A mail to `recipient` (an address), in `language`, about `facts`, which are JSON.

    `key` names the occasion, such as `welcome:4711`: there is one mail per key, ever. The document
    of the invoice `invoice_id` goes with it.
    """

    kind: MailKind
    recipient: str
    language: Language
    facts: Mapping[str, JsonValue] = field(repr=False)
    key: str
    account_id: int | None = None
    invoice_id: int | None = None

    @property
    def message_id(self) -> str:
        """The left part of the Message-ID (RFC 5322, section 3.6.4): the same at every attempt."""
        return hashlib.sha256(self.key.encode("utf-8")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    kind: str
    """Its media type, such as `application/pdf`."""
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClaimedMail:
    """A mail about to be sent, for the time `attempts` (the first one is 1).

    `terms` go with it if its facts name their version.
    The document of `invoice_id` becomes its `attachment` before it is sent.
    """

    mail_id: int
    message_id: str
    kind: str
    recipient: str
    language: Language
    facts: Mapping[str, JsonValue] = field(repr=False)
    created_at: datetime
    attempts: int
    terms: Terms | None = None
    invoice_id: int | None = None
    attachment: Attachment | None = None

    def stale(self, today: date) -> bool:
        """Whether it reminds of a day that has passed, because no server took it in time."""
        return self.kind == "reminder" and str(self.facts["last_day"]) < today.isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMail:
    """A mail in the outbox, as the operator sees it. `due_at` is as the state says: when it is to
    be sent, or when the lease of whoever is sending it ends.
    """

    mail_id: int
    message_id: str
    kind: MailKind
    recipient: str
    language: Language
    facts: Mapping[str, JsonValue] = field(repr=False)
    account_id: int | None
    created_at: datetime
    state: MailState
    due_at: datetime
    attempts: int
    sent_at: datetime | None
    last_error: str | None

    @property
    def erased(self) -> bool:
        """Whether what it said and to whom is forgotten (MAILS_KEPT)."""
        return not self.facts

    def require_retry(self, now: datetime) -> None:
        """Raise MailCannot unless the mail may be sent (again) at the operator's word."""
        if self.state == "sent":
            raise MailCannot(self.mail_id, "it has been sent")
        if self.state == "sending" and now < self.due_at:
            raise MailCannot(self.mail_id, "it is being sent just now")
        if self.erased:
            raise MailCannot(self.mail_id, "what it said has been erased")
        if self.kind in LINK_MAILS and not self.facts.keys() >= SECRET_FACTS:
            raise MailCannot(
                self.mail_id, "its link is forgotten, the customer can ask for another"
            )

    def disclosed(self) -> ClaimedMail:
        """The mail with its secrets covered, to be looked at."""
        covered = dict.fromkeys(SECRET_FACTS, HIDDEN) if self.kind in LINK_MAILS else {}
        return ClaimedMail(
            mail_id=self.mail_id,
            message_id=self.message_id,
            kind=self.kind,
            recipient=self.recipient,
            language=self.language,
            facts={**self.facts, **covered},
            created_at=self.created_at,
            attempts=self.attempts,
        )


def next_attempt(attempts: int, created_at: datetime, now: datetime) -> datetime | None:
    """When a mail that was not taken for the time `attempts` is tried again; None: never."""
    # Beyond twenty doublings every pause is the longest.
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(attempts - 1, 20)))
    return now + pause if now + pause - created_at <= GIVE_UP_AFTER else None


def without_secrets(facts: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """What may stay in the database once the mail is done with."""
    return {name: value for name, value in facts.items() if name not in SECRET_FACTS}
