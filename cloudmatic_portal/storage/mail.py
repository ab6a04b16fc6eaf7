"""The outbox: mails in, claimed mails out."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, bindparam, exists, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.legal import Terms
from cloudmatic_portal.domain.mail import (
    LEASE,
    ClaimedMail,
    JsonValue,
    MailKind,
    MailState,
    NewMail,
    StoredMail,
    without_secrets,
)
from cloudmatic_portal.storage import legal as stored_legal
from cloudmatic_portal.storage.inserts import insert_unless_known
from cloudmatic_portal.storage.tables import mails
from cloudmatic_portal.storage.tables.mail import WAITING

_ADD: Final = insert_unless_known(mails)
_QUEUED: Final = (
    select(mails.c.id, mails.c.key, mails.c.facts)
    .where(mails.c.account_id == bindparam("account"), mails.c.kind == bindparam("concerned"))
    .where(mails.c.state == "queued")
    .with_for_update()
)
_MAX_ERROR: Final = 500
ERASED: Final = "-"
"""Stands where a recipient was."""
LOST: Final = "whoever was sending it never said how it went"
RESTORED: Final = "it waited in a copy that was restored, and may have left since"


async def add(connection: AsyncConnection, mail: NewMail, now: datetime) -> None:
    """Queue the mail within the caller's transaction; a mail with that key is there but once."""
    row = {
        "key": mail.key,
        "message_id": mail.message_id,
        "kind": mail.kind,
        "recipient": mail.recipient,
        "language": mail.language,
        "facts": _text(mail.facts),
        "account_id": mail.account_id,
        "invoice_id": mail.invoice_id,
        "created_at": now,
        "state": "queued",
        "due_at": now,
        "attempts": 0,
    }
    await connection.execute(_ADD.on(connection), row)


async def withdraw(
    connection: AsyncConnection, account_id: int, kind: MailKind, why: str, *, about: str = ""
) -> None:
    """Let mails to the account that still wait not be sent: those whose key begins with `about`."""
    these = {"account": account_id, "concerned": kind}
    for row in (await connection.execute(_QUEUED, these)).all():
        if row.key.startswith(about):
            await _close(connection, row.id, "failed", json.loads(row.facts), last_error=why)


async def any_due(connection: AsyncConnection, now: datetime) -> bool:
    """Whether `claim` would find something to do."""
    return bool((await connection.execute(select(exists().where(*_due(now))))).scalar())


async def claim(connection: AsyncConnection, now: datetime, limit: int) -> tuple[ClaimedMail, ...]:
    """Take up to `limit` mails that are due, for the time of a lease; nobody else gets them.

    What somebody took before and never settled becomes uncertain: it may have left.
    """
    query = select(mails).where(*_due(now)).order_by(mails.c.due_at, mails.c.id).limit(limit)
    rows = (await connection.execute(query.with_for_update(skip_locked=True))).all()
    for lost in (row for row in rows if row.state == "sending"):
        await _close(connection, lost.id, "uncertain", json.loads(lost.facts), last_error=LOST)
    found = [row for row in rows if row.state == "queued"]
    if found:
        change = update(mails).where(mails.c.id.in_([row.id for row in found]))
        taken = {"state": "sending", "attempts": mails.c.attempts + 1, "due_at": now + LEASE}
        await connection.execute(change.values(taken))
    return await _claimed(connection, found)


async def search(
    connection: AsyncConnection, state: MailState | None, most: int
) -> tuple[StoredMail, ...]:
    """The latest mails, the newest first; in one state if it is given."""
    query = select(mails).order_by(mails.c.id.desc()).limit(most)
    if state is not None:
        query = query.where(mails.c.state == state)
    return tuple(map(_stored, await connection.execute(query)))


async def forget_old(connection: AsyncConnection, made_before: datetime) -> None:
    """Erase what mails said and to whom that are done with; that they were there stays."""
    old = (mails.c.created_at < made_before, mails.c.recipient != ERASED)
    done = mails.c.state.in_(("sent", "uncertain", "failed"))
    change = update(mails).where(*old, done)
    await connection.execute(change.values(facts="{}", recipient=ERASED))


async def of_account(
    connection: AsyncConnection, account_id: int, most: int
) -> tuple[StoredMail, ...]:
    """The latest mails to the account, the newest first."""
    query = select(mails).where(mails.c.account_id == account_id)
    rows = await connection.execute(query.order_by(mails.c.id.desc()).limit(most))
    return tuple(map(_stored, rows))


