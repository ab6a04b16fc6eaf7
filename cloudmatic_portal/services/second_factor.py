"""The second factor of a customer's account: switched on, asked for, switched off."""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain import second_factor as rules
from cloudmatic_portal.domain import totp
from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.device import Visitor
from cloudmatic_portal.domain.errors import (
    AccountUnknown,
    FieldsUnfit,
    FormRefused,
    LoginRefused,
    SecondFactorOff,
    SecondFactorOn,
    SecondFactorRefused,
)
from cloudmatic_portal.domain.second_factor import SecondFactor
from cloudmatic_portal.domain.throttle import Attempt
from cloudmatic_portal.services import account as own_account
from cloudmatic_portal.services import account_letters as letters
from cloudmatic_portal.services import factors, throttle
from cloudmatic_portal.services.account import Proof
from cloudmatic_portal.services.sealing import SealBroken, Sealing
from cloudmatic_portal.services.secrets import Secrets
from cloudmatic_portal.services.sessions import RandomBytes, token_hash
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import mail as stored_mail
from cloudmatic_portal.storage import second_factor as stored
from cloudmatic_portal.storage import second_step as stored_step
from cloudmatic_portal.storage import session as stored_session
from cloudmatic_portal.storage.database import Database

_PURPOSE: Final = "customers' second factors"
_OFFER_PURPOSE: Final = "second factors that customers are shown"


@dataclass(frozen=True, slots=True)
class Keys:
    """What passwords and second factors are kept with. `secret` is the portal's."""

    secrets: Secrets
    secret: bytes = field(repr=False)

    @property
    def sealing(self) -> Sealing:
        return Sealing(self.secret, _PURPOSE)

    @property
    def offers(self) -> Sealing:
        return Sealing(self.secret, _OFFER_PURPOSE)


