"""Hubs that enrol, sign and ask, and what becomes of them."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

import aiohttp

from cloudmatic_link import signing
from cloudmatic_link.api import (
    DEVICE_PATH,
    DEVICE_TOKEN_PATH,
    HUB_PATH,
    HUBS_PATH,
    STATUS_PATH,
)
from cloudmatic_link.claims import (
    Addressed,
    BookingLink,
    HubEnrolment,
    HubPairing,
    HubToken,
    token_id,
)
from cloudmatic_link.keys import HubKey
from cloudmatic_link.pairing import ASSERTION_TYPE, GRANT_TYPE
from cloudmatic_portal.services import hubs
from cloudmatic_portal.storage import hub as stored_hub
from cloudmatic_portal.storage.tables import accounts
from tests.integration.portal.world import SERIAL, USER_KEY, Answer, Portal


class Hub:
    """A hub: a serial number, a linked account, a key."""

    def __init__(self, portal: Portal, *, account: str = "4711", serial: str = SERIAL) -> None:
        self.portal = portal
        self.account = account
        self.serial = serial
        self.key = HubKey.generate()

    def link(self, product: str = "complete", **changes: Any) -> str:
        return self.sign(self.claims(BookingLink, product=product, **changes))

    def claims(self, claims: type[Any], /, **changes: Any) -> Any:
        return self.addressed(claims, **({"subject": self.account} | changes))

    def addressed(self, claims: type[Any], /, **changes: Any) -> Any:
        now = self.portal.clock.now
        facts = {
            "issuer": self.serial,
            "audience": self.portal.settings.origin,
            "issued_at": now,
            "expires_at": now + claims.LIFETIME,
            "token_id": token_id(secrets.token_bytes(16)),
        }
        return claims(**(facts | changes))

    def sign(self, claims: Addressed) -> str:
        return signing.sign(claims, self.key)

    def enrolment(self, *, user_key: str = USER_KEY, **changes: Any) -> dict[str, Any]:
        proof = self.sign(self.claims(HubEnrolment, **changes))
        return {"public_key": self.key.public.to_jwk(), "proof": proof, "user_key": user_key}

    async def enrol(self, user_key: str = USER_KEY) -> Answer:
        async with aiohttp.ClientSession() as session:
            url = self.portal.url(HUBS_PATH)
            async with session.post(url, json=self.enrolment(user_key=user_key)) as response:
                return await Answer.of(response)

    async def post_form(self, path: str, form: dict[str, str]) -> Answer:
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.portal.url(path), data=form) as response,
        ):
            return await Answer.of(response)

    def invited(self, **changes: str) -> dict[str, str]:
        """The form that begins a pairing (RFC 8628, section 3.1)."""
        return {
            "client_id": self.serial,
            "public_key": json.dumps(self.key.public.to_jwk()),
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion(),
        } | changes

    def assertion(self, **changes: Any) -> str:
        return self.sign(self.addressed(HubPairing, **changes))

    async def begin_pairing(self, **changes: str) -> dict[str, Any]:
        """Begin a pairing; returns what the hub is told."""
        answer = await self.post_form(DEVICE_PATH, self.invited(**changes))
        assert answer.status == 200, answer.text
        told: dict[str, Any] = json.loads(answer.text)
        return told

    async def ask_for(self, device_code: str, **changes: str) -> Answer:
        """Ask whether the customer has decided (RFC 8628, section 3.4)."""
        form = {
            "grant_type": GRANT_TYPE,
            "client_id": self.serial,
            "device_code": device_code,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion(),
        }
        return await self.post_form(DEVICE_TOKEN_PATH, form | changes)

    async def leave(self) -> Answer:
        token = self.sign(self.claims(HubToken))
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session,
            session.delete(self.portal.url(HUB_PATH)) as response,
        ):
            return await Answer.of(response)

    async def status(self, headers: dict[str, str] | None = None, **changes: Any) -> Answer:
        token = self.sign(self.claims(HubToken, **changes))
        sent = {"Authorization": f"Bearer {token}"} | (headers or {})
        async with (
            aiohttp.ClientSession() as session,
            session.get(self.portal.url(STATUS_PATH), headers=sent) as response,
        ):
            return await Answer.of(response)


async def enrolled_hub(portal: Portal, **facts: str) -> Hub:
    hub = Hub(portal, **facts)
    assert (await hub.enrol()).status == 201
    return hub


async def with_erikas_hub(portal: Portal, **facts: str) -> Hub:
    """The hub of 4712, who has the same user key as 4711."""
    async with portal.database.writing() as connection:
        max_ = (await connection.execute(accounts.select().where(accounts.c.id == 4711))).one()
        erika = accounts.update().where(accounts.c.id == 4712)
        await connection.execute(erika.values(user_key_hash=max_.user_key_hash))
    return await enrolled_hub(portal, account="4712", **facts)


async def withdraw(hub: Hub) -> None:
    """The customer withdraws it on the website."""
    portal, account_id = hub.portal, int(hub.account)
    async with portal.database.reading() as connection:
        hub_id = await stored_hub.of_key(connection, hub.key.key_id)
    await hubs.revoke(portal.database, account_id, hub_id, portal.clock.now)


def expired(claims: BookingLink) -> BookingLink:
    """The same link, made ten minutes earlier."""
    shift = timedelta(minutes=10)
    return replace(claims, issued_at=claims.issued_at - shift, expires_at=claims.expires_at - shift)
