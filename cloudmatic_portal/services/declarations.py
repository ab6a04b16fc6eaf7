"""Declarations that contracts shall end: receive them, find what they mean, and do it.

Receiving is the same work whatever there is to be found; finding is the worker's, later. So
neither the answer nor its time tells whether an account or an order exists.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.account import Language
from cloudmatic_portal.domain.declaration import (
    RECEIPT_SHOWN,
    RECEIPTS_PER_DAY,
    Content,
    Declaration,
    DeclarationState,
    Found,
)
from cloudmatic_portal.domain.errors import DeclarationCannot, DeclarationUnknown
from cloudmatic_portal.domain.mail import NewMail
from cloudmatic_portal.domain.reference import RANDOM_BYTES, new_reference, read_reference
from cloudmatic_portal.domain.throttle import Attempt
from cloudmatic_portal.services import ending, throttle
from cloudmatic_portal.services.sessions import RandomBytes, new_token, token_hash
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import declaration as stored
from cloudmatic_portal.storage import mail as stored_mail
from cloudmatic_portal.storage.database import Database, lost

_logger = logging.getLogger(__name__)


async def declare(
    database: Database,
    content: Content,
    language: Language,
    network: str,
    *,
    now: datetime,
    random_bytes: RandomBytes,
) -> str:
    """Receive a declaration and mail the receipt; return the token of the receipt's page.

    Raises FieldsUnfit or TooManyAttempts; every declaration counts.
    """
    content.require_fit()
    await throttle.admit(database, Attempt(content.kind, network), now)
    token = new_token(random_bytes)
    new = Declaration(
        reference=new_reference(random_bytes(RANDOM_BYTES)),
        content=content,
        language=language,
        received_at=now,
    )
    async with database.writing() as connection:
        lately = await stored.count_since(connection, content.email, now - timedelta(days=1))
        await stored.add(connection, token_hash(token), new)
        if lately < RECEIPTS_PER_DAY:
            await stored_mail.add(connection, _receipt(new), now)
    return token


async def receipt(database: Database, token: str, now: datetime) -> Declaration:
    """The declaration whose receipt the token opens. Raises DeclarationUnknown."""
    async with database.reading() as connection:
        found = await stored.by_token(connection, token_hash(token))
    if found is None or now >= found.received_at + RECEIPT_SHOWN:
        raise DeclarationUnknown
    return found


async def examine_next(database: Database, now: datetime) -> Declaration | None:
    """Find out what the oldest declaration means that nobody has looked at, and do it.

    What is not certain, or cannot be done by itself, waits for the operator. None: there is none.
    """
    async with database.reading() as connection:
        if not await stored.any_received(connection):
            return None
    taken: Declaration | None = None
    try:
        async with database.writing() as connection:
            found = await stored.take(connection)
            if found is None:
                return None
            taken, number = found
            owner = None if number is None else await stored_account.lock(connection, number)
            meant = await ending.find(connection, taken, owner, now)
            return await _settle(connection, taken, meant, now)
    except Exception as error:
        if taken is None or lost(error):
            raise
        _logger.exception("declaration %s cannot be examined", taken.number)
    # Whatever is wrong with it, it is somebody's will, and must not keep others waiting. Somebody
    # else may have done it meanwhile: then that holds.
    async with database.writing() as connection:
        why = Found.for_operator(taken, "it could not be examined; see the log")
        return await _settle(connection, taken, why, now)


async def search(
    database: Database, *, state: DeclarationState | None, most: int
) -> tuple[Declaration, ...]:
    """The latest declarations, in any or in one state."""
    async with database.reading() as connection:
        return await stored.search(connection, state, most)


async def find(database: Database, number: str) -> Declaration:
    """Raises DeclarationUnknown."""
    async with database.reading() as connection:
        return await _known(connection, number)


async def settle(database: Database, number: str, note: str, now: datetime) -> Declaration:
    """Note that the operator has done what was to be done.

    Raises DeclarationUnknown, or DeclarationCannot unless it is open.
    """
    async with database.writing() as connection:
        declaration = await _known(connection, number, locked=True)
        if declaration.state != "open":
            raise DeclarationCannot(declaration.number, declaration.state)
        done = Found("settled", note, declaration.account_id, declaration.deadline)
        await stored.settle(connection, declaration, done, now)
    return _as_found(declaration, done)


async def _settle(
    connection: AsyncConnection, declaration: Declaration, found: Found, now: datetime
) -> Declaration | None:
    """None if somebody else has settled it."""
    if not await stored.settle(connection, declaration, found, now):
        return None
    if found.state == "open":
        _logger.warning("declaration %s waits for the operator", declaration.number)
    return _as_found(declaration, found)


def _as_found(declaration: Declaration, found: Found) -> Declaration:
    return replace(declaration, state=found.state, outcome=found.outcome, deadline=found.deadline)


async def _known(connection: AsyncConnection, number: str, *, locked: bool = False) -> Declaration:
    reference = read_reference(number)
    found = await stored.find(connection, reference, locked=locked) if reference else None
    if found is None:
        raise DeclarationUnknown(number)
    return found


def _receipt(new: Declaration) -> NewMail:
    content = new.content
    return NewMail(
        kind="declaration_received",
        recipient=content.email,
        language=new.language,
        facts={
            "kind": content.kind,
            "number": new.number,
            "received_at": new.received_at.isoformat(),
            "name": content.name,
            "identification": content.identification,
            "contract": content.contract,
            "cancellation": content.cancellation,
            "reason": content.reason,
            "ends_on": content.ends_on.isoformat() if content.ends_on else None,
            "email": content.email,
        },
        key=f"declaration_received:{new.reference}",
    )
