"""The outbox: each mail leaves once, whoever dies and however many send at once."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import event, select, update

from cloudmatic_portal.clients.mailer import SmtpMailer
from cloudmatic_portal.domain.errors import MailDeferred, MailRejected, MailUncertain
from cloudmatic_portal.domain.mail import (
    FIRST_PAUSE,
    GIVE_UP_AFTER,
    LEASE,
    LONGEST_PAUSE,
    ClaimedMail,
    NewMail,
)
from cloudmatic_portal.services.mailing import AT_ONCE, PATIENCE, MailDelivery, deliver_due
from cloudmatic_portal.storage import mail as stored_mail
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import mails
from cloudmatic_portal.web.mails import MailWriter
from tests.integration.portal.mail_server import mail_server
from tests.integration.portal.world import NOW, Clock

WRITER = MailWriter("https://portal.example", "CloudMatic <noreply@portal.example>")


class Box:
    """A mailer that keeps what it gets, or raises."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.sent: list[EmailMessage] = []

    async def send(self, message: EmailMessage) -> None:
        await asyncio.sleep(0)
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(message)


def reset_mail(number: int = 0) -> NewMail:
    facts = {"user_name": "maxmuster", "token": f"SECRET{number}", "next": "dashboard"}
    return NewMail("password_reset", "max@muster.example", "de", facts, f"reset:{number}", 4711)


async def queue(database: Database, *some: NewMail, now: datetime = NOW) -> None:
    async with database.writing() as connection:
        for mail in some:
            await stored_mail.add(connection, mail, now)


async def rows(database: Database) -> list[Any]:
    async with database.reading() as connection:
        return list((await connection.execute(select(mails).order_by(mails.c.id))).all())


async def row(database: Database) -> Any:
    [only] = await rows(database)
    return only


async def test_a_mail_leaves_once_and_its_secret_is_forgotten(database: Database) -> None:
    await queue(database, reset_mail())
    box = Box()
    assert await deliver_due(database, box, WRITER, now=NOW) == 1
    assert await deliver_due(database, box, WRITER, now=NOW + timedelta(days=1)) == 0
    [message] = box.sent
    assert "SECRET0" in message.as_string()
    stored = await row(database)
    assert (stored.state, stored.attempts, stored.sent_at) == ("sent", 1, NOW)
    assert json.loads(stored.facts) == {"user_name": "maxmuster", "next": "dashboard"}


async def test_a_mail_with_the_same_key_is_the_same_mail(database: Database) -> None:
    await queue(database, reset_mail(), reset_mail())
    await queue(database, reset_mail())
    assert len(await rows(database)) == 1


async def test_a_mail_of_what_is_rolled_back_is_none(database: Database) -> None:
    async def fail() -> None:
        async with database.writing() as connection:
            await stored_mail.add(connection, reset_mail(), NOW)
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await rows(database) == []


async def test_a_mail_is_queued_with_one_statement(database: Database) -> None:
    async with database.writing() as connection:
        executed: list[str] = []

        def note(_: Any, __: Any, statement: str, *___: Any) -> None:
            executed.append(statement)

        event.listen(connection.sync_connection, "before_cursor_execute", note)
        await stored_mail.add(connection, reset_mail(), NOW)
    assert len(executed) == 1


async def test_many_senders_at_once_send_each_mail_once(database: Database) -> None:
    await queue(database, *(reset_mail(number) for number in range(30)))
    box = Box()

    async def work() -> None:
        while await deliver_due(database, box, WRITER, now=NOW):
            pass

    await asyncio.gather(*(work() for _ in range(8)))
    subjects = sorted(str(each["Message-ID"]) for each in box.sent)
    assert len(subjects) == len(set(subjects)) == 30
    assert {each.state for each in await rows(database)} == {"sent"}


async def test_what_was_not_taken_is_tried_again_later_and_later(database: Database) -> None:
    await queue(database, reset_mail())
    now, pauses = NOW, []
    box = Box(*(MailDeferred("450 busy") for _ in range(9)))
    for _ in range(9):
        assert await deliver_due(database, box, WRITER, now=now) == 1
        stored = await row(database)
        assert (stored.state, stored.last_error) == ("queued", "450 busy")
        assert (
            await deliver_due(database, box, WRITER, now=stored.due_at - timedelta(seconds=1)) == 0
        )
        pauses.append(stored.due_at - now)
        now = stored.due_at
    assert pauses == [min(FIRST_PAUSE * 2**n, LONGEST_PAUSE) for n in range(9)]
    assert await deliver_due(database, box, WRITER, now=now) == 1
    assert (await row(database)).state == "sent"
    assert "SECRET0" in box.sent[0].as_string()


async def test_a_mail_that_nobody_takes_for_days_is_given_up(database: Database) -> None:
    await queue(database, reset_mail())
    late = NOW + GIVE_UP_AFTER
    await deliver_due(database, Box(MailDeferred("450 busy")), WRITER, now=late)
    stored = await row(database)
    assert stored.state == "failed"
    assert "SECRET" not in stored.facts


