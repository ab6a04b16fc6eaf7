"""What a balancer, a monitoring system and whoever reads the log get to see."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import signal
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client.parser import text_string_to_metric_families

from cloudmatic_portal.app import make_app, make_status_app
from cloudmatic_portal.app_keys import METRICS, READINESS
from cloudmatic_portal.cli.logs import Numbered
from cloudmatic_portal.services.metrics import Metrics
from cloudmatic_portal.services.vitals import Readiness
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.web import tracing
from tests.demo.network import free_port
from tests.integration.portal.shopping import order
from tests.integration.portal.test_cli import environment, serving
from tests.integration.portal.world import Browser, Clock, Portal, random_bytes


def samples(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (each.name, frozenset(each.labels.items())): each.value
        for family in text_string_to_metric_families(text)
        for each in family.samples
    }


def app_of(portal: Portal) -> web.Application:
    assert isinstance(portal.server, TestServer)
    return portal.server.app


async def metrics_of(portal: Portal) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    app = app_of(portal)
    status = make_status_app(portal.database, app[METRICS], app[READINESS], portal.clock)
    async with TestServer(status) as server, aiohttp.ClientSession() as session:
        answer = await session.get(server.make_url("/metrics"))
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return samples(await answer.text())


async def test_a_balancer_is_told_whether_requests_are_wanted(portal: Portal) -> None:
    async with aiohttp.ClientSession() as session:
        assert (await session.get(portal.url("/healthz"))).status == 200
        assert (await session.get(portal.url("/readyz"))).status == 200
        app_of(portal)[READINESS].stopping = True
        assert (await session.get(portal.url("/readyz"))).status == 503
        assert (await session.get(portal.url("/healthz"))).status == 200


async def test_without_its_database_a_process_is_alive_but_not_ready(portal: Portal) -> None:
    async with aiohttp.ClientSession() as session:
        broken = Database.__new__(Database)
        status = make_status_app(broken, Metrics(), Readiness(), portal.clock)
        async with TestServer(status) as server:
            assert (await session.get(server.make_url("/healthz"))).status == 200
            assert (await session.get(server.make_url("/readyz"))).status == 503


async def test_requests_are_counted_by_the_pattern_of_their_address(
    portal: Portal, browser: Browser
) -> None:
    await browser.get("/products/complete")
    await browser.get("/products/connect")
    await browser.get("/there/is/nothing/here")
    found = await metrics_of(portal)
    counted = {
        dict(labels)["route"]: value
        for (name, labels), value in found.items()
        if name == "cloudmatic_portal_requests_total"
    }
    assert counted == {"/products/{code}": 2, "unknown": 1}


async def test_what_waits_although_it_is_due_is_counted(
    portal: Portal, browser: Browser, clock: Clock
) -> None:
    await browser.log_in("maxmuster")
    await order(browser)
    none = frozenset[tuple[str, str]]()
    before = await metrics_of(portal)
    assert before["cloudmatic_portal_overdue_mails", none] == 1
    assert before["cloudmatic_portal_overdue_actions", none] == 0
    clock.now += timedelta(days=15)
    after = await metrics_of(portal)
    assert after["cloudmatic_portal_overdue_actions", none] >= 1
    assert after["cloudmatic_portal_oldest_mail_seconds", none] == 15 * 86400


async def test_the_website_does_not_tell_its_metrics(portal: Portal) -> None:
    async with aiohttp.ClientSession() as session:
        assert (await session.get(portal.url("/metrics"))).status == 404


async def test_every_answer_has_a_number_and_its_log_lines_too(
    portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    numbered = Numbered()
    caplog.handler.addFilter(numbered)
    headers = {tracing.HEADER: "mine-12345"}
    async with aiohttp.ClientSession() as session:
        answers = [await session.post(portal.url("/login"), headers=headers) for _ in range(2)]
    caplog.handler.removeFilter(numbered)
    numbers = [answer.headers[tracing.HEADER] for answer in answers]
    assert all(re.fullmatch(r"[0-9a-f]{16}", number) for number in numbers)
    lines = [each for each in caplog.records if "/login refused" in each.getMessage()]
    assert [getattr(each, "request_id", None) for each in lines] == numbers
    assert len(set(numbers)) == 2


@pytest.mark.parametrize(
    ("sent", "kept"), [("proxy-0001", True), ("x" * 65, False), ("a b", False)]
)
async def test_the_number_of_a_proxy_of_ours_is_kept(
    settings: Settings, clock: Clock, sent: str, kept: bool
) -> None:
    app = make_app(replace(settings, proxies=1), clock=clock, random_bytes=random_bytes)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        answer = await session.get(server.make_url("/healthz"), headers={tracing.HEADER: sent})
    assert (answer.headers[tracing.HEADER] == sent) is kept


async def test_a_process_that_is_told_to_stop_says_so_before_it_closes(tmp_path: Path) -> None:
    port = free_port()
    settings = environment(tmp_path) | {
        "CLOUDMATIC_PORTAL_STATUS": f"127.0.0.1:{port}",
        "CLOUDMATIC_PORTAL_DRAIN_SECONDS": "2",
        "CLOUDMATIC_PORTAL_LOG_FORMAT": "json",
    }
    async with serving(settings, "--migrate", "--port", "0") as (process, address):
        async with aiohttp.ClientSession() as session:
            assert (await session.get(f"http://127.0.0.1:{port}/readyz")).status == 200
            answered = await session.get(f"{address}/products")
            process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.5)
            assert (await session.get(f"{address}/readyz")).status == 503
            assert (await session.get(f"{address}/products")).status == 200
        _, errors = await asyncio.wait_for(process.communicate(), 15)
    assert process.returncode == 0
    lines = [json.loads(line) for line in errors.decode().splitlines()]
    mine = [each for each in lines if each["request_id"] == answered.headers[tracing.HEADER]]
    assert [each["message"].split()[:3] for each in mine] == [["GET", "/products", "200"]]
    assert set(mine[0]) == {"level", "name", "request_id", "message", "timestamp"}
