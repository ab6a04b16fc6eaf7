"""Whoever works may be killed at any instant: what was promised happens, and happens once.

CLOUDMATIC_KILLS says how often, 20 times for each database if it does not. `pytest -rP` shows what
became of the mails.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Final

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import select
from sqlalchemy.engine import make_url

from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import mails
from tests.integration.portal.killable import Killable, Place, prepare
from tests.integration.portal.mail_server import MailServer, mail_server
from tests.integration.portal.promised import missing, promise, to_do
from tests.integration.portal.world import NOW

KILLS: Final = int(os.environ.get("CLOUDMATIC_KILLS", "20"))
RANDOM: Final = SystemRandom()
CLOCK_MOVES: Final = 8
"""How often the clock moves past the end of a mail's lease while processes are killed."""
LEASE_AND_MORE: Final = timedelta(minutes=11)
LATER: Final = (timedelta(), LEASE_AND_MORE, timedelta(hours=2))
"""When somebody works undisturbed after the last kill: failed attempts are due again, too."""
PATIENCE: Final = 120.0 + KILLS
# Somebody else's backends end with those who use them.
CUT_OFF_ONE: Final = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    " AND backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"
)


async def test_what_was_promised_happens_once_whoever_is_killed(
    database: Database, database_url: str
) -> None:
    prepare()
    promised = await promise(database, KILLS)
    await database.close()
    async with mail_server() as server:
        server.delay = 0.005
        place = Place(database_url, server.port, promised.buyers)
        processes = [Killable(place, name) for name in ("worker", "worker", "buyer")]
        try:
            now, killed, cut_off = await _kill(processes, database_url)
            await _finish(processes, database, now)
        finally:
            for each in processes:
                each.kill()
        wrong = await missing(database, promised)
        assert not wrong, wrong[:10]
        report = await _count(database, server)
    print(f"killed: {dict(killed)}, {cut_off} connections cut off; {report}")


async def _kill(processes: list[Killable], url: str) -> tuple[datetime, Counter[str], int]:
    """Kill one of them after the other, and start it again; return how often what happened."""
    now, killed, cut_off = NOW, Counter[str](), 0
    for each in processes:
        each.start(now)
    while killed.total() < KILLS:
        victim = RANDOM.choice(processes)
        await asyncio.to_thread(victim.ready.wait)
        await asyncio.sleep(RANDOM.uniform(0, 0.3))
        if url.startswith("postgresql") and RANDOM.random() < 0.3:
            cut_off += await _cut_off_one(url)
            continue
        if await asyncio.to_thread(victim.kill):
            killed[victim.name] += 1
        else:
            assert victim.name == "buyer", "a worker ended by itself"
            assert victim.process is not None
            assert victim.process.exitcode == 0
        if killed.total() % max(1, KILLS // CLOCK_MOVES) == 0:
            now += LEASE_AND_MORE
        victim.start(now)
    return now, killed, cut_off


async def _finish(processes: list[Killable], database: Database, now: datetime) -> None:
    """Let them work undisturbed until nothing is due, not even what was tried in vain."""
    deadline = time.monotonic() + PATIENCE
    for later in LATER:
        for each in processes:
            await asyncio.to_thread(each.kill)
            each.start(now + later)
        *workers, buyer = processes
        assert buyer.process is not None
        while buyer.process.exitcode is None or await to_do(database, now + later):
            assert time.monotonic() < deadline, f"stuck: {await to_do(database, now + later)}"
            await asyncio.sleep(0.1)
        for each in workers:
            await asyncio.to_thread(each.ready.wait)
            assert await asyncio.to_thread(each.stop) == 0
        assert buyer.process.exitcode == 0


async def _cut_off_one(url: str) -> int:
    parts = make_url(url)
    connection = await asyncpg.connect(
        host=parts.query["host"], user=parts.username, database=parts.database
    )
    try:
        return len(await connection.fetch(CUT_OFF_ONE))
    finally:
        await connection.close()


async def _count(database: Database, server: MailServer) -> str:
    """Check that no mail came twice, and that those came that are said to be sent."""
    arrived = Counter(str(message["Message-ID"])[1:33] for _, _, message in server.taken)
    async with database.reading() as connection:
        rows = (await connection.execute(select(mails.c.message_id, mails.c.state))).all()
    state = {row.message_id: row.state for row in rows}
    assert set(arrived) <= set(state)
    assert max(arrived.values()) == 1, "a mail came twice"
    assert all(arrived[each] for each in state if state[each] == "sent"), "a mail never came"
    unsure = [each for each in state if state[each] == "uncertain"]
    came = sum(arrived[each] for each in unsure)
    return f"{len(state)} mails, {len(unsure)} of them uncertain, of which {came} came"