@pytest.mark.parametrize(
    ("failure", "state"),
    [
        (MailRejected("550 no such user"), "failed"),
        (MailUncertain("connection lost"), "uncertain"),
        (RuntimeError("anything"), "uncertain"),
    ],
)
async def test_what_may_have_left_or_never_will_is_not_sent_again(
    database: Database, failure: Exception, state: str
) -> None:
    await queue(database, reset_mail())
    box = Box(failure)
    await deliver_due(database, box, WRITER, now=NOW)
    assert await deliver_due(database, box, WRITER, now=NOW + timedelta(days=1)) == 0
    stored = await row(database)
    assert (stored.state, box.sent, stored.sent_at) == (state, [], None)
    assert "SECRET" not in stored.facts


@pytest.mark.fault("process killed", "a mail whose sender died is uncertain, and not sent twice")
async def test_a_sender_that_dies_leaves_a_mail_that_nobody_sends_twice(
    database: Database,
) -> None:
    await queue(database, reset_mail())
    async with database.writing() as connection:
        [claimed] = await stored_mail.claim(connection, NOW, AT_ONCE)
    box = Box()
    assert await deliver_due(database, box, WRITER, now=NOW + LEASE - timedelta(seconds=1)) == 0
    assert (await row(database)).state == "sending"
    await deliver_due(database, box, WRITER, now=NOW + LEASE)
    stored = await row(database)
    assert (stored.state, stored.last_error, box.sent) == ("uncertain", stored_mail.LOST, [])
    assert "SECRET" not in stored.facts
    # The sender was only slow after all, and knows.
    async with database.writing() as connection:
        await stored_mail.settle(connection, claimed, "sent", NOW + LEASE)
    assert (await row(database)).state == "sent"


async def test_a_lease_outlasts_the_sending_that_it_is_for() -> None:
    assert LEASE.total_seconds() > 2 * PATIENCE


async def test_a_mail_whose_text_cannot_be_made_stops_no_other_and_gives_nothing_away(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await queue(database, reset_mail(1), reset_mail(2))

    def render(mail: ClaimedMail, now: datetime) -> EmailMessage:
        if mail.facts["token"] == "SECRET1":
            raise ValueError(mail.facts["token"])
        return WRITER(mail, now)

    box = Box()
    await deliver_due(database, box, render, now=NOW)
    first, second = await rows(database)
    assert (first.state, second.state, len(box.sent)) == ("queued", "sent", 1)
    assert "SECRET" not in first.last_error + caplog.text


async def test_a_kind_that_has_no_text_waits_for_a_version_that_has_one(
    database: Database,
) -> None:
    await queue(database, reset_mail())
    async with database.writing() as connection:
        await connection.execute(update(mails).values(kind="unheard_of"))
    await deliver_due(database, Box(), WRITER, now=NOW)
    assert (await row(database)).last_error == "its text cannot be made: TemplateNotFound"


@pytest.fixture
def delivering(database: Database) -> Callable[[Any], Any]:
    def start(mailer: Any) -> tuple[MailDelivery, asyncio.Task[None]]:
        delivery = MailDelivery()
        return delivery, asyncio.create_task(delivery.run(database, mailer, WRITER, Clock()))

    return start


async def test_a_nudge_sends_at_once_and_a_stop_waits_for_what_is_half_sent(
    database: Database, delivering: Callable[[Any], Any]
) -> None:
    started, release = asyncio.Event(), asyncio.Event()

    class Slow(Box):
        async def send(self, message: EmailMessage) -> None:
            started.set()
            await release.wait()
            await super().send(message)

    box = Slow()
    delivery, running = delivering(box)
    await asyncio.sleep(0.05)
    await queue(database, reset_mail())
    delivery.nudge()
    await asyncio.wait_for(started.wait(), 0.8)
    delivery.stop()
    _, pending = await asyncio.wait({running}, timeout=0.05)
    assert pending
    release.set()
    await asyncio.wait_for(running, 5)
    assert (await row(database)).state == "sent"


@pytest.mark.fault("database away", "failing once, it does not end the delivery of mails")
async def test_a_database_that_fails_once_does_not_end_the_delivery(
    database: Database,
    delivering: Callable[[Any], Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    any_due = stored_mail.any_due
    failures = [OSError("away")]

    async def fail_once(*arguments: Any) -> bool:
        if failures:
            raise failures.pop()
        return await any_due(*arguments)

    monkeypatch.setattr(stored_mail, "any_due", fail_once)
    await queue(database, reset_mail())
    box = Box()
    with caplog.at_level(logging.CRITICAL):
        delivery, running = delivering(box)
        await asyncio.sleep(0.05)
        delivery.nudge()
        for _ in range(100):
            await asyncio.sleep(0.05)
            if box.sent:
                break
        delivery.stop()
        await running
    assert len(box.sent) == 1


async def test_from_the_outbox_over_the_wire(database: Database) -> None:
    await queue(database, reset_mail())
    async with mail_server() as server:
        server.answers["recipient"] = "451 greylisted"
        await deliver_due(database, SmtpMailer(server.server()), WRITER, now=NOW)
        server.answers.clear()
        later = NOW + FIRST_PAUSE
        await deliver_due(database, SmtpMailer(server.server()), WRITER, now=later)
    [(sender, recipients, message)] = server.taken
    assert (sender, recipients) == ("noreply@portal.example", ["max@muster.example"])
    assert message["Message-ID"] == f"<{reset_mail().message_id}@portal.example>"
    assert (await row(database)).state == "sent"
