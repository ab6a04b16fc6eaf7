"""The second step of a login: after the password the code of the second factor."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cloudmatic_portal.domain.device import Visitor
from cloudmatic_portal.domain.errors import SecondStepEnded
from cloudmatic_portal.domain.second_factor import SecondStep
from cloudmatic_portal.services import login, second_factor, throttle
from cloudmatic_portal.services.login import LoggedIn
from cloudmatic_portal.services.second_factor import Keys
from cloudmatic_portal.services.sessions import RandomBytes, token_hash
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import second_step as stored
from cloudmatic_portal.storage.database import Database


@dataclass(frozen=True, slots=True)
class Answer:
    """The token of the first step, and what was typed in the second one."""

    token: str = field(repr=False)
    code: str = field(repr=False)


async def examine(database: Database, token: str, now: datetime) -> SecondStep:
    """Whose login it is. Changes nothing. Raises SecondStepEnded."""
    async with database.reading() as connection:
        return _alive(await stored.find(connection, token_hash(token)), now)


async def finish(
    database: Database,
    keys: Keys,
    answer: Answer,
    visitor: Visitor,
    *,
    now: datetime,
    random_bytes: RandomBytes,
) -> LoggedIn:
    """Log in; the former session of the visitor's browser ends, and so does the first step.

    Raises SecondStepEnded, TooManyAttempts before the code is looked at, and SecondFactorRefused
    after it.
    """
    step = await examine(database, answer.token, now)
    number = step.account.account_id
    attempt = second_factor.attempt_of(number, visitor, step.devices_valid_from, now)
    await throttle.admit(database, attempt, now)
    guard = second_factor.guarded(database, number, attempt, now)
    async with guard, database.writing() as connection:
        account = await stored_account.lock(connection, number)
        # It may have been finished, or ended by a new password, while we waited.
        if account is None or not await stored.remove(connection, token_hash(answer.token)):
            raise SecondStepEnded
        await second_factor.require(connection, keys, account, answer.code, now)
        await throttle.succeeded(connection, attempt, now)
        return await login.enter(connection, account, visitor, now, random_bytes)


def _alive(step: SecondStep | None, now: datetime) -> SecondStep:
    if step is None or not step.alive(now):
        raise SecondStepEnded
    return step
