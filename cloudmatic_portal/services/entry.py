"""The way in from a hub: a booking link is examined by GET and consumed by POST."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cloudmatic_link.claims import BookingLink
from cloudmatic_portal.domain.cart import CartItem, Wish
from cloudmatic_portal.domain.errors import LinkReplayed
from cloudmatic_portal.domain.hub import HubKey
from cloudmatic_portal.domain.session import Session
from cloudmatic_portal.services import cart, sessions
from cloudmatic_portal.services.sessions import RandomBytes
from cloudmatic_portal.services.tokens import verified
from cloudmatic_portal.storage import entry as stored_entry
from cloudmatic_portal.storage import link as stored_link
from cloudmatic_portal.storage import session as stored_session
from cloudmatic_portal.storage.database import Database


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a link asks for: `item` in the cart of the account that `key` speaks for."""

    key: HubKey
    item: CartItem


async def examine(database: Database, token: str, *, audience: str, now: datetime) -> Proposal:
    """What would happen if the link were consumed now. Changes nothing.

    Raises TokenError or BookingRefused.
    """
    async with database.reading() as connection:
        link, key = await verified(connection, token, BookingLink, audience=audience, now=now)
        if await stored_link.is_consumed(connection, link):
            raise LinkReplayed(link.issued_at)
        item = await cart.preview(connection, key.account_id, _wish(link), now)
        return Proposal(key, item)


async def consume(
    database: Database,
    token: str,
    *,
    audience: str,
    now: datetime,
    random_bytes: RandomBytes,
    former: str | None = None,
) -> str:
    """Put what the link asks for into its account's cart and open a booking-only session for it.

    All of it happens or none, and only once per link. `former` is the token of the booking-only
    session that this browser had, if any; it ends. Returns the new session's token.

    Raises TokenError or BookingRefused.
    """
    async with database.writing() as connection:
        link, key = await verified(connection, token, BookingLink, audience=audience, now=now)
        await stored_link.consume(connection, link, key.key_id, now)
        await cart.put_within(connection, key.account_id, _wish(link), now)
        await stored_link.forget_expired(connection, now)
        if former is not None:
            await stored_session.remove(connection, sessions.token_hash(former))
        session = Session.start(
            "booking", key.account_id, key.user_name, now, hub_key_id=key.key_id
        )
        opened = await sessions.start(connection, session, random_bytes)
        await stored_entry.note(connection, sessions.token_hash(opened), "hub", now)
        return opened


def _wish(link: BookingLink) -> Wish:
    return Wish(link.product, link.months, link.kind)
