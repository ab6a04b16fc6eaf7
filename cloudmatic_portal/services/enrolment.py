"""A hub hands in its public key, once, with the account's CloudMatic-ID and user key."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cloudmatic_link import signing
from cloudmatic_link.claims import HubEnrolment
from cloudmatic_link.keys import KeyUnusable, PublicKey
from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.errors import (
    CredentialsRefused,
    KeyElsewhere,
    RequestMalformed,
    RevokedKey,
)
from cloudmatic_portal.domain.hub import HubKey
from cloudmatic_portal.domain.throttle import Attempt
from cloudmatic_portal.services import throttle
from cloudmatic_portal.services.secrets import Secrets
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import hub as stored_hub
from cloudmatic_portal.storage.database import Database


@dataclass(frozen=True, slots=True)
class EnrolmentRequest:
    """What a hub sends; the user key is a secret and no `repr` shows it."""

    public_key: dict[str, Any]
    proof: str = field(repr=False)
    user_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """`new` is False when this very key was enrolled for this hub and account before."""

    key_id: str
    new: bool


async def enrol(
    database: Database,
    secrets: Secrets,
    request: EnrolmentRequest,
    *,
    audience: str,
    network: str,
    now: datetime,
) -> Enrolled:
    """Let the key sign for the hub and the account that the proof names.

    Asking again with the same key changes nothing. Another key of a hub that is known joins the
    ones it has. Raises RequestMalformed, TokenError (the proof), TooManyAttempts,
    CredentialsRefused, RevokedKey or KeyElsewhere.
    """
    public = _public_key(request.public_key)
    proof = signing.verify(request.proof, HubEnrolment, public, audience=audience, now=now)
    attempt = Attempt("enrolment", network, proof.subject)
    await throttle.admit(database, attempt, now)
    account = await _account(database, secrets, int(proof.subject), request.user_key)
    wanted = HubKey(
        key_id=public.key_id,
        public_key=public.to_bytes(),
        serial=proof.issuer,
        account_id=account.account_id,
        user_name=account.user_name,
        created_at=now,
    )
    return Enrolled(public.key_id, new=await _keep(database, wanted, attempt))


def _public_key(jwk: dict[str, Any]) -> PublicKey:
    try:
        return PublicKey.from_jwk(jwk)
    except KeyUnusable as error:
        raise RequestMalformed("public_key") from error


async def _account(database: Database, secrets: Secrets, account_id: int, user_key: str) -> Account:
    async with database.reading() as connection:
        credentials = await stored_account.hub_credentials(connection, account_id)
    # The same work and the same answer, whichever of the two is wrong.
    stored = credentials.secret_hash if credentials is not None else None
    if not await secrets.matches(stored, user_key) or credentials is None:
        raise CredentialsRefused
    return credentials.account


async def _keep(database: Database, wanted: HubKey, attempt: Attempt) -> bool:
    async with database.writing() as connection:
        await throttle.succeeded(connection, attempt, wanted.created_at)
        await stored_account.lock(connection, wanted.account_id)
        present = await stored_hub.find_key(connection, wanted.key_id)
        if present is None:
            await stored_hub.add_key(connection, wanted)
            return True
    if (present.account_id, present.serial) != (wanted.account_id, wanted.serial):
        raise KeyElsewhere(wanted.key_id)
    if present.revoked_at is not None:
        raise RevokedKey(wanted.key_id, present.revoked_at)
    return False
