"""Whoever guesses waits; the owner gets in; and nobody learns anything by waiting."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from cloudmatic_link.api import HUBS_PATH
from cloudmatic_portal.app import make_app
from cloudmatic_portal.domain.throttle import LONGEST_MEMORY, RULES, UNKNOWN, Attempt
from cloudmatic_portal.services import throttle
from cloudmatic_portal.services.secrets import Secrets
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import attempts
from tests.integration.portal.hubs import Hub
from tests.integration.portal.world import (
    NOW,
    PASSWORD,
    Answer,
    Browser,
    Clock,
    Portal,
    random_bytes,
)

FREE = RULES["login"]["here"].free
HERE = Attempt("login", "192.0.2.0/24", "maxmuster")


@asynccontextmanager
async def behind_a_proxy(portal: Portal, proxies: int = 1) -> AsyncIterator[Portal]:
    """The same portal and database, behind so many proxies of ours."""
    settings = replace(portal.settings, proxies=proxies)
    app = make_app(settings, clock=portal.clock, random_bytes=random_bytes)
    async with TestServer(app) as server:
        yield Portal(server, settings, portal.clock, portal.database)


async def guess(browser: Browser, name: str, password: str = "wrong", **headers: str) -> Answer:
    page = await browser.get("/login")
    form = {"form_token": page.field("form_token"), "name": name, "password": password}
    return await browser.post("/login", form, headers=headers)


async def from_elsewhere(portal: Portal, address: str, name: str, times: int) -> list[Answer]:
    async with Browser(portal) as browser:
        headers = {"X-Forwarded-For": address}
        return [await guess(browser, name, **headers) for _ in range(times)]


async def test_guessing_slows_down_and_waiting_helps(portal: Portal, browser: Browser) -> None:
    for _ in range(FREE + 1):
        assert (await guess(browser, "maxmuster")).status == 403
    for seconds in (10, 20, 40):
        answer = await guess(browser, "maxmuster", PASSWORD)
        assert (answer.status, answer.headers["Retry-After"]) == (429, str(seconds))
        assert f"in {seconds} Sekunden möglich" in answer.words
        assert 'href="/password?next=dashboard"' in answer.text
        assert 'value="maxmuster"' in answer.text
        assert PASSWORD not in answer.text
        portal.clock.move(seconds=seconds - 1)
        assert (await guess(browser, "maxmuster")).status == 429
        portal.clock.move(seconds=1)
        assert (await guess(browser, "maxmuster")).status == 403
    portal.clock.move(seconds=80)
    assert (await guess(browser, "maxmuster", PASSWORD)).status == 303


async def test_an_unknown_name_waits_like_a_known_one(portal: Portal, browser: Browser) -> None:
    async def series(name: str) -> list[tuple[int, str | None, str]]:
        answers = [await guess(browser, name) for _ in range(FREE + 3)]
        return [
            (each.status, each.headers.get("Retry-After"), each.words.replace(name, "NAME"))
            for each in answers
        ]

    assert await series("maxmuster") == await series("nobody at all")
    # Whether this address is maxmuster's cannot be told from having to wait.
    assert (await guess(browser, "max@muster.example")).status == 403


async def test_whoever_must_wait_costs_no_hash(
    portal: Portal, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(FREE + 1):
        await guess(browser, "maxmuster")
    hashes: list[str] = []
    matches = Secrets.matches

    async def note(self: Secrets, stored: str | None, secret: str) -> bool:
        hashes.append(secret)
        return await matches(self, stored, secret)

    monkeypatch.setattr(Secrets, "matches", note)
    before = await portal.rows()
    assert (await guess(browser, "maxmuster")).status == 429
    assert hashes == []
    assert await portal.rows() == before


async def test_many_guesses_at_once_do_not_slip_through(portal: Portal) -> None:
    async with Browser(portal) as browser:
        form = {"form_token": (await browser.get("/login")).field("form_token")}
        form |= {"name": "maxmuster", "password": "wrong"}
        answers = await asyncio.gather(*(browser.post("/login", form) for _ in range(40)))
    statuses = sorted(each.status for each in answers)
    assert statuses == [403] * (FREE + 1) + [429] * (40 - FREE - 1)


async def test_a_success_forgets_what_failed_here_but_not_what_others_did(
    portal: Portal, browser: Browser
) -> None:
    for _ in range(3):
        for _ in range(FREE):
            assert (await guess(browser, "erikamuster")).status == 403
        async with Browser(portal) as fresh:
            assert (await guess(fresh, "erikamuster", PASSWORD)).status == 303
    rows = await tallies(portal.database)
    assert sorted(row.failures for row in rows) == [3 * FREE, 3 * FREE]


async def test_strangers_everywhere_cannot_lock_the_owners_browser_out(
    portal: Portal, browser: Browser
) -> None:
    async with behind_a_proxy(portal) as proxied, Browser(proxied) as owner:
        headers = {"X-Forwarded-For": "198.51.100.7"}
        assert (await guess(owner, "maxmuster", PASSWORD, **headers)).status == 303
        await owner.get("/dashboard")
        for number in range(RULES["login"]["name"].free + 2):
            await from_elsewhere(proxied, f"10.0.{number}.1", "maxmuster", 1)
        # Even from the owner's own network.
        await from_elsewhere(proxied, "198.51.100.8", "maxmuster", FREE + 2)
        async with Browser(proxied) as stranger:
            answer = await guess(stranger, "maxmuster", PASSWORD, **{"X-Forwarded-For": "10.1.0.1"})
            assert answer.status == 429
        assert (await guess(owner, "maxmuster", PASSWORD, **headers)).status == 303
        # Which does not make it cheaper for the others.
        [(again)] = await from_elsewhere(proxied, "10.1.0.1", "maxmuster", 1)
        assert again.status == 429


async def test_a_known_browser_has_a_limit_of_its_own(portal: Portal, browser: Browser) -> None:
    assert (await guess(browser, "maxmuster", PASSWORD)).status == 303
    statuses = [(await guess(browser, "maxmuster")).status for _ in range(12)]
    assert statuses == [403] * 11 + [429]


async def test_a_made_up_or_foreign_device_is_a_strangers(portal: Portal, browser: Browser) -> None:
    assert (await guess(browser, "erikamuster", PASSWORD)).status == 303
    erikas = browser.cookie("cm_device_4712") or ""
    assert len(erikas) > 70
    issued, device, signature = erikas.split(".")
    for value in (
        erikas,
        f"{int(issued) + 1}.{device}.{signature}",
        f"{issued}.{'A' * 22}.{signature}",
        f"{issued}.{device}.{'A' * 43}",
        "",
        "x" * 3000,
        "ü.ü.ü",
        f"{'9' * 12}.{device}.{signature}",
    ):
        async with Browser(portal) as thief:
            headers = {"Cookie": f"cm_device_4711={value}; {await form_cookie(thief)}"}
            answer = await thief.post("/login", await login_form(thief), headers=headers)
            assert answer.status in {403, 429}
    subjects = {row.subject for row in await tallies(portal.database)}
    assert subjects >= {counter.subject for counter in local("maxmuster").counters()}


def local(name: str) -> Attempt:
    return Attempt("login", "127.0.0.0/24", name)


async def form_cookie(browser: Browser) -> str:
    await browser.get("/login")
    cookies = browser.session.cookie_jar.filter_cookies(browser.portal.url("/"))
    return next(f"{key}={cookie.value}" for key, cookie in cookies.items() if "cm_form" in key)


async def login_form(browser: Browser) -> dict[str, str]:
    page = await browser.get("/login")
    return {"form_token": page.field("form_token"), "name": "maxmuster", "password": "wrong"}


async def test_the_address_is_the_one_that_our_own_proxy_saw(portal: Portal) -> None:
    async with behind_a_proxy(portal, proxies=2) as proxied:
        await from_elsewhere(proxied, "6.6.6.6, 203.0.113.9, 10.0.0.1", "somebody", 1)
        await from_elsewhere(proxied, "7.7.7.7, 203.0.113.77:4711, 10.0.0.1", "somebody", 1)
        await from_elsewhere(proxied, "[2001:db8::1]:80, 10.0.0.1", "somebody", 1)
        # One entry only: whoever wrote it came past a proxy.
        await from_elsewhere(proxied, "8.8.8.8", "somebody", 1)
    found = {row.subject: row.failures for row in await tallies(portal.database)}
    for network, failures in (("203.0.113.0/24", 2), ("2001:db8::/56", 1), ("127.0.0.0/24", 1)):
        here = next(
            each
            for each in Attempt("login", network, "somebody").counters()
            if each.scope == "here"
        )
        assert found[here.subject] == failures


async def test_without_a_proxy_nobody_chooses_an_address(portal: Portal) -> None:
    for number in range(FREE + 1):
        await from_elsewhere(portal, f"10.0.{number}.1", "maxmuster", 1)
    [answer] = await from_elsewhere(portal, "10.9.9.9", "maxmuster", 1)
    assert answer.status == 429


async def test_on_a_unix_socket_everybody_is_in_one_network(
    settings: Settings, clock: Clock, database: Database, tmp_path: Path
) -> None:
    app = make_app(settings, clock=clock, random_bytes=random_bytes)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.UnixSite(runner, tmp_path / "s").start()
    connector = aiohttp.UnixConnector(str(tmp_path / "s"))
    try:
        async with aiohttp.ClientSession("http://localhost:8000", connector=connector) as session:
            statuses = [await _enrol_wrongly(session, settings, clock) for _ in range(45)]
    finally:
        await runner.cleanup()
    # Many more than one network may have for one account.
    assert statuses == [401] * 45
    [row] = await tallies(database)
    assert row.subject == Attempt("enrolment", UNKNOWN).counters()[0].subject


async def _enrol_wrongly(session: aiohttp.ClientSession, settings: Settings, clock: Clock) -> int:
    portal: Any = type("Somewhere", (), {"settings": settings, "clock": clock})
    body = Hub(portal).enrolment(user_key="guessed")
    async with session.post(HUBS_PATH, json=body) as response:
        return response.status


async def test_a_hub_that_guesses_is_told_when_to_come_back(portal: Portal) -> None:
    hub = Hub(portal)
    for _ in range(RULES["enrolment"]["here"].free + 1):
        assert (await hub.enrol("guessed")).status == 401
    answer = await hub.enrol()
    assert (answer.status, answer.headers["Retry-After"]) == (429, "10")
    problem = json.loads(answer.text)
    assert (problem["status"], problem["reason"]) == (429, "too-many-attempts")
    portal.clock.move(seconds=10)
    assert (await hub.enrol()).status == 201


async def test_what_is_old_is_forgotten(database: Database) -> None:
    await throttle.admit(database, HERE, NOW)
    later = NOW + LONGEST_MEMORY + timedelta(seconds=1)
    await throttle.admit(database, Attempt("voucher", "198.51.100.0/24", "4711"), later)
    assert {row.purpose for row in await tallies(database)} == {"voucher"}


async def test_many_at_once_are_all_counted_and_none_waits_for_ever(database: Database) -> None:
    async def one(number: int) -> None:
        attempt = Attempt("enrolment", f"10.0.{number % 5}.0/24", f"name{number % 3}", None)
        await throttle.admit(database, attempt, NOW)
        async with database.writing() as connection:
            await throttle.succeeded(connection, attempt, NOW)
        await throttle.admit(database, attempt, NOW)

    await asyncio.wait_for(asyncio.gather(*(one(number) for number in range(60))), 60)
    networks = [
        counter.subject
        for number in range(5)
        for counter in Attempt("enrolment", f"10.0.{number}.0/24").counters()
        if counter.scope == "network"
    ]
    found = {row.subject: row.failures for row in await tallies(database)}
    assert [found[subject] for subject in networks] == [12] * 5


async def tallies(database: Database) -> list[Any]:
    async with database.reading() as connection:
        return list((await connection.execute(select(attempts))).all())
