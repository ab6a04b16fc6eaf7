"""Who is behind a request is the engine's word, asked of a real engine over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from ccu_dashboard.clients.logic_engine import LogicEngine
from ccu_dashboard.domain.errors import EngineUnavailable, SessionRequired
from ccu_dashboard.domain.session import Level, Sid, User
from ccu_dashboard.services.sessions import KEEP_SECONDS, Sessions
from tests.simulated_ccu.logic_engine import LogicEngine as SimulatedEngine


class Desk:
    """A simulated engine, the client that asks it, and a clock that a test moves."""

    def __init__(self, engine: SimulatedEngine, client: LogicEngine) -> None:
        self.engine = engine
        self.client = client
        self.time = 1000.0
        self.sessions = Sessions(client, lambda: self.time)

    async def level(self, sid: str) -> Level:
        return (await self.sessions.identify(sid))[1].level


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    engine = SimulatedEngine()
    await engine.start()
    async with LogicEngine(engine.url) as client:
        yield Desk(engine, client)
    await engine.stop()
    assert engine.foreign_scripts == []


@pytest.mark.parametrize(
    ("name", "level"),
    [("Admin", Level.ADMINISTRATOR), ("Bewohner", Level.USER), ("Gast", Level.GUEST),
     ("Jürgen Größe", Level.USER)],
)  # fmt: skip
async def test_a_session_tells_name_and_level(desk: Desk, name: str, level: Level) -> None:
    sid, user = await desk.sessions.identify(desk.engine.login(name))
    assert (user.name, user.level) == (name, level)
    assert len(sid.core) == 10


@pytest.mark.parametrize("sid", ["", "@@", '@");x("aa@', "@0000000000", "x" * 1_000_000, "@\x00@"])
async def test_a_malformed_sid_is_refused_before_the_engine_hears_of_it(
    desk: Desk, sid: str
) -> None:
    with pytest.raises(SessionRequired):
        await desk.sessions.identify(sid)
    assert desk.engine.lookups == 0


async def test_an_unknown_session_is_refused(desk: Desk) -> None:
    with pytest.raises(SessionRequired):
        await desk.sessions.identify("@0000000000@")
    assert desk.engine.lookups == 1


async def test_the_engines_word_is_kept_for_seconds_only(desk: Desk) -> None:
    sid = desk.engine.login("Admin")
    await desk.level(sid)
    desk.engine.expire(sid)
    desk.time += KEEP_SECONDS - 0.1
    assert await desk.level(sid) is Level.ADMINISTRATOR
    assert desk.engine.lookups == 1
    desk.time += 0.2
    with pytest.raises(SessionRequired):
        await desk.level(sid)


async def test_a_kept_word_is_not_prolonged_by_using_it(desk: Desk) -> None:
    sid = desk.engine.login("Admin")
    for _ in range(4):
        await desk.level(sid)
        desk.time += KEEP_SECONDS / 2
    assert desk.engine.lookups == 2


async def test_a_refusal_is_not_kept(desk: Desk) -> None:
    for _ in range(2):
        with pytest.raises(SessionRequired):
            await desk.level("@0000000000@")
    assert desk.engine.lookups == 2


async def test_the_memory_of_sessions_stays_small(desk: Desk) -> None:
    admin = User("Admin", Level.ADMINISTRATOR)
    for number in range(200):
        desk.sessions._keep(Sid(f"{number:010}"), desk.time, admin)
        assert len(desk.sessions._kept) <= 32


@pytest.mark.parametrize("fault", ["rubbish", "empty", "no_http", "http_500", "down"])
async def test_an_engine_that_cannot_answer_is_unavailable_and_then_recovers(
    desk: Desk, fault: str
) -> None:
    sid = desk.engine.login("Admin")
    match fault:
        case "down":
            await desk.engine.down()
        case "empty":
            desk.engine.rubbish(b"")
        case _:
            getattr(desk.engine, fault)()
    with pytest.raises(EngineUnavailable):
        await desk.level(sid)
    await desk.engine.recover()
    assert await desk.level(sid) is Level.ADMINISTRATOR


@pytest.mark.parametrize(
    "answer",
    [b"1004;8<xml>", b";;;;<xml>", b"1;x;Admin;;;<xml>", b"1;3;Admin;;;<xml>", b"1;99;A;;;<xml>",
     b"8<xml>", b"\xff\xfe<xml>", b"1;8;Admin;;;", b"<html>login</html>"],
)  # fmt: skip
async def test_an_answer_that_is_no_user_is_never_taken_for_one(desk: Desk, answer: bytes) -> None:
    desk.engine.rubbish(answer)
    with pytest.raises(EngineUnavailable):
        await desk.level("@0000000000@")


async def served(parts: list[bytes]) -> Level | None:
    """What the client makes of an answer that arrives in these parts."""

    done = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b");")
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0.03)
            writer.close()
            await writer.wait_closed()
        except OSError:
            writer.transport.abort()
        finally:
            done.set()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, LogicEngine(f"http://127.0.0.1:{port}") as client:
        try:
            user = await client.user_of(Sid("vJTeQPbTwS"))
        finally:
            await done.wait()
    return None if user is None else user.level


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=iso-8859-1\r\n\r\n"
BODY = b"1004;8;Admin;;;<xml><exec>/rega.exe</exec></xml>"


@pytest.mark.parametrize("cut", [1, 5, 15, 18, 30])
async def test_an_answer_may_arrive_in_parts(cut: int) -> None:
    assert await served([HEAD, BODY[:cut], BODY[cut:]]) is Level.ADMINISTRATOR


async def test_an_answer_without_end_is_not_waited_for() -> None:
    with pytest.raises(EngineUnavailable):
        await served([HEAD, b"x" * 1_000_000])


async def test_a_redirect_is_not_followed_with_the_session_in_hand(desk: Desk) -> None:
    port = desk.engine.port
    head = f"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:{port}/rega.exe\r\n\r\n"
    with pytest.raises(EngineUnavailable):
        await served([head.encode()])
    assert desk.engine.lookups == 0
