"""The way in from a mail about the end of a package: into the booking for that account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.cart import CartItem, Wish
from cloudmatic_portal.domain.errors import AccountUnknown, MailLinkUnknown
from cloudmatic_portal.domain.mail_link import MailLink
from cloudmatic_portal.domain.session import Session
from cloudmatic_portal.services import cart, sessions
from cloudmatic_portal.services.sessions import RandomBytes, token_hash
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import entry as stored_entry
from cloudmatic_portal.storage import mail_link as stored_mail_link
from cloudmatic_portal.storage import session as stored_session
from cloudmatic_portal.storage.database import Database


@dataclass(frozen=True, slots=True)
class MailProposal:
    """What a link would put into the cart of its account."""

    link: MailLink
    item: CartItem


async def examine(database: Database, token: str, now: datetime) -> MailProposal:
    """What would happen if the link were followed now. Changes nothing.

    Raises MailLinkRefused or BookingRefused.
    """
    async with database.reading() as connection:
        link = await _good(connection, token, now)
        item = await cart.preview(connection, link.account_id, Wish(link.product), now)
        return MailProposal(link, item)


async def accept(
    database: Database,
    token: str,
    *,
    now: datetime,
    random_bytes: RandomBytes,
    former: str | None = None,
) -> str:
    """Put the package into the account's cart and open a booking-only session; return its token.

    As often as the customer likes: until the link expires or is revoked it opens nothing but that.
    `former` is the token of the booking-only session that this browser had, if any; it ends.
    Raises MailLinkRefused or BookingRefused.
    """
    async with database.writing() as connection:
        link = await _good(connection, token, now)
        await cart.put_within(connection, link.account_id, Wish(link.product), now)
        await stored_mail_link.forget_expired(connection, now)
        if former is not None:
            await stored_session.remove(connection, token_hash(former))
        session = Session.start("booking", link.account_id, link.user_name, now)
        opened = await sessions.start(connection, session, random_bytes)
        await stored_entry.note(connection, token_hash(opened), "mail", now)
        return opened


async def revoke(database: Database, account_id: int, now: datetime) -> int:
    """Let no link that was ever mailed to the account open anything any more; return how many did.

    Raises AccountUnknown.
    """
    async with database.writing() as connection:
        if await stored_account.find(connection, account_id) is None:
            raise AccountUnknown(account_id)
        return await stored_mail_link.revoke_all(connection, account_id, now)


async def _good(connection: AsyncConnection, token: str, now: datetime) -> MailLink:
    link = await stored_mail_link.find(connection, token_hash(token))
    if link is None:
        raise MailLinkUnknown
    link.require_good(now)
    return link
