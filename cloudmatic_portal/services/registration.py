"""Become a customer: an application, a mail to confirm it by, and the account."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.access import AccessPeriod
from cloudmatic_portal.domain.account import Account, Language, NewAccount
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.device import Visitor
from cloudmatic_portal.domain.errors import FieldsUnfit, RegistrationUnknown
from cloudmatic_portal.domain.mail import NewMail
from cloudmatic_portal.domain.password import prepared
from cloudmatic_portal.domain.registration import (
    MAILS_PER_ADDRESS,
    TRIAL_PRODUCT,
    Application,
    Registration,
    account_id,
    trial,
)
from cloudmatic_portal.domain.throttle import Attempt
from cloudmatic_portal.services import login, reminders, throttle
from cloudmatic_portal.services.account_letters import address_known
from cloudmatic_portal.services.login import LoggedIn
from cloudmatic_portal.services.secrets import Secrets
from cloudmatic_portal.services.sessions import RandomBytes, new_token, token_hash
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import catalogue as stored_catalogue
from cloudmatic_portal.storage import mail as stored_mail
from cloudmatic_portal.storage import registration as stored_registration
from cloudmatic_portal.storage.account import AccountIdTaken
from cloudmatic_portal.storage.database import Database

_TRIES: Final = 50
"""Random CloudMatic-IDs tried before giving up; that many taken ones in a row mean that seven
digits are no longer enough.
"""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who applies: from which network, in which language, on the way to which page."""

    network: str
    language: Language
    wanted: str


async def apply(
    database: Database,
    secrets: Secrets,
    application: Application,
    applicant: Applicant,
    *,
    now: datetime,
    random_bytes: RandomBytes,
) -> None:
    """Mail a link that makes the application an account.

    If there is an account with the e-mail address, its owner is told so by mail, and nobody else.
    Raises FieldsUnfit, also for a user name that is taken, or TooManyAttempts.
    """
    application.require_fit()
    await throttle.admit(database, Attempt("registration", applicant.network), now)
    # Whoever owns the address, the work is the same.
    registration = Registration(
        user_name=application.user_name,
        email=application.email,
        language=applicant.language,
        password_hash=await secrets.hash(prepared(application.password)),
        created_at=now,
    )
    token = new_token(random_bytes)
    async with database.writing() as connection:
        await stored_registration.forget_old(connection, now)
        names = await stored_account.names_taken(
            connection, application.user_name, application.email
        )
        if names.user_name:
            raise FieldsUnfit({"user_name": "taken"})
        if names.owner is not None:
            await stored_mail.add(connection, address_known(names.owner, now), now)
        else:
            await _mail_link(connection, registration, token, applicant.wanted)


async def examine(database: Database, token: str, now: datetime) -> Registration:
    """What the link would make an account of. Changes nothing. Raises MailLinkRefused."""
    async with database.reading() as connection:
        return _open(await stored_registration.find(connection, token_hash(token)), now)


async def confirm(
    database: Database, token: str, visitor: Visitor, *, now: datetime, random_bytes: RandomBytes
) -> LoggedIn:
    """Make the registration an account with its trial, and log in.

    Of any number of confirmations of one address or user name one makes an account. Raises
    MailLinkRefused.
    """
    for _ in range(_TRIES):
        number = account_id(random_bytes(8))
        try:
            async with database.writing() as connection:
                return await _confirm(connection, number, token, visitor, now, random_bytes)
        except AccountIdTaken:
            continue
    raise LookupError("no free CloudMatic-ID was found")


async def _confirm(
    connection: AsyncConnection,
    number: int,
    token: str,
    visitor: Visitor,
    now: datetime,
    random_bytes: RandomBytes,
) -> LoggedIn:
    key = token_hash(token)
    registration = _open(await stored_registration.lock(connection, key), now)
    account = NewAccount(
        account_id=number,
        user_name=registration.user_name,
        email=registration.email,
        language=registration.language,
        created_at=now,
        password_hash=registration.password_hash,
        user_key_hash=None,
    )
    await stored_account.add(connection, account)
    await stored_registration.use(connection, key, now)
    period = await _start_trial(connection, account, now)
    await stored_mail.add(connection, _welcome(account, period), now)
    return await login.enter(connection, account, visitor, now, random_bytes)


async def _start_trial(
    connection: AsyncConnection, account: Account, now: datetime
) -> AccessPeriod | None:
    product = await stored_catalogue.find(connection, TRIAL_PRODUCT)
    if product is None:
        # A customer without a trial is better than none.
        _logger.error("no trial for a new account: the catalogue has no %r", TRIAL_PRODUCT)
        return None
    period = trial(product.name, berlin_day(now))
    await stored_access.add(connection, account.account_id, period)
    await reminders.plan(connection, account.account_id, [period], berlin_day(now))
    return period


def _open(registration: Registration | None, now: datetime) -> Registration:
    if registration is None:
        raise RegistrationUnknown
    registration.require_open(now)
    return registration


async def _mail_link(
    connection: AsyncConnection, registration: Registration, token: str, wanted: str
) -> None:
    now = registration.created_at
    waiting = await stored_registration.count_open(connection, registration.email, now)
    if waiting >= MAILS_PER_ADDRESS:
        return
    key = token_hash(token)
    await stored_registration.add(connection, key, registration)
    mail = NewMail(
        kind="registration",
        recipient=registration.email,
        language=registration.language,
        # Not the user name: nobody shall write to strangers in our name.
        facts={"token": token, "next": wanted},
        key=f"registration:{key.hex()}",
        account_id=None,
    )
    await stored_mail.add(connection, mail, now)


def _welcome(account: Account, period: AccessPeriod | None) -> NewMail:
    return NewMail(
        kind="welcome",
        recipient=account.email,
        language=account.language,
        facts={
            "user_name": account.user_name,
            "account_id": account.account_id,
            "trial_name": None if period is None else period.name,
            "trial_last_day": None if period is None else period.last_day.isoformat(),
        },
        key=f"welcome:{account.account_id}",
        account_id=account.account_id,
    )
