"""A hub asks for an account, a customer confirms, the hub's key speaks for it (RFC 8628)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_link import signing
from cloudmatic_link.claims import HubPairing
from cloudmatic_link.keys import KeyUnusable, PublicKey
from cloudmatic_link.pairing import Confirmation
from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.errors import (
    KeyElsewhere,
    PairingCodeUnknown,
    PairingExpired,
    RequestMalformed,
    RevokedKey,
    SessionEnded,
)
from cloudmatic_portal.domain.hub import HubKey
from cloudmatic_portal.domain.pairing import LIFETIME, Pairing, new_user_code, read_user_code
from cloudmatic_portal.domain.throttle import Attempt
from cloudmatic_portal.services import throttle
from cloudmatic_portal.services.sessions import RandomBytes, new_token, token_hash
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import hub as stored_hub
from cloudmatic_portal.storage import pairing as stored
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.pairing import UserCodeTaken

_TRIES: Final = 20
"""Random codes tried before giving up; 25 thousand millions are not soon taken."""


@dataclass(frozen=True, slots=True)
class PairingRequest:
    """What a hub sends. `wanted` is the account that its own files name, if they name one."""

    public_key: dict[str, Any]
    assertion: str = field(repr=False)
    wanted: int | None = None


@dataclass(frozen=True, slots=True)
class Typed:
    """A code as the customer `account_id` typed it, from `network`."""

    text: str
    account_id: int
    network: str


async def begin(
    database: Database,
    request: PairingRequest,
    *,
    audience: str,
    network: str,
    now: datetime,
    random_bytes: RandomBytes,
) -> tuple[str, Pairing]:
    """Let the hub wait for a customer; returns its device code and the pairing.

    Raises RequestMalformed, TokenError (the assertion) or TooManyAttempts.
    """
    try:
        public = PublicKey.from_jwk(request.public_key)
    except KeyUnusable as error:
        raise RequestMalformed("public_key") from error
    claims = signing.verify(request.assertion, HubPairing, public, audience=audience, now=now)
    await throttle.admit(database, Attempt("pairing", network), now)
    device_code = new_token(random_bytes)
    for _ in range(_TRIES):
        pairing = Pairing(
            user_code=new_user_code(random_bytes(16)),
            serial=claims.issuer,
            key_id=public.key_id,
            public_key=public.to_bytes(),
            created_at=now,
            expires_at=now + LIFETIME,
            wanted=request.wanted,
        )
        try:
            async with database.writing() as connection:
                await stored.forget_old(connection, now)
                await stored.add(connection, token_hash(device_code), pairing)
        except UserCodeTaken:
            continue
        return device_code, pairing
    raise LookupError("no free code was found")


async def ask(
    database: Database, device_code: str, assertion: str, *, audience: str, now: datetime
) -> Confirmation:
    """What the hub that began with `device_code` is told. Asking again tells the same again: an
    answer may get lost, and nothing secret is in it.

    Raises PairingError or TokenError (the assertion).
    """
    async with database.writing() as connection:
        pairing = await stored.hold(connection, token_hash(device_code))
        if pairing is None:
            raise PairingExpired
        public = PublicKey.from_bytes(pairing.public_key)
        signing.verify(assertion, HubPairing, public, audience=audience, now=now)
        refusal = pairing.refusal(now)
        if pairing.state == "waiting":
            interval = pairing.slower() if pairing.too_soon(now) else pairing.interval
            await stored.note_question(connection, pairing, interval, now)
        account = await stored_account.find(connection, pairing.account_id or 0)
    if refusal is not None:
        raise refusal
    if account is None:
        raise PairingExpired
    return Confirmation(str(account.account_id), account.user_name)


async def look(database: Database, typed: Typed, now: datetime) -> Pairing:
    """The hub that shows the code. Changes nothing but the count of wrong ones.

    Raises PairingCodeUnknown, PairingForAnotherAccount or TooManyAttempts.
    """
    async with database.writing() as connection:
        _, found = await _find(connection, typed, now)
    if found is None:
        raise PairingCodeUnknown
    found.require_open(typed.account_id, now)
    return found


async def decide(database: Database, typed: Typed, now: datetime, *, confirmed: bool) -> Pairing:
    """Confirm or refuse. Confirmed, the hub's key speaks for the account from now on.

    The same decision again changes nothing. Raises PairingCodeUnknown, PairingForAnotherAccount,
    TooManyAttempts, KeyElsewhere or RevokedKey.
    """
    async with database.writing() as connection:
        account, found = await _find(connection, typed, now)
        if found is not None:
            found.require_open(typed.account_id, now)
            if found.state == "waiting":
                await stored.decide(connection, found, typed.account_id, confirmed=confirmed)
                if confirmed:
                    await _enrol(connection, found, account, now)
    if found is None:
        raise PairingCodeUnknown
    return found


async def _find(
    connection: AsyncConnection, typed: Typed, now: datetime
) -> tuple[Account, Pairing | None]:
    """The pairing of the code, or none and one wrong guess counted."""
    attempt = Attempt("pairing_code", typed.network, str(typed.account_id))
    # Whoever guesses with a hundred requests at once waits here for each of them.
    account = await stored_account.lock(connection, typed.account_id)
    if account is None:
        raise SessionEnded
    await throttle.check(connection, attempt, now)
    code = read_user_code(typed.text)
    found = await stored.hold_by_code(connection, code) if code else None
    if found is None or found.expires_at <= now:
        await throttle.failed(connection, attempt, now)
        return account, None
    return account, found


async def _enrol(
    connection: AsyncConnection, pairing: Pairing, account: Account, now: datetime
) -> None:
    wanted = HubKey(
        key_id=pairing.key_id,
        public_key=pairing.public_key,
        serial=pairing.serial,
        account_id=account.account_id,
        user_name=account.user_name,
        created_at=now,
    )
    present = await stored_hub.find_key(connection, wanted.key_id)
    if present is None:
        await stored_hub.add_key(connection, wanted)
    elif (present.account_id, present.serial) != (wanted.account_id, wanted.serial):
        raise KeyElsewhere(wanted.key_id)
    elif present.revoked_at is not None:
        raise RevokedKey(wanted.key_id, present.revoked_at)
