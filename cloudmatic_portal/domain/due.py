"""What is due at a time: one row each, written with what causes it, done once.

An action is looked at again when its time has come: what it was planned for may have changed. It
then does its work, or is dropped with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Literal, get_args

from cloudmatic_portal.domain.calendar import berlin_instant
from cloudmatic_portal.domain.errors import ActionCannot

DueKind = Literal[
    "renewal",
    "reminder_early",
    "reminder_last",
    "payment_note",
    "order_expiry",
    "invoice",
    "credit_note",
    "kept_data_over",
]
DUE_KINDS: Final[tuple[DueKind, ...]] = get_args(DueKind)

DueState = Literal["waiting", "done", "dropped", "failed"]
DUE_STATES: Final[tuple[DueState, ...]] = get_args(DueState)
"""dropped: its time came and there was nothing to do. failed: set aside for the operator."""

DOCUMENTS: Final[frozenset[DueKind]] = frozenset({"invoice", "credit_note"})
"""What waits, for however long, until the operator has said who the seller is."""

EARLY: Final = timedelta(days=5)
"""How long before the last day the first reminder comes (help page)."""

_MORNING: Final = 9
_BEFORE_ANYBODY: Final = 4
_PAUSES: Final = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
"""Between attempts of an action that fails; after the last one it is set aside."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator may set: days after a subscription's period has begun unpaid."""

    grace_days: int = 7
    note_days: tuple[int, ...] = (3, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDue:
    """An action for `account_id`, once per `key` for ever.

    `day` is what it speaks of (the end of coverage), `number` the note or the period; the rest
    names what it is about.
    """

    kind: DueKind
    key: str
    due_at: datetime
    account_id: int
    order_id: int | None = None
    subscription_id: int | None = None
    number: int | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Due(NewDue):
    """An action whose time has come, after `attempts` that failed."""

    due_id: int
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDue(Due):
    """An action as the operator sees it, with what became of it when."""

    state: DueState
    settled_at: datetime | None
    why: str | None

    def require_retry(self) -> None:
        """Raises ActionCannot unless it was set aside."""
        if self.state == "waiting":
            raise ActionCannot(self.due_id, "it waits for its time")
        if self.state != "failed":
            raise ActionCannot(self.due_id, f"it is {self.state}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an action; `why` explains it to the operator."""

    state: DueState
    why: str
    mails: tuple[str, ...] = field(default=())


def done(why: str) -> Outcome:
    return Outcome("done", why)


def dropped(why: str) -> Outcome:
    return Outcome("dropped", why)


def next_attempt(attempts: int, now: datetime) -> datetime | None:
    """When an action that failed for the time `attempts` is tried again; None: never."""
    return now + _PAUSES[attempts - 1] if attempts <= len(_PAUSES) else None


def reminders(account_id: int, covered_until: date, today: date) -> tuple[NewDue, ...]:
    """Reminders of the end of coverage: days before it, and on its last day.

    Of coverage that is shorter than that there is the last one only.
    """
    early = covered_until - EARLY
    days = {"reminder_early": early, "reminder_last": covered_until}
    if early <= today:
        del days["reminder_early"]
    return tuple(
        NewDue(
            kind="reminder_early" if kind == "reminder_early" else "reminder_last",
            key=f"{kind}:{account_id}:{covered_until}",
            due_at=berlin_instant(day, _MORNING),
            account_id=account_id,
            day=covered_until,
        )
        for kind, day in days.items()
    )


def renewal(
    account_id: int, subscription_id: int, number: int, last_day: date, ended: date | None = None
) -> NewDue:
    """Order period `number` of a subscription on `last_day`, so that it begins on the day after.

    That is the last day of its own period before, unless that `ended` earlier. Of several
    subscriptions whose turn could come on one day, the one that ended first is first.
    """
    waited = (last_day - (ended or last_day)).days
    return NewDue(
        kind="renewal",
        key=f"renewal:{subscription_id}:{number}:{last_day}",
        due_at=berlin_instant(last_day, _BEFORE_ANYBODY) - timedelta(seconds=waited),
        account_id=account_id,
        subscription_id=subscription_id,
        number=number,
        day=last_day,
    )


def payment_notes(account_id: int, order_id: int, begins: date, rules: Rules) -> tuple[NewDue, ...]:
    """Friendly notes about an order of a subscription whose period began unpaid."""
    return tuple(
        NewDue(
            kind="payment_note",
            key=f"payment_note:{order_id}:{number}",
            due_at=berlin_instant(begins + timedelta(days=days), _MORNING),
            account_id=account_id,
            order_id=order_id,
            number=number,
        )
        for number, days in enumerate(rules.note_days, start=1)
    )


def order_expiry(account_id: int, order_id: int, pay_until: date) -> NewDue:
    """Let an order expire on the day after it should have been paid."""
    return NewDue(
        kind="order_expiry",
        key=f"order_expiry:{order_id}",
        due_at=berlin_instant(pay_until + timedelta(days=1), _BEFORE_ANYBODY),
        account_id=account_id,
        order_id=order_id,
    )


def kept_data_over(account_id: int, keep_until: date) -> NewDue:
    """Erase what was kept of a deleted account on the day after it had to be kept."""
    return NewDue(
        kind="kept_data_over",
        key=f"kept_data_over:{account_id}:{keep_until}",
        due_at=berlin_instant(keep_until + timedelta(days=1), _BEFORE_ANYBODY),
        account_id=account_id,
        day=keep_until,
    )


def document(
    kind: Literal["invoice", "credit_note"], account_id: int, order_id: int, now: datetime
) -> NewDue:
    """Issue the invoice of an order, or take it back, as soon as somebody gets to it."""
    return NewDue(
        kind=kind,
        key=f"{kind}:{order_id}",
        due_at=now,
        account_id=account_id,
        order_id=order_id,
    )
