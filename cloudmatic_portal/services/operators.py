"""Operators: made by a command, set up by a link, let in with password and second factor."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain import totp
from cloudmatic_portal.domain.audit import COMMAND_LINE, Action, AuditEntry
from cloudmatic_portal.domain.errors import (
    FieldsUnfit,
    OperatorNotMade,
    OperatorRefused,
    OperatorUnknown,
    SetupLinkRefused,
)
from cloudmatic_portal.domain.operator import (
    NAME,
    SETUP_LIFETIME,
    Operator,
    OperatorSession,
    Role,
)
from cloudmatic_portal.domain.password import prepared, require_fit
from cloudmatic_portal.domain.throttle import Attempt
from cloudmatic_portal.services import factors, throttle
from cloudmatic_portal.services.sealing import Sealing
from cloudmatic_portal.services.secrets import Secrets
from cloudmatic_portal.services.sessions import RandomBytes, new_token, token_hash
from cloudmatic_portal.storage import audit as stored_audit
from cloudmatic_portal.storage import operator as stored
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.operator import Factors

_PURPOSE: Final = "operators' second factors"


@dataclass(frozen=True, slots=True)
class Keys:
    """What passwords and second factors are kept with. `secret` is the portal's."""

    secrets: Secrets
    secret: bytes = field(repr=False)

    @property
    def sealing(self) -> Sealing:
        return Sealing(self.secret, _PURPOSE)

    def new_factor(self, token: str) -> str:
        """The second factor that goes with a set-up link: always the same, and kept nowhere."""
        digest = hmac.digest(self.secret, f"operator\0{token}".encode(), hashlib.sha256)
        return factors.secret_of(digest)


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody typed who wants to come in; `former` is the session of that browser."""

    name: str
    password: str = field(repr=False)
    code: str = field(repr=False)
    network: str
    former: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """What an operator chooses, with the token of the link that lets them."""

    token: str = field(repr=False)
    password: str = field(repr=False)
    code: str = field(repr=False)


async def add(
    database: Database, name: str, role: Role, *, now: datetime, random_bytes: RandomBytes
) -> str:
    """Make an operator; return the token of the link by which they set themselves up.

    Raises OperatorNotMade.
    """
    if not NAME.fullmatch(name):
        raise OperatorNotMade(name, "a name has 3 to 40 small letters, digits, dots and hyphens")
    async with database.writing() as connection:
        operator_id = await stored.add(connection, name, role, now)
        await _note(connection, "add operator", name, now, detail=role)
        return await _invite(connection, operator_id, now, random_bytes)


async def add_again(
    database: Database, name: str, role: Role, *, now: datetime, random_bytes: RandomBytes
) -> str:
    """Give an operator a role and a new link; the former password and factor hold no more.

    Who was disabled may come in again. Raises OperatorUnknown.
    """
    async with database.writing() as connection:
        held = await _hold(connection, name)
        forgotten = dict.fromkeys(("password_hash", "totp_sealed", "totp_step", "disabled_at"))
        await stored.change(connection, held.operator_id, role=role, **forgotten)
        await stored.close_sessions(connection, held.operator_id)
        await _note(connection, "set operator up again", name, now, detail=role)
        return await _invite(connection, held.operator_id, now, random_bytes)


async def disable(database: Database, name: str, now: datetime) -> None:
    """Let the operator in no more, from this instant on. Again changes nothing.

    Raises OperatorUnknown.
    """
    async with database.writing() as connection:
        held = await _hold(connection, name)
        if held.disabled_at is not None:
            return
        nothing = {"setup_hash": None, "setup_expires_at": None}
        await stored.change(connection, held.operator_id, disabled_at=now, **nothing)
        await stored.close_sessions(connection, held.operator_id)
        await _note(connection, "disable operator", name, now)


async def every(database: Database) -> tuple[Operator, ...]:
    async with database.reading() as connection:
        return await stored.every(connection)


async def examine_link(database: Database, token: str, now: datetime) -> Operator:
    """Whose set-up link it is. Changes nothing. Raises SetupLinkRefused."""
    async with database.reading() as connection:
        found = await stored.of_setup(connection, token_hash(token))
    return _invited(found, now).operator


async def set_up(
    database: Database,
    keys: Keys,
    choice: Choice,
    *,
    now: datetime,
    random_bytes: RandomBytes,
) -> str:
    """Keep password and second factor, and let the operator in; return the session's token.

    Raises SetupLinkRefused, PasswordUnfit, or FieldsUnfit if the code is not the factor's.
    """
    operator = await examine_link(database, choice.token, now)
    require_fit(choice.password, user_name=operator.name, email="")
    factor = keys.new_factor(choice.token)
    step = totp.matching_step(factor, choice.code, now)
    if step is None:
        raise FieldsUnfit({"code": "wrong"})
    hashed = await keys.secrets.hash(prepared(choice.password))
    async with database.writing() as connection:
        found = await stored.of_setup(connection, token_hash(choice.token))
        held = await stored.hold(connection, _invited(found, now).operator.operator_id)
        operator = _invited(held, now).operator
        await stored.change(
            connection,
            operator.operator_id,
            password_hash=hashed,
            totp_sealed=keys.sealing.seal(factor, operator.name, random_bytes),
            totp_step=step,
            setup_hash=None,
            setup_expires_at=None,
        )
        await stored.close_sessions(connection, operator.operator_id)
        await _note(connection, "set up", operator.name, now, by=operator)
        return await _enter(connection, operator, now, random_bytes)


async def log_in(
    database: Database, keys: Keys, proof: Proof, *, now: datetime, random_bytes: RandomBytes
) -> str:
    """Let an operator in; return the new session's token. The browser's former session ends.

    Raises TooManyAttempts before anything is looked at, and OperatorRefused after it: for an
    unknown name, a wrong password and a wrong or used code alike, after the same work.
    """
    name = proof.name.strip().lower()
    attempt = Attempt("operator", proof.network, name)
    await throttle.admit(database, attempt, now)
    async with database.reading() as connection:
        found = await stored.find(connection, name) if NAME.fullmatch(name) else None
    stored_hash = None if found is None else found.password_hash
    matches = await keys.secrets.matches(stored_hash, prepared(proof.password))
    step = _step(keys, found, proof.code, now)
    if not matches or found is None or step is None:
        raise OperatorRefused
    async with database.writing() as connection:
        held = await stored.hold(connection, found.operator.operator_id)
        if held is None or not _still(held, stored_hash, step):
            raise OperatorRefused
        await stored.change(connection, found.operator.operator_id, totp_step=step)
        await throttle.succeeded(connection, attempt, now)
        if proof.former is not None:
            await stored.close_session(connection, token_hash(proof.former))
        await _note(connection, "log in", name, now, by=held.operator)
        return await _enter(connection, held.operator, now, random_bytes)


async def session(database: Database, token: str, now: datetime) -> OperatorSession | None:
    """The living session that `token` stands for; notes that it is in use."""
    async with database.reading() as connection:
        found = await stored.find_session(connection, token_hash(token))
    if found is None or not found.alive(now):
        return None
    if found.needs_touch(now):
        async with database.writing() as connection:
            await stored.touch_session(connection, token_hash(token), now)
    return found


async def log_out(database: Database, token: str) -> None:
    async with database.writing() as connection:
        await stored.close_session(connection, token_hash(token))


def _step(keys: Keys, found: Factors | None, code: str, now: datetime) -> int | None:
    """The step of a code that has not been used; None if it is wrong or there is no factor."""
    if found is None or found.totp_sealed is None or found.totp_step is None:
        return None
    about, after = found.operator.name, found.totp_step
    return factors.unused_step(
        keys.sealing, found.totp_sealed, about, after=after, code=code, now=now
    )


def _still(held: Factors, password_hash: str | None, step: int) -> bool:
    """Whether what was compared still holds, now that nobody else can change it."""
    unused = held.totp_step is not None and step > held.totp_step
    same = held.password_hash == password_hash
    return same and unused and held.operator.disabled_at is None


def _invited(found: Factors | None, now: datetime) -> Factors:
    if found is None or found.setup_expires_at is None or found.setup_expires_at <= now:
        raise SetupLinkRefused
    return found


async def _hold(connection: AsyncConnection, name: str) -> Operator:
    found = await stored.find(connection, name)
    held = None if found is None else await stored.hold(connection, found.operator.operator_id)
    if held is None:
        raise OperatorUnknown(name)
    return held.operator


async def _invite(
    connection: AsyncConnection, operator_id: int, now: datetime, random_bytes: RandomBytes
) -> str:
    token = new_token(random_bytes)
    link = {"setup_hash": token_hash(token), "setup_expires_at": now + SETUP_LIFETIME}
    await stored.change(connection, operator_id, **link)
    return token


async def _enter(
    connection: AsyncConnection, operator: Operator, now: datetime, random_bytes: RandomBytes
) -> str:
    token = new_token(random_bytes)
    await stored.forget_ended_sessions(connection, now)
    started = OperatorSession.start(operator, now)
    await stored.open_session(connection, token_hash(token), started)
    return token


async def _note(
    connection: AsyncConnection,
    action: Action,
    name: str,
    now: datetime,
    *,
    by: Operator | None = None,
    detail: str | None = None,
) -> None:
    entry = AuditEntry(
        at=now,
        operator=COMMAND_LINE if by is None else by.name,
        operator_id=None if by is None else by.operator_id,
        action=action,
        object=f"operator {name}",
        detail=detail,
    )
    await stored_audit.add(connection, entry)
