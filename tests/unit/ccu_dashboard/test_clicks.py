"""Clicks that end what goes on in the background, so that nothing of it comes back afterwards."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from ccu_dashboard.app import make_app
from ccu_dashboard.domain.pairing import Wanted
from ccu_dashboard.services import goodbye
from ccu_dashboard.services.clock import HubClock
from ccu_dashboard.settings import PREFIX, Settings
from ccu_dashboard.storage import hub_key, pairing_file
from tests.factories import NOW, SERIAL
from tests.simulated_ccu.logic_engine import LogicEngine

_PATIENCE = 20.0
_CHILD = """#!/bin/sh
cd {folder}
answers() {{ while [ ! -e "$1 may answer" ]; do sleep 0.02; done; touch "$1 has answered"; }}
case "$3" in
status) touch "status is asked"; answers status; echo '{{}}' ;;
doctor) found=$(cat facts); touch "doctor is asked"; answers doctor; echo "$found" ;;
goodbye) cat >token; touch "goodbye is asked"; answers goodbye; cat said ;;
esac
"""


class Admin:
    """An administrator before the dashboard, whose children are a shell script in `folder`."""

    def __init__(self, client: TestClient[Any, Any], folder: Path) -> None:
        self.client = client
        self.folder = folder

    def lets(self, name: str, content: str = "") -> None:
        (self.folder / name).write_text(content)

    async def sees(self, page: str = "") -> str:
        answer = await self.client.get(f"{PREFIX}/{page}")
        assert answer.status == 200
        return await answer.text()

    async def clicks(self, path: str) -> None:
        token = re.findall(r'name="form" value="([^"]+)"', await self.sees("leave"))[0]
        answer = await self.client.post(
            f"{PREFIX}/{path}", data={"form": token}, allow_redirects=False
        )
        assert answer.status == 303

    async def until_it_says(self, words: str) -> str:
        """The diagnostics page as soon as it says `words`."""
        async with asyncio.timeout(_PATIENCE):
            while words not in (text := await self.sees("diagnostics")):  # noqa: ASYNC110  a browser does too
                await asyncio.sleep(0.05)
        return text

    async def waits_for(self, name: str) -> None:
        await until((self.folder / name).exists)


async def until(there: Callable[[], bool]) -> None:
    async with asyncio.timeout(_PATIENCE):
        while not there():  # noqa: ASYNC110  another process makes it so
            await asyncio.sleep(0.01)


@pytest.fixture
async def admin(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Admin]:
    folder = tmp_path / "child"
    folder.mkdir()
    program = folder / "python"
    program.write_text(_CHILD.format(folder=folder))
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    engine = LogicEngine()
    await engine.start()
    app = make_app(
        replace(settings, engine=engine.url),
        clock=HubClock(lambda: NOW, lambda: 50.0),
        random_bytes=os.urandom,
    )
    cookies = {"cloudmatic_sid": engine.login().strip("@")}
    async with TestClient(TestServer(app), cookies=cookies) as client:
        visitor = Admin(client, folder)
        await visitor.waits_for("status is asked")
        yield visitor
    await engine.stop()


async def test_a_question_that_is_under_way_shows_no_code_after_it_was_stopped(
    admin: Admin, settings: Settings
) -> None:
    pairing_file.save(settings.pairing, Wanted())
    await admin.clicks("pair/stop")
    admin.lets("status may answer")
    await asyncio.sleep(0.5)
    assert not (admin.folder / "status has answered").exists()
    assert not settings.pairing.exists()
    assert "keiner seit dem Start" in await admin.sees("diagnostics")


# What was found out about an account that is no longer here.


def examined(fact: str) -> str:
    """What the child `doctor` prints."""
    return json.dumps({"findings": [], "facts": {"known": fact}, "made_at": NOW.isoformat()})


@pytest.fixture
async def examining(admin: Admin) -> Admin:
    """A diagnosis is under way and has read of maxmuster; the next one finds nobody."""
    admin.lets("facts", examined("maxmuster"))
    await admin.sees("diagnostics")
    await admin.waits_for("doctor is asked")
    admin.lets("facts", examined("nobody"))
    return admin


@pytest.mark.parametrize("way", ["leave/unlink", "leave/erase"])
@pytest.mark.parametrize("ended", [True, False])
async def test_what_a_diagnosis_has_found_is_forgotten_with_the_account(
    examining: Admin, way: str, ended: bool
) -> None:
    if ended:
        examining.lets("doctor may answer")
        await examining.until_it_says("known: maxmuster")
    await examining.clicks(way)
    assert "maxmuster" not in (await examining.sees("diagnostics")).split("<main")[1]
    examining.lets("doctor may answer")
    assert "maxmuster" not in await examining.until_it_says("known: nobody")


# The portal is told that this hub has left.


GOODBYES = [
    ('{"said": true}', logging.INFO, "portal: goodbye said"),
    ('{"said": false, "reason": "timeout"}', logging.WARNING, "on the website: timeout"),
    ('{"said": false}', logging.WARNING, "on the website: its answer cannot be read"),
    ("[]", logging.WARNING, "on the website: its answer cannot be read"),
    ("Traceback (most recent call last):", logging.WARNING, "on the website: JSONDecodeError"),
]


@pytest.fixture
def enrolled(settings: Settings) -> None:
    """A hub with a serial number and a key, and so with something to say goodbye by."""
    for file in settings.serial_files[:1]:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{SERIAL}\n", "ascii")
    hub_key.load_or_create(settings.hub_key)


@pytest.mark.parametrize(("said", "level", "words"), GOODBYES)
@pytest.mark.usefixtures("enrolled")
async def test_what_became_of_a_goodbye_is_logged(
    admin: Admin, caplog: pytest.LogCaptureFixture, said: str, level: int, words: str
) -> None:
    caplog.set_level(logging.INFO)
    admin.lets("said", said)
    await admin.clicks("leave/unlink")
    admin.lets("goodbye may answer")
    await until(lambda: goodbyes(caplog) != [])
    (record,) = goodbyes(caplog)
    assert record.levelno == level
    assert record.getMessage().endswith(words)


@pytest.mark.usefixtures("enrolled")
async def test_a_goodbye_that_cannot_be_tried_is_logged(
    admin: Admin, caplog: pytest.LogCaptureFixture
) -> None:
    (admin.folder / "python").unlink()
    await admin.clicks("leave/unlink")
    await until(lambda: goodbyes(caplog) != [])
    assert goodbyes(caplog)[0].getMessage().endswith("No such file or directory")


@pytest.mark.usefixtures("enrolled")
async def test_the_service_does_not_end_in_the_middle_of_a_goodbye(
    admin: Admin, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    admin.lets("said", '{"said": true}')
    await admin.clicks("leave/erase")
    await admin.waits_for("goodbye is asked")
    ending = asyncio.create_task(admin.client.close())
    await asyncio.sleep(0.2)
    assert goodbyes(caplog) == []
    admin.lets("goodbye may answer")
    await ending
    assert [each.getMessage() for each in goodbyes(caplog)] == ["portal: goodbye said"]


@pytest.mark.usefixtures("enrolled")
async def test_but_it_does_not_wait_for_ever(
    admin: Admin, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(goodbye, "_PATIENCE_SECONDS", 0.1)
    await admin.clicks("leave/erase")
    await admin.waits_for("goodbye is asked")
    await admin.client.close()
    assert goodbyes(caplog)[0].getMessage().endswith("the service ended")
    admin.lets("goodbye may answer")
    await asyncio.sleep(0.3)
    assert not (admin.folder / "goodbye has answered").exists()


def goodbyes(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [each for each in caplog.records if "goodbye" in each.getMessage()]
