"""`cloudmatic-portal check`: what is there is good, what lacks is named with a way forward."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from cloudmatic_portal.clients.legal_folder import SAMPLES
from cloudmatic_portal.clients.mailer import SmtpMailer
from cloudmatic_portal.domain.errors import MailDeferred
from cloudmatic_portal.services import checkup
from cloudmatic_portal.settings import from_environment
from cloudmatic_portal.storage.database import Database, parse_url
from tests.integration.portal.commands import run
from tests.integration.portal.conftest import Templates
from tests.integration.portal.mail_server import mail_server
from tests.integration.portal.shopping import order
from tests.integration.portal.test_cli import environment
from tests.integration.portal.world import Browser, Clock, Portal


class Usage(NamedTuple):
    total: int
    used: int
    free: int


DEPLOY = Path(__file__).parents[3] / "deploy"
BANK = {
    "CLOUDMATIC_PORTAL_BANK_HOLDER": "CloudMatic",
    "CLOUDMATIC_PORTAL_BANK_IBAN": "DE02 1203 0000 0000 2020 51",
    "CLOUDMATIC_PORTAL_BANK_BIC": "BYLADEM1001",
}


def everything(folder: Path) -> dict[str, str]:
    """Settings that lack nothing, with the examples that operators begin with."""
    shutil.copytree(SAMPLES, folder / "legal")
    for text in (folder / "legal").iterdir():
        text.write_text(text.read_text("utf-8") + "\nUnsere eigene Fassung.\n", "utf-8")
    legal = {"CLOUDMATIC_PORTAL_LEGAL_FOLDER": str(folder / "legal")}
    seller = {"CLOUDMATIC_PORTAL_SELLER_FILE": str(DEPLOY / "verkaeufer.toml")}
    return environment(folder) | BANK | legal | seller


async def verdicts(settings: dict[str, str]) -> tuple[int | None, dict[str, str]]:
    code, output, _ = await run(settings, "check", "--json")
    return code, {each["name"]: each["verdict"] for each in json.loads(output)}


async def test_a_portal_that_has_everything_is_well(templates: Templates, tmp_path: Path) -> None:
    (tmp_path / "portal.db").write_bytes((templates.folder / "seeded.db").read_bytes())
    code, found = await verdicts(everything(tmp_path))
    assert code == 0
    assert set(found.values()) == {"good"}
    assert set(found) >= {"database", "products", "work", "mail", "bank", "disk", "releases"}


async def test_an_empty_machine_is_told_what_to_do(tmp_path: Path) -> None:
    code, output, errors = await run(environment(tmp_path), "check")
    assert code == 1
    assert "BAD database: the database has revision None" in output
    assert "run `cloudmatic-portal migrate`" in output
    assert "BAD bank: no account" in output
    assert errors.startswith("cloudmatic-portal: not everything is there: database")


async def test_the_example_of_the_settings_can_be_read(tmp_path: Path) -> None:
    """What the guide for operators has one copy, with its paths here."""
    everything(tmp_path)
    (tmp_path / "secret").write_text("s" * 40)
    text = (DEPLOY / "portal.toml").read_text("utf-8")
    for there, here in (
        ("/var/lib/cloudmatic/portal.db", tmp_path / "portal.db"),
        ("/etc/cloudmatic/secret", tmp_path / "secret"),
        ("/etc/cloudmatic/verkaeufer.toml", DEPLOY / "verkaeufer.toml"),
        ("/etc/cloudmatic/recht", tmp_path / "legal"),
    ):
        assert there in text
        text = text.replace(there, str(here))
    file = tmp_path / "portal.toml"
    file.write_text(text, "utf-8")
    settings = from_environment({"CLOUDMATIC_PORTAL_CONFIG": str(file)})
    assert settings.seller is not None
    assert settings.smtp is not None


async def test_samples_of_legal_texts_are_doubtful_and_none_are_bad(tmp_path: Path) -> None:
    _, found = await verdicts(environment(tmp_path))
    assert found["legal texts"] == "bad"
    _, found = await verdicts(environment(tmp_path) | {"CLOUDMATIC_PORTAL_SAMPLE_TEXTS": "1"})
    assert found["legal texts"] == "doubtful"


async def test_a_sample_that_was_only_copied_is_still_a_sample(tmp_path: Path) -> None:
    settings = everything(tmp_path)
    assert (await verdicts(settings))[1]["legal texts"] == "good"
    shutil.copy(SAMPLES / "agb.de.md", tmp_path / "legal")
    assert (await verdicts(settings))[1]["legal texts"] == "doubtful"


async def test_a_mail_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    settings = environment(tmp_path) | {"CLOUDMATIC_PORTAL_SMTP": "smtp://localhost:9"}
    del settings["CLOUDMATIC_PORTAL_MAIL_FOLDER"]
    _, output, _ = await run(settings, "check")
    assert "BAD mail: localhost:9:" in output


async def test_a_mail_server_is_tried_without_sending_anything() -> None:
    async with mail_server() as server:
        await SmtpMailer(server.server()).try_out()
        assert server.taken == []


async def test_a_mail_folder_that_takes_no_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("no folder")
    _, output, _ = await run(environment(tmp_path), "check")
    assert "BAD mail:" in output


async def test_a_worker_that_does_not_run_is_noticed(
    portal: Portal, browser: Browser, clock: Clock
) -> None:
    await browser.log_in("maxmuster")
    await order(browser)
    assert (await checkup.work(portal.database, clock.now)).verdict == "good"
    found = await checkup.work(portal.database, clock.now + timedelta(minutes=20))
    assert found.verdict == "bad"
    assert "0 actions and 1 mails wait, the oldest one for 20 minutes" in found.what


async def test_a_database_that_does_not_answer_is_told_without_its_address() -> None:
    found = await checkup.database(
        Database(parse_url("postgresql://portal:secret@127.0.0.1:9/portal"))
    )
    assert found.verdict == "bad"
    assert "secret" not in found.what + found.advice


@pytest.mark.parametrize(
    ("free", "verdict"), [(600 * 2**20, "good"), (60 * 2**20, "doubtful"), (2**20, "bad")]
)
async def test_room_is_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, verdict: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(2**40, 0, free))
    assert (await checkup.disk([tmp_path])).verdict == verdict


async def test_a_refused_login_is_told_without_the_password() -> None:
    async with mail_server() as server:
        mailer = SmtpMailer(server.server(user="somebody", password="very-secret"))
        with pytest.raises(MailDeferred) as refused:
            await mailer.try_out()
    assert "very-secret" not in str(refused.value)
