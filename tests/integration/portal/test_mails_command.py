"""The operator's view of the outbox, on both databases."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from cloudmatic_portal.cli import _parser, edge, operator
from cloudmatic_portal.cli.operator import CommandRefused
from cloudmatic_portal.domain.errors import MailDeferred, MailRejected, MailUncertain
from cloudmatic_portal.domain.mail import NewMail
from cloudmatic_portal.services.mailing import deliver_due
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage import mail as stored_mail
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import mails
from tests.integration.portal.commands import run
from tests.integration.portal.test_cli import environment
from tests.integration.portal.test_mailing import WRITER, Box, queue, reset_mail, row
from tests.integration.portal.world import NOW, all_rows

Command = Callable[..., Awaitable[str]]


@pytest.fixture
def command(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command within this process and return what it printed. Raises CommandRefused."""

    async def run_here(*words: str) -> str:
        await operator.run(_parser().parse_args(words), settings)
        return capsys.readouterr().out

    return run_here


def changed_mail() -> NewMail:
    facts = {"user_name": "maxmuster", "changed_at": NOW.isoformat()}
    return NewMail("password_changed", "max@muster.example", "de", facts, "changed:1", 4711)


async def test_the_outbox_is_listed_with_what_went_wrong(
    database: Database, command: Command
) -> None:
    assert await command("mails") == "no mails\n"
    await queue(database, changed_mail())
    await deliver_due(database, Box(MailRejected("550 no such user")), WRITER, now=NOW)
    await queue(database, reset_mail())
    newest, oldest = (await command("mails")).splitlines()
    assert "queued  password_reset  max@muster.example" in newest
    assert "failed  password_changed  max@muster.example  550 no such user" in oldest
    assert "23.11.2026, 18:00:00" in oldest
    assert await command("mails", "--state", "failed") == f"{oldest}\n"
    assert await command("mails", "--state", "sent") == "no mails\n"
    assert await command("mails", "--most", "1") == f"{newest}\n"


@pytest.mark.parametrize("sent", [False, True])
async def test_a_mail_is_shown_as_it_reads_but_never_what_it_opens(
    database: Database, command: Command, sent: bool
) -> None:
    await queue(database, reset_mail())
    if sent:
        await deliver_due(database, Box(), WRITER, now=NOW)
    shown = await command("mail", "show", str((await row(database)).id))
    assert "To: max@muster.example\nSubject: Neues Passwort für CloudMatic wählen" in shown
    assert "http://localhost:8000/password/new?token=hidden" in shown
    assert "SECRET" not in shown


async def test_of_a_mail_that_is_forgotten_only_that_it_was_there_is_shown(
    database: Database, command: Command
) -> None:
    await queue(database, changed_mail())
    await deliver_due(database, Box(), WRITER, now=NOW)
    async with database.writing() as connection:
        await stored_mail.forget_old(connection, NOW + timedelta(days=1))
    shown = await command("mail", "show", str((await row(database)).id))
    assert shown.endswith("sent  password_changed  -\nwhat it said has been erased\n")


@pytest.mark.parametrize("failure", [MailRejected("550"), MailUncertain("?"), MailDeferred("450")])
async def test_a_mail_that_did_not_leave_for_certain_is_sent_at_the_operators_word(
    database: Database, command: Command, failure: Exception
) -> None:
    await queue(database, changed_mail())
    await deliver_due(database, Box(failure), WRITER, now=NOW)
    number = str((await row(database)).id)
    said = await command("mail", "retry", number)
    assert said.startswith(f"mail {number} is due now")
    assert ("it may have arrived before" in said) == isinstance(failure, MailUncertain)
    box = Box()
    await deliver_due(database, box, WRITER, now=edge.clock())
    assert (len(box.sent), (await row(database)).state) == (1, "sent")


async def test_a_mail_whose_sender_died_can_be_sent_again_but_not_while_it_is_being_sent(
    database: Database, command: Command
) -> None:
    await queue(database, changed_mail())
    number = str((await row(database)).id)
    async with database.writing() as connection:
        await stored_mail.claim(connection, edge.clock(), 1)
    with pytest.raises(CommandRefused, match="it is being sent just now"):
        await command("mail", "retry", number)
    async with database.writing() as connection:
        await connection.execute(update(mails).values(due_at=edge.clock() - timedelta(minutes=1)))
    assert "it may have arrived before" in await command("mail", "retry", number)
    assert (await row(database)).state == "queued"


async def test_what_was_sent_or_has_lost_its_link_is_not_sent_again(
    database: Database, command: Command
) -> None:
    await queue(database, changed_mail())
    await deliver_due(database, Box(), WRITER, now=NOW)
    sent = (await row(database)).id
    await queue(database, reset_mail())
    await deliver_due(database, Box(MailRejected("550")), WRITER, now=NOW)
    before = await all_rows(database)
    for number, reason in (
        (sent, f"mail cannot: {sent}: it has been sent"),
        (sent + 1, f"mail cannot: {sent + 1}: its link is forgotten"),
        (sent + 2, f"mail unknown: {sent + 2}"),
    ):
        with pytest.raises(CommandRefused, match=reason):
            await command("mail", "retry", str(number))
    with pytest.raises(CommandRefused, match="mail unknown"):
        await command("mail", "show", str(sent + 2))
    assert await all_rows(database) == before


async def test_the_words_are_those_of_the_program(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    await queue(database, changed_mail())
    settings = environment(tmp_path, database_url)
    number = (await row(database)).id
    status, said, errors = await run(settings, "mail", "show", str(number))
    assert (status, errors) == (0, "")
    assert "Passwort Ihres CloudMatic-Kontos" in said
    status, said, errors = await run(settings, "mail", "retry", str(number + 1))
    assert (status, said) == (1, "")
    assert errors == f"cloudmatic-portal: mail unknown: {number + 1}\n"
