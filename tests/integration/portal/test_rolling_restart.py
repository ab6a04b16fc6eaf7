"""Two processes behind the balancer of `deploy/`: nobody notices a restart of one after the other.

The balancer is HAProxy with the very file that operators begin with; only its addresses and its
certificate are the test's.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
import ssl
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.demo.network import free_port
from tests.integration.portal.commands import run
from tests.integration.portal.test_cli import WORDS, environment
from tests.simulated_ccu.certificate import self_signed_pem

CONFIG = Path(__file__).parents[3] / "deploy/haproxy.cfg"
DRAIN = "4"
"""Seconds; the balancer looks every second and believes the second "no"."""


class Pair:
    """Two portals and the balancer before them."""

    def __init__(self, settings: dict[str, str]) -> None:
        self.settings = settings
        self.ports = [free_port(), free_port()]
        self.processes: list[Process] = []
        self.answers: Counter[str] = Counter()

    async def start(self, port: int) -> Process:
        process = await asyncio.create_subprocess_exec(
            *WORDS,
            "serve",
            "--no-worker",
            "--port",
            str(port),
            env=self.settings,
            stdout=PIPE,
            stderr=DEVNULL,
        )
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), 60)
        assert line.startswith(b"READY")
        return process

    async def restart(self, place: int, number: signal.Signals) -> None:
        process = self.processes[place]
        process.send_signal(number)
        await asyncio.wait_for(process.wait(), 30)
        self.processes[place] = await self.start(self.ports[place])

    async def ask_on(self, address: str, done: asyncio.Event) -> None:
        """Look at a page again and again, each time over a connection of its own."""
        context = trusting()
        while not done.is_set():
            connector = aiohttp.TCPConnector(ssl=context, force_close=True)
            async with aiohttp.ClientSession(connector=connector) as session:
                try:
                    async with session.get(f"{address}/login") as answer:
                        await answer.read()
                        self.answers[str(answer.status)] += 1
                except aiohttp.ClientError as error:
                    self.answers[type(error).__name__] += 1
            await asyncio.sleep(0.02)


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    settings = environment(tmp_path) | {
        "CLOUDMATIC_PORTAL_DRAIN_SECONDS": DRAIN,
        "CLOUDMATIC_PORTAL_PROXIES": "1",
    }
    assert (await run(settings, "migrate"))[0] == 0
    made = Pair(settings)
    made.processes = [await made.start(port) for port in made.ports]
    try:
        yield made
    finally:
        for process in made.processes:
            if process.returncode is None:
                process.kill()
            await process.wait()


@asynccontextmanager
async def balancer(pair: Pair, folder: Path) -> AsyncIterator[str]:
    """HAProxy before the two; gives the address to ask at."""
    program = shutil.which("haproxy", path="/usr/sbin:/usr/bin")
    assert program is not None, "apt-get install haproxy"
    https = free_port()
    certificate = folder / "certificate.pem"
    certificate.write_bytes(self_signed_pem())
    text = CONFIG.read_text("utf-8")
    changes = {
        r"bind :443 ssl crt \S+": f"bind 127.0.0.1:{https} ssl crt {certificate}",
        r"bind :80\n": f"bind 127.0.0.1:{free_port()}\n",
        "127.0.0.1:8081": f"127.0.0.1:{pair.ports[0]}",
        "127.0.0.1:8082": f"127.0.0.1:{pair.ports[1]}",
        # We ask from one address, as no customer does.
        r"gt 300": "gt 100000",
    }
    for there, here in changes.items():
        text, count = re.subn(there, here, text)
        assert count == 1, there
    file = folder / "haproxy.cfg"
    file.write_text(text, "utf-8")
    process = await asyncio.create_subprocess_exec(program, "-db", "-f", str(file), stderr=DEVNULL)
    try:
        await _answers(https)
        yield f"https://127.0.0.1:{https}"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def trusting() -> ssl.SSLContext:
    """The certificate is the test's own, and of no interest here."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def _answers(port: int) -> None:
    for _ in range(100):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        writer.close()
        await writer.wait_closed()
        # Until the balancer has looked at both once.
        await asyncio.sleep(2.5)
        return
    pytest.fail("the balancer does not listen")


@pytest.mark.fault(
    "process killed",
    "behind a balancer, restarting one after the other fails no request",
)
async def test_restarting_one_after_the_other_fails_no_request(pair: Pair, tmp_path: Path) -> None:
    done = asyncio.Event()
    async with balancer(pair, tmp_path) as address, asyncio.TaskGroup() as tasks:
        for _ in range(3):
            tasks.create_task(pair.ask_on(address, done))
        for place in (0, 1):
            await pair.restart(place, signal.SIGTERM)
            await asyncio.sleep(2.5)
        done.set()
    assert set(pair.answers) == {"200"}
    assert pair.answers["200"] > 50


@pytest.mark.fault(
    "process killed",
    "behind a balancer, a killed process fails only what it was answering",
)
async def test_a_killed_process_fails_only_what_it_was_answering(
    pair: Pair, tmp_path: Path
) -> None:
    done, askers = asyncio.Event(), 3
    async with balancer(pair, tmp_path) as address, asyncio.TaskGroup() as tasks:
        for _ in range(askers):
            tasks.create_task(pair.ask_on(address, done))
        await asyncio.sleep(1)
        for place in (0, 1):
            await pair.restart(place, signal.SIGKILL)
            await asyncio.sleep(2.5)
        done.set()
    failed = pair.answers.total() - pair.answers["200"]
    assert failed <= 2 * askers
    assert pair.answers["200"] > 50


async def test_the_balancer_tells_the_world_nothing_of_its_checks(
    pair: Pair, tmp_path: Path
) -> None:
    async with balancer(pair, tmp_path) as address:
        context = trusting()
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
            assert (await session.get(f"{address}/readyz")).status == 404
            answer = await session.get(f"{address}/login")
            assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["X-Request-ID"])
