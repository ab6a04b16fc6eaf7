"""New customers for the tests: each has an account of its own, and nobody else's carts in it."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Final

from sqlalchemy import insert, select

from cloudmatic_link import signing
from cloudmatic_link.claims import BookingKind, HubPairing, token_id
from cloudmatic_link.keys import HubKey
from cloudmatic_portal.clients.legal_folder import LegalFolder
from cloudmatic_portal.domain.access import AccessPeriod
from cloudmatic_portal.domain.account import NewAccount
from cloudmatic_portal.domain.cart import Wish
from cloudmatic_portal.domain.due import Rules
from cloudmatic_portal.domain.legal import Terms
from cloudmatic_portal.domain.mail_link import MailLink
from cloudmatic_portal.domain.payment import BankAccount
from cloudmatic_portal.domain.reference import grouped
from cloudmatic_portal.services import cart, checkout, orders, pairing
from cloudmatic_portal.services.checkout import Buyer, Purchase
from cloudmatic_portal.services.pairing import PairingRequest
from cloudmatic_portal.services.renewal import House
from cloudmatic_portal.services.secrets import Secrets
from cloudmatic_portal.services.sessions import token_hash
from cloudmatic_portal.services.worker import Worker
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import due as stored_due
from cloudmatic_portal.storage import mail_link as stored_mail_link
from cloudmatic_portal.storage.database import Database, parse_url
from cloudmatic_portal.storage.tables import due_actions, terms_versions
from tests.browser.mailbox import Mailbox
from tests.browser.running import RunningSystem
from tests.browser.staff import Staff

MAIL_ENTRY: Final = "/entry/mail"
PASSWORD: Final = "ein langes Passwort"
_TERMS: Final = Terms("Beispiel", "Beispiel")
_BANK: Final = BankAccount("CloudMatic (Beispiel)", "DE02120300000000202051", "BYLADEM1001")


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody with an account, and the package that runs for it until `last_day`."""

    account_id: int
    name: str
    email: str
    last_day: date | None
    password: str = PASSWORD