async def find(
    connection: AsyncConnection, mail_id: int, *, locked: bool = False
) -> StoredMail | None:
    """The mail; `locked` keeps everybody else from it until the transaction ends."""
    query = select(mails).where(mails.c.id == mail_id)
    row = (await connection.execute(query.with_for_update() if locked else query)).one_or_none()
    return None if row is None else _stored(row)


async def put_back(connection: AsyncConnection, mail: StoredMail, now: datetime) -> None:
    """Let the mail be due now. Lock it first."""
    change = update(mails).where(mails.c.id == mail.mail_id)
    await connection.execute(change.values(state="queued", due_at=now))


async def doubt(connection: AsyncConnection, waiting: Collection[str]) -> int:
    """Let all mails that wait be uncertain but those with the keys `waiting`; return how many."""
    query = select(mails.c.id, mails.c.key, mails.c.facts).where(text(WAITING))
    rows = (await connection.execute(query.with_for_update())).all()
    doubted = [row for row in rows if row.key not in waiting]
    for row in doubted:
        await _close(connection, row.id, "uncertain", json.loads(row.facts), last_error=RESTORED)
    return len(doubted)


async def postpone(
    connection: AsyncConnection, mail: ClaimedMail, due_at: datetime, error: str
) -> None:
    """Put a mail back that certainly did not leave."""
    change = update(mails).where(*_mine(mail, ("sending",)))
    await connection.execute(
        change.values(state="queued", due_at=due_at, last_error=error[:_MAX_ERROR])
    )


async def settle(
    connection: AsyncConnection,
    mail: ClaimedMail,
    state: MailState,
    now: datetime,
    error: str | None = None,
) -> None:
    """Note what became of the mail in the end. Certainty that comes late replaces doubt."""
    await _close(
        connection,
        mail.mail_id,
        state,
        mail.facts,
        *_mine(mail, ("sending", "uncertain")),
        sent_at=now if state == "sent" else None,
        last_error=None if error is None else error[:_MAX_ERROR],
    )


async def _close(
    connection: AsyncConnection,
    mail_id: int,
    state: MailState,
    facts: Any,
    *conditions: ColumnElement[bool],
    **changes: Any,
) -> None:
    change = update(mails).where(mails.c.id == mail_id, *conditions)
    left = _text(without_secrets(facts))
    await connection.execute(change.values(state=state, facts=left, **changes))


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    # As text, not as parameters: only then a database sees that the partial index will do.
    return (text(WAITING), mails.c.due_at <= now)  # type: ignore[return-value]


def _mine(mail: ClaimedMail, states: Sequence[MailState]) -> tuple[ColumnElement[bool], ...]:
    """The row as it was claimed: whoever claimed it after us is not disturbed."""
    return (
        mails.c.id == mail.mail_id,
        mails.c.attempts == mail.attempts,
        mails.c.state.in_(states),
    )


def _text(facts: Any) -> str:
    return json.dumps(facts, ensure_ascii=False, sort_keys=True)


async def _claimed(
    connection: AsyncConnection, rows: Sequence[Row[Any]]
) -> tuple[ClaimedMail, ...]:
    facts = [json.loads(row.facts) for row in rows]
    versions = {each.get("terms_version") for each in facts} - {None}
    terms = await stored_legal.find(connection, versions) if versions else {}
    return tuple(
        _claim(row, each, terms.get(each.get("terms_version")))
        for row, each in zip(rows, facts, strict=True)
    )


def _claim(row: Row[Any], facts: Mapping[str, JsonValue], terms: Terms | None) -> ClaimedMail:
    return ClaimedMail(
        mail_id=row.id,
        message_id=row.message_id,
        kind=row.kind,
        recipient=row.recipient,
        language=row.language,
        facts=facts,
        created_at=row.created_at,
        attempts=row.attempts + 1,
        terms=terms,
        invoice_id=row.invoice_id,
    )


def _stored(row: Row[Any]) -> StoredMail:
    return StoredMail(
        mail_id=row.id,
        message_id=row.message_id,
        kind=row.kind,
        recipient=row.recipient,
        language=row.language,
        facts=json.loads(row.facts),
        account_id=row.account_id,
        created_at=row.created_at,
        state=row.state,
        due_at=row.due_at,
        attempts=row.attempts,
        sent_at=row.sent_at,
        last_error=row.last_error,
    )