@dataclass(frozen=True, slots=True)
class Offer:
    """A secret that a customer is shown and that nobody keeps: `sealed` comes back with the form,
    and opens with the session that it was made for.
    """

    secret: str = field(repr=False)
    sealed: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody typed who wants to change the second factor; `code` may be a recovery code
    where there is a factor already.
    """

    proof: Proof
    visitor: Visitor
    code: str = field(repr=False)


def offer(keys: Keys, session_token: str, random_bytes: RandomBytes) -> Offer:
    """Draw a secret for whoever holds the session. Keeps nothing."""
    secret = factors.secret_of(random_bytes(totp.SECRET_BYTES))
    sealed = keys.offers.seal(secret, _holder(session_token), random_bytes)
    return Offer(secret, base64.urlsafe_b64encode(sealed).decode("ascii"))


def offered(keys: Keys, session_token: str, sealed: str) -> Offer:
    """The offer that was made to that session. Raises FormRefused if there was none like it."""
    try:
        plain = base64.b64decode(sealed, altchars=b"-_", validate=True)
        return Offer(keys.offers.open(plain, _holder(session_token)), sealed)
    except (SealBroken, binascii.Error, ValueError) as error:
        raise FormRefused("offer") from error


async def state(database: Database, account_id: int) -> SecondFactor | None:
    """Since when the account has one; None if it has none."""
    async with database.reading() as connection:
        return await stored.state(connection, account_id)


async def switch_on(
    database: Database,
    keys: Keys,
    wish: Wish,
    accepted: Offer,
    *,
    now: datetime,
    random_bytes: RandomBytes,
) -> tuple[str, ...]:
    """Ask for the offered factor at every login from now on; return the recovery codes, which are
    kept nowhere. The visitor stays logged in; the account's other logins end, and no browser is
    known any more.

    Raises SecondFactorOn, LoginRefused, TooManyAttempts, or FieldsUnfit if the code is not the
    factor's.
    """
    account_id = wish.proof.account_id
    if await state(database, account_id) is not None:
        raise SecondFactorOn
    proven = await own_account.prove(database, keys.secrets, wish.proof, now)
    step = totp.matching_step(accepted.secret, wish.code, now)
    if step is None:
        raise FieldsUnfit({"code": "wrong"})
    codes = _new_codes(random_bytes)
    async with database.writing() as connection:
        account, mine = await own_account.hold(connection, wish.proof, proven, wish.visitor)
        if await stored.find(connection, account_id) is not None:
            raise SecondFactorOn
        sealed = keys.sealing.seal(accepted.secret, str(account_id), random_bytes)
        await stored.add(connection, account_id, sealed, step, now)
        await stored.replace_codes(connection, account_id, map(token_hash, codes), now)
        # Whoever else came in by the password alone would be in for hours yet.
        await stored_session.remove_logins(connection, account_id, but=mine)
        # And a browser that was known by the password alone could guess codes by itself.
        await stored_account.forget_devices(connection, account_id, now)
        await stored_mail.add(connection, letters.second_factor_on(account, now), now)
    return codes


async def new_codes(
    database: Database, keys: Keys, wish: Wish, *, now: datetime, random_bytes: RandomBytes
) -> tuple[str, ...]:
    """Make ten new recovery codes; those of before are good no more.

    Raises SecondFactorOff, LoginRefused, TooManyAttempts or SecondFactorRefused.
    """
    attempt = await _prove(database, keys, wish, now)
    codes = _new_codes(random_bytes)
    guard = guarded(database, wish.proof.account_id, attempt, now)
    async with guard, database.writing() as connection:
        account = await _lock(connection, wish.proof.account_id)
        await require(connection, keys, account, wish.code, now, quietly=True)
        await throttle.succeeded(connection, attempt, now)
        await stored.replace_codes(connection, account.account_id, map(token_hash, codes), now)
        await stored_mail.add(connection, letters.recovery_codes_made(account, now), now)
    return codes


async def switch_off(database: Database, keys: Keys, wish: Wish, now: datetime) -> None:
    """Let the password alone be enough again.

    Raises SecondFactorOff, LoginRefused, TooManyAttempts or SecondFactorRefused.
    """
    attempt = await _prove(database, keys, wish, now)
    guard = guarded(database, wish.proof.account_id, attempt, now)
    async with guard, database.writing() as connection:
        account = await _lock(connection, wish.proof.account_id)
        await require(connection, keys, account, wish.code, now, quietly=True)
        await throttle.succeeded(connection, attempt, now)
        await _remove(connection, account, now, by_operator=False)


async def withdraw(database: Database, account_id: int, now: datetime) -> None:
    """Switch it off for a customer who has lost phone and recovery codes.

    Raises AccountUnknown or SecondFactorOff.
    """
    async with database.writing() as connection:
        account = await stored_account.lock(connection, account_id)
        if account is None:
            raise AccountUnknown(account_id)
        await _remove(connection, account, now, by_operator=True)


async def undo_since(
    connection: AsyncConnection, account: Account, since: datetime, now: datetime
) -> None:
    """Switch off a factor that was set up after `since`. Hold the account."""
    kept = await stored.state(connection, account.account_id)
    if kept is not None and kept.since > since:
        await _remove(connection, account, now, by_operator=False)


async def require(
    connection: AsyncConnection,
    keys: Keys,
    account: Account,
    typed: str,
    now: datetime,
    *,
    quietly: bool = False,
) -> None:
    """Use up what was typed: a code of the factor, or a recovery code. A mail tells of that one,
    unless it is used for what has a mail of its own (`quietly`). Lock the account first.

    Raises SecondFactorOff or SecondFactorRefused.
    """
    kept = await stored.find(connection, account.account_id)
    if kept is None:
        raise SecondFactorOff(account.account_id)
    number = account.account_id
    step = factors.unused_step(
        keys.sealing, kept.sealed, str(number), after=kept.step, code=typed, now=now
    )
    if step is not None:
        await stored.use_step(connection, number, step)
        return
    code = rules.read_recovery_code(typed)
    if code is None or not await stored.use_code(connection, number, token_hash(code), now):
        raise SecondFactorRefused
    left = await stored.state(connection, number)
    if left is not None and not quietly:
        letter = letters.recovery_code_used(account, left.codes_left, now)
        await stored_mail.add(connection, letter, now)


def attempt_of(
    account_id: int, visitor: Visitor, devices_valid_from: datetime | None, now: datetime
) -> Attempt:
    """Under which heads a code for the account counts."""
    known = visitor.known_as(account_id, devices_valid_from, now)
    return Attempt("second_factor", visitor.network, str(account_id), known)


@asynccontextmanager
async def guarded(
    database: Database, account_id: int, attempt: Attempt, now: datetime
) -> AsyncIterator[None]:
    """Tell the owner if somebody who has the password guesses codes: once a day."""
    try:
        yield
    except SecondFactorRefused:
        async with database.writing() as connection:
            if await throttle.failures(connection, attempt, now) >= rules.WARN_AFTER:
                account = await stored_account.find(connection, account_id)
                if account is not None:
                    letter = letters.second_factor_guessed(account, now)
                    await stored_mail.add(connection, letter, now)
        raise


async def _prove(database: Database, keys: Keys, wish: Wish, now: datetime) -> Attempt:
    """Compare the password, and count the attempt at the code, which is still to be compared."""
    account_id = wish.proof.account_id
    async with database.reading() as connection:
        if await stored.find(connection, account_id) is None:
            raise SecondFactorOff(account_id)
        valid_from = await stored_account.devices_valid_from(connection, account_id)
    await own_account.prove(database, keys.secrets, wish.proof, now)
    attempt = attempt_of(account_id, wish.visitor, valid_from, now)
    await throttle.admit(database, attempt, now)
    return attempt


async def _lock(connection: AsyncConnection, account_id: int) -> Account:
    account = await stored_account.lock(connection, account_id)
    if account is None:
        raise LoginRefused
    return account


async def _remove(
    connection: AsyncConnection, account: Account, now: datetime, *, by_operator: bool
) -> None:
    if not await stored.remove(connection, account.account_id):
        raise SecondFactorOff(account.account_id)
    await stored_step.remove_all(connection, account.account_id)
    letter = letters.second_factor_off(account, now, by_operator=by_operator)
    await stored_mail.add(connection, letter, now)


def _new_codes(random_bytes: RandomBytes) -> tuple[str, ...]:
    return tuple(
        rules.new_recovery_code(random_bytes(rules.CODE_BYTES)) for _ in range(rules.RECOVERY_CODES)
    )


def _holder(session_token: str) -> str:
    return token_hash(session_token).hex()