class Customers:
    """Makes customers in the running portal's database, and looks at what became of them."""

    def __init__(self, running: RunningSystem, today: date) -> None:
        self._running = running
        self._today = today
        self._database = running.system.portal.environment()["CLOUDMATIC_PORTAL_DATABASE"]
        self._numbers = count(5001)
        self._password_hash = running.do(Secrets(65536).hash(PASSWORD))
        self.mailbox = Mailbox(Path(self._database).parent / "mail")

    def new(self, *, days_left: int | None = 20, product: str = "complete") -> Customer:
        """A customer with `days_left` of `product`, or with no package at all."""
        number = next(self._numbers)
        name = f"kunde{number}"
        last_day = None if days_left is None else self._today + timedelta(days=days_left)
        customer = Customer(number, name, f"{name}@haus.example", last_day)
        self._running.do(self._store(customer, product))
        return customer

    def put(
        self, customer: Customer, product: str, quantity: int, kind: BookingKind = "single"
    ) -> None:
        """Put something into the customer's cart, as another browser of theirs would."""
        self._running.do(self._put(customer, Wish(product, quantity, kind)))

    def order(
        self, customer: Customer, product: str, quantity: int, kind: BookingKind = "single"
    ) -> str:
        """Order one thing by bank transfer; returns the order's number."""
        self.put(customer, product, quantity, kind)
        return grouped(self._running.do(self._buy(customer)))

    def pay(self, number: str, amount: str) -> str:
        """The operator books a payment that has arrived; returns what the command said."""
        source = f"Kontoauszug {number}"
        return self._running.do(
            self._running.system.portal.run("pay", number, amount, "--source", source)
        )

    def next_period(self, account_id: int) -> str:
        """Let the day come on which the account's newest subscription orders its next period.

        Nobody else's day comes. Returns the number of that order.
        """
        return grouped(self._running.do(self._renew(account_id)))

    def staff(self, name: str, role: str) -> Staff:
        """A new operator, by the command; they still have to set themselves up."""
        said = self._running.do(
            self._running.system.portal.run("add-operator", name, "--role", role)
        )
        return Staff(name, said.split()[-1].removeprefix(self._running.system.portal.origin))

    def gateway(self, name: str) -> None:
        """A gateway that is told of changes, where nobody listens."""
        address = "https://localhost:9/changed"
        portal = self._running.system.portal
        self._running.do(portal.run("add-gateway", name, "--webhook", address))

    def former_terms(self) -> None:
        """A version of the terms that somebody ordered under long ago."""
        self._running.do(self._former_terms())

    def hub_that_waits(self) -> str:
        """The code that some hub without an account shows."""
        return self._running.do(self._wait_with_a_hub())

    def mailed_link(self, customer: Customer) -> str:
        """The path of the link into the booking in a reminder to the customer."""
        return f"{MAIL_ENTRY}?token={self._running.do(self._mail_link(customer))}"

    def orders(self, customer: Customer) -> int:
        """How many orders the customer has."""
        return self._running.do(self._count(customer))

    async def _former_terms(self) -> None:
        texts = LegalFolder(None, samples=True).read().terms("de")
        assert texts is not None
        agb = texts.agb.replace("Vertrag", "Kontrakt") + "\n\nDieser Satz ist entfallen."
        former = Terms(agb, texts.widerruf)
        row = {"version": former.version, "agb": former.agb, "widerruf": former.widerruf}
        async with self._open() as database, database.writing() as connection:
            known = await connection.scalar(
                select(terms_versions.c.version).where(terms_versions.c.version == former.version)
            )
            if known is None:
                long_ago = datetime(2025, 1, 1, tzinfo=UTC)
                await connection.execute(
                    insert(terms_versions).values(row | {"first_used_at": long_ago})
                )

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[Database]:
        database = Database(parse_url(self._database))
        try:
            yield database
        finally:
            await database.close()

    async def _wait_with_a_hub(self) -> str:
        key, now = HubKey.generate(), datetime.now(UTC)
        claims = HubPairing(
            issuer=f"BROWSER{next(self._numbers)}",
            audience=self._running.system.portal.origin,
            issued_at=now,
            expires_at=now + HubPairing.LIFETIME,
            token_id=token_id(secrets.token_bytes(16)),
        )
        request = PairingRequest(key.public.to_jwk(), signing.sign(claims, key))
        async with self._open() as database:
            _, begun = await pairing.begin(
                database,
                request,
                audience=claims.audience,
                network="192.0.2.0/24",
                now=now,
                random_bytes=secrets.token_bytes,
            )
        return begun.code

    async def _store(self, customer: Customer, product: str) -> None:
        account = NewAccount(
            account_id=customer.account_id,
            user_name=customer.name,
            email=customer.email,
            language="de",
            created_at=datetime.now(UTC),
            password_hash=self._password_hash,
            user_key_hash=None,
        )
        async with self._open() as database, database.writing() as connection:
            await stored_account.add(connection, account)
            if customer.last_day is not None:
                first_day = customer.last_day - timedelta(days=120)
                period = AccessPeriod(first_day, customer.last_day, product, "")
                await stored_access.add(connection, customer.account_id, period)

    async def _put(self, customer: Customer, wish: Wish) -> None:
        async with self._open() as database:
            await cart.put(database, customer.account_id, wish, datetime.now(UTC))

    async def _buy(self, customer: Customer) -> str:
        now = datetime.now(UTC)
        buyer = Buyer(account_id=customer.account_id, entered_by="login", language="de")
        async with self._open() as database:
            quote = (await checkout.review(database, customer.account_id, now)).quote
            purchase = Purchase(
                revision=quote.revision,
                fingerprint=quote.fingerprint,
                method="transfer",
                terms=_TERMS,
            )
            return await checkout.buy(
                database, buyer, purchase, bank=_BANK, now=now, random_bytes=secrets.token_bytes
            )

    async def _renew(self, account_id: int) -> str:
        worker = Worker(House(Rules(), _BANK), secrets.token_bytes)
        planned = select(due_actions.c.id).where(
            due_actions.c.account_id == account_id,
            due_actions.c.kind == "renewal",
            due_actions.c.state == "waiting",
        )
        async with self._open() as database:
            async with database.writing() as connection:
                newest = planned.order_by(due_actions.c.id.desc()).limit(1)
                due = await stored_due.hold(connection, (await connection.scalars(newest)).one())
                assert due is not None
                worked = await worker.do(connection, due, due.due_at)
            assert worked.outcome.state == "done", worked.outcome
            found = await orders.search(database, account_id=account_id, state="open", most=1)
        return found[0].reference

    async def _mail_link(self, customer: Customer) -> str:
        now, token = datetime.now(UTC), secrets.token_urlsafe(32)
        link = MailLink(
            account_id=customer.account_id,
            user_name=customer.name,
            product="complete",
            created_at=now,
            expires_at=now + timedelta(days=30),
        )
        async with self._open() as database, database.writing() as connection:
            await stored_mail_link.add(connection, token_hash(token), link)
        return token

    async def _count(self, customer: Customer) -> int:
        async with self._open() as database:
            found = await orders.search(
                database, account_id=customer.account_id, state=None, most=100
            )
        return len(found)
