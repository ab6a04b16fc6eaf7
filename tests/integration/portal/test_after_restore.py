"""What has left the house since the backup is not said once more when an older state is back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine

from cloudmatic_portal.domain.access import AccessPeriod
from cloudmatic_portal.domain.errors import MailUncertain
from cloudmatic_portal.domain.invoice import InvoiceNumber
from cloudmatic_portal.domain.mail import JsonValue, NewMail
from cloudmatic_portal.services import gateways
from cloudmatic_portal.services.mailing import deliver_due
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage import invoice as stored_invoice
from cloudmatic_portal.storage import mail as stored_mail
from cloudmatic_portal.storage import schema
from cloudmatic_portal.storage.database import Database, parse_url
from cloudmatic_portal.storage.mail import RESTORED
from tests.integration.portal.commands import run
from tests.integration.portal.conftest import Templates
from tests.integration.portal.purchases import add_accounts
from tests.integration.portal.test_cli import environment
from tests.integration.portal.test_mailing import WRITER, Box, queue, reset_mail, rows
from tests.integration.portal.world import NOW

SERIES = "RE-2026"


@pytest.fixture
def folder(templates: Templates, tmp_path: Path) -> Path:
    (tmp_path / "portal.db").write_bytes((templates.folder / "seeded.db").read_bytes())
    return tmp_path


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Database]:
    database = Database(parse_url(str(folder / "portal.db")))
    try:
        yield database
    finally:
        await database.close()


async def backup(folder: Path) -> None:
    assert (await run(environment(folder), "backup", str(folder / "copy.db")))[0] == 0


def left(folder: Path, word: str) -> list[Path]:
    return list(folder.glob(f"*{word}*"))


async def restore(folder: Path, *words: str) -> str:
    code, output, errors = await run(
        environment(folder), "restore", str(folder / "copy.db"), *words
    )
    assert (code, errors) == (0, "")
    assert not left(folder, "restoring")
    return output


def made_long_ago(file: Path) -> None:
    """A database as the revision 0004 had it, before invoices and gateways."""

    def upgrade(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")

    with create_engine(f"sqlite:///{file}").begin() as connection:
        upgrade(connection)


async def take_numbers(database: Database, many: int, series: str = SERIES) -> list[int]:
    async with database.writing() as connection:
        taken = [await stored_invoice.next_number(connection, series) for _ in range(many)]
    return [each.number for each in taken]


async def give(database: Database, account_id: int, first: date) -> None:
    period = AccessPeriod(first, first + timedelta(days=30), "connect", "CloudMatic Connect")
    async with database.writing() as connection:
        await stored_access.add(connection, account_id, period)


async def number(database: Database) -> None:
    while await gateways.number(database):
        pass


async def asked(database: Database, since: int) -> tuple[int, set[int]]:
    """What a gateway hears from there on: the cursor, and whose access."""
    await number(database)
    feed = await gateways.feed(database, since, 5000, NOW)
    return feed.cursor, {each.account_id for each in feed.accounts}


def reminder(word: str) -> NewMail:
    facts: dict[str, JsonValue] = {
        "account": 4711,
        "user_name": "maxmuster",
        "product": "CloudMatic Connect",
        "last_day": "2030-01-01",
        "trial": False,
        "token": word,
    }
    return NewMail("reminder", "max@muster.example", "de", facts, f"reminder:{word}", 4711)


async def states(database: Database) -> dict[str, str]:
    return {each.key: each.state for each in await rows(database)}


async def test_numbers_of_invoices_that_were_given_since_are_not_given_again(folder: Path) -> None:
    async with opened(folder) as database:
        assert await take_numbers(database, 3) == [1, 2, 3]
        await backup(folder)
        assert await take_numbers(database, 4) == [4, 5, 6, 7]
        assert await take_numbers(database, 2, "ST-2026") == [1, 2]
    output = await restore(folder)
    assert "RE-2026-000007, ST-2026-000002" in output
    async with opened(folder) as database:
        assert await take_numbers(database, 1) == [8]
        assert await take_numbers(database, 1, "ST-2026") == [3]


async def test_without_the_former_database_the_operator_says_the_last_number(folder: Path) -> None:
    async with opened(folder) as database:
        await take_numbers(database, 3)
    await backup(folder)
    (folder / "portal.db").unlink()
    await restore(folder, "--last-invoice", "RE-2026-000041", "--last-invoice", "ST-2026-000002")
    async with opened(folder) as database:
        assert await take_numbers(database, 1) == [42]
        assert await take_numbers(database, 1, "ST-2026") == [3]


async def test_a_last_number_that_is_too_small_takes_nothing_back(database: Database) -> None:
    await take_numbers(database, 3)
    async with database.writing() as connection:
        await stored_invoice.go_on_after(connection, InvoiceNumber(SERIES, 2))
    assert await take_numbers(database, 1) == [4]


async def test_a_number_that_is_none_is_refused(folder: Path) -> None:
    words = ("after-restore", "--last-invoice", "RE-2026-41")
    code, _, errors = await run(environment(folder), *words)
    assert code == 2
    assert "'RE-2026-41' is not a number such as RE-2026-000017" in errors


async def test_a_former_database_that_is_damaged_is_left_to_the_operator(folder: Path) -> None:
    await backup(folder)
    (folder / "portal.db").write_bytes(b"nonsense" * 1000)
    code, _, errors = await run(environment(folder), "restore", str(folder / "copy.db"))
    assert code == 1
    assert "Move it away" in errors
    assert (folder / "portal.db").read_bytes().startswith(b"nonsense")
    assert not left(folder, "before")


async def test_a_mail_that_left_since_does_not_leave_again(folder: Path) -> None:
    async with opened(folder) as database:
        await queue(database, reset_mail(1))
        await backup(folder)
        assert await deliver_due(database, Box(), WRITER, now=NOW) == 1
    await restore(folder)
    async with opened(folder) as database:
        box = Box()
        assert await deliver_due(database, box, WRITER, now=NOW + timedelta(days=1)) == 0
        (mail,) = await rows(database)
        assert (mail.state, mail.sent_at) == ("sent", NOW)
        assert "SECRET" not in mail.facts


async def test_a_mail_that_still_waits_leaves(folder: Path) -> None:
    async with opened(folder) as database:
        await queue(database, reset_mail(1))
        await backup(folder)
    assert "may have left" not in await restore(folder)
    # Restoring once more forgets nothing of that.
    await restore(folder)
    async with opened(folder) as database:
        assert await deliver_due(database, Box(), WRITER, now=NOW) == 1


async def test_a_mail_of_which_nothing_is_known_is_uncertain(folder: Path) -> None:
    async with opened(folder) as database:
        await queue(database, reset_mail(1))
    await backup(folder)
    (folder / "portal.db").unlink()
    assert "1 mails that waited may have left" in await restore(folder)
    async with opened(folder) as database:
        (mail,) = await rows(database)
        assert (mail.state, mail.last_error) == ("uncertain", RESTORED)
        assert json.loads(mail.facts) == {"user_name": "maxmuster", "next": "dashboard"}


async def test_a_mail_that_was_just_being_sent_is_uncertain(folder: Path) -> None:
    async with opened(folder) as database:
        await queue(database, reset_mail(1))
        await backup(folder)
        async with database.writing() as connection:
            await stored_mail.claim(connection, NOW, 1)
    await restore(folder)
    async with opened(folder) as database:
        assert set((await states(database)).values()) == {"uncertain"}
        assert "SECRET" not in (await rows(database))[0].facts


async def test_nobody_is_reminded_twice_of_the_same_day(folder: Path) -> None:
    await backup(folder)
    async with opened(folder) as database:
        await queue(database, reminder("sent"))
        await deliver_due(database, Box(), WRITER, now=NOW)
        await queue(database, reminder("doubtful"))
        await deliver_due(database, Box(MailUncertain("?")), WRITER, now=NOW)
        await queue(database, reminder("waiting"), reset_mail(1))
    await restore(folder)
    async with opened(folder) as database:
        again = [reminder(word) for word in ("sent", "doubtful", "waiting")]
        await queue(database, *again)
        assert await states(database) == {
            "reminder:sent": "sent",
            "reminder:doubtful": "uncertain",
            "reminder:waiting": "queued",
        }


async def test_gateways_hear_everything_again_even_of_accounts_that_are_gone(folder: Path) -> None:
    async with opened(folder) as database:
        await give(database, 4711, date(2030, 1, 1))
        await number(database)
    await backup(folder)
    async with opened(folder) as database:
        await add_accounts(database, 5000)
        for month in range(1, 7):
            await give(database, 4712, date(2031, 2 * month, 1))
            await number(database)
        await give(database, 5000, date(2030, 1, 1))
        cursor, _ = await asked(database, 0)
    await restore(folder)
    async with opened(folder) as database:
        # As many changes as there were, so that the cursor would be passed by.
        for year in range(2032, 2040):
            await give(database, 4711, date(year, 1, 1))
            await number(database)
        _, heard = await asked(database, cursor)
        assert heard >= {4711, 4712, 5000}


async def test_a_gateway_that_is_ahead_of_the_portal_is_told_everything(database: Database) -> None:
    """PostgreSQL is restored by means that know nothing of gateways."""
    for account in (4711, 4712):
        await give(database, account, date(2030, 1, 1))
    cursor, everybody = await asked(database, 0)
    assert everybody >= {4711, 4712}
    assert await asked(database, cursor) == (cursor, set())
    assert await asked(database, cursor + 1) == (cursor, everybody)


async def test_what_postgresql_cannot_know_is_said_once_afterwards(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    await take_numbers(database, 3)
    await give(database, 4711, date(2030, 1, 1))
    cursor, everybody = await asked(database, 0)
    await queue(database, reset_mail(1))
    settings = environment(tmp_path, database_url)
    code, output, errors = await run(settings, "after-restore", "--last-invoice", "RE-2026-000041")
    assert (code, errors) == (0, "")
    assert "RE-2026-000041" in output
    assert "1 mails that waited may have left" in output
    assert await take_numbers(database, 1) == [42]
    assert (await asked(database, cursor))[1] == everybody
    assert set((await states(database)).values()) == {"uncertain"}


async def test_a_copy_of_an_earlier_version_is_brought_to_this_one(folder: Path) -> None:
    await asyncio.to_thread(made_long_ago, folder / "copy.db")
    async with opened(folder) as database:
        await take_numbers(database, 3)
    assert "RE-2026-000003" in await restore(folder)
    async with opened(folder) as database:
        await schema.require_current(database)
        assert await take_numbers(database, 1) == [4]


async def test_a_database_of_an_earlier_version_teaches_what_it_can(folder: Path) -> None:
    async with opened(folder) as database:
        await take_numbers(database, 3)
        await queue(database, reset_mail(1))
        await backup(folder)
    (folder / "portal.db").unlink()
    await asyncio.to_thread(made_long_ago, folder / "portal.db")
    assert "1 mails that waited may have left" in await restore(folder)
    async with opened(folder) as database:
        assert await take_numbers(database, 1) == [4]
