"""The engine fails on demand, and comes back."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from tests.simulated_ccu.logic_engine import LogicEngine

LOOK_UP = b'Write(system.GetSessionVarStr("0000000000"));'


async def ask(
    client: aiohttp.ClientSession, engine: LogicEngine, seconds: float = 2
) -> tuple[int, bytes]:
    """Status and body of a look-up."""
    timeout = aiohttp.ClientTimeout(total=seconds)
    address = f"{engine.url}/rega.exe"
    async with client.post(address, data=LOOK_UP, timeout=timeout) as response:
        return response.status, await response.read()


async def test_slow(engine: LogicEngine, client: aiohttp.ClientSession) -> None:
    engine.slow(0.15)
    with pytest.raises(TimeoutError):
        await ask(client, engine, seconds=0.05)
    assert (await ask(client, engine))[0] == 200


async def test_down_refuses_connections_and_comes_back_on_the_same_port(
    engine: LogicEngine, client: aiohttp.ClientSession
) -> None:
    port = engine.port
    await ask(client, engine)
    await engine.down()
    with pytest.raises(aiohttp.ClientOSError):
        await ask(client, engine)  # over the connection that was kept
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(engine.host, port)
    await engine.recover()
    assert engine.port == port
    assert (await ask(client, engine))[0] == 200


async def test_rubbish(engine: LogicEngine, client: aiohttp.ClientSession) -> None:
    engine.rubbish(b"\x00\xfe;8;")
    assert await ask(client, engine) == (200, b"\x00\xfe;8;")


async def test_not_even_http(engine: LogicEngine, client: aiohttp.ClientSession) -> None:
    engine.no_http()
    with pytest.raises(aiohttp.ClientError):
        await ask(client, engine)


async def test_http_500(engine: LogicEngine, client: aiohttp.ClientSession) -> None:
    engine.http_500()
    assert (await ask(client, engine))[0] == 500


async def test_hanging_ends_with_recovery(
    engine: LogicEngine, client: aiohttp.ClientSession
) -> None:
    engine.hang()
    with pytest.raises(TimeoutError):
        await ask(client, engine, seconds=0.05)
    waiting = asyncio.create_task(ask(client, engine))
    await asyncio.sleep(0.02)
    await engine.recover()
    assert (await waiting)[0] == 200


async def test_a_hanging_engine_can_be_stopped(
    engine: LogicEngine, client: aiohttp.ClientSession
) -> None:
    engine.hang()
    waiting = asyncio.create_task(ask(client, engine))
    await asyncio.sleep(0.02)
    await engine.stop()
    await asyncio.wait([waiting])
    waiting.exception()


async def test_sessions_survive_a_pause_and_can_be_ended_all(
    engine: LogicEngine, client: aiohttp.ClientSession
) -> None:
    sid = engine.login("Admin")
    await engine.down()
    await engine.recover()
    assert engine.sessions.user_of(sid) is not None
    engine.sessions.end_all()
    assert engine.sessions.user_of(sid) is None
