"""Hubs that ask for their status: what one portal process carries, and a power cut in a city.

    python -m benchmarks.fleet [--hubs N ...] [--rounds N] [--seconds N] [--quick]

On PostgreSQL, on this machine's disk, with as many accounts as hubs. Tokens are signed beforehand
as a hub signs them, each is really checked, and no answer but 304 counts. The load comes from
Debian's wrk. Beside it, in the same rounds: the same request without a token, which the portal
refuses without asking its database.

The power cut is reckoned in virtual time (`power_cut.py`), with the hubs' own pauses and with the
rate that was measured.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import insert, text

from benchmarks import power_cut
from benchmarks.measure import Benchmark, Measured, Yardstick, number, parser, progress
from benchmarks.wrk import Load, Pressed, press
from ccu_dashboard.clients.portal import PortalClient
from ccu_dashboard.domain.account import License, Linked
from ccu_dashboard.services.clock import HubClock
from ccu_dashboard.services.enrolment import Hub, HubIdentity
from cloudmatic_link import api, signing
from cloudmatic_link.claims import HubToken
from cloudmatic_link.keys import HubKey, PublicKey
from cloudmatic_portal.cli.demo import CATALOGUE
from cloudmatic_portal.services import catalogue, catalogue_file
from cloudmatic_portal.storage.database import Database, parse_url
from cloudmatic_portal.storage.schema import migrate
from cloudmatic_portal.storage.tables import hub_keys
from tests import postgres
from tests.demo.portal_process import PortalProcess

TARGET: Final = 1000.0
CHECK_PART: Final = 0.5
"""What a check of a token shall reach of the bare signature's rate."""

AT_ONCE: Final = 32
CHECKS: Final = 500

# Of every account one hub; the hubs that ask get their keys afterwards, the others these.
FILL: Final = (
    """INSERT INTO accounts (id, user_name, user_name_folded, email, email_folded, password_hash,
         language, created_at)
       SELECT n, 'c' || n, 'c' || n, 'c' || n || '@example.org', 'c' || n || '@example.org',
         '$argon2id$none', 'de', now() FROM generate_series(1, :hubs) n""",
    """INSERT INTO access_periods (account_id, product, first_day, last_day, trial)
       SELECT n, 'complete', CURRENT_DATE - 100, CURRENT_DATE + 200, false
       FROM generate_series(1, :hubs) n""",
    """INSERT INTO hubs (id, account_id, serial, enrolled_at)
       SELECT n, n, 'FLEET' || lpad(n::text, 8, '0'), now() FROM generate_series(1, :hubs) n""",
    """INSERT INTO hub_keys (key_id, hub_id, public_key, created_at)
       SELECT left(md5(n::text) || md5('k' || n), 43), n,
         decode(md5(n::text) || md5('p' || n), 'hex'), now()
       FROM generate_series(1, :hubs) n WHERE n % :step > 0""",
)


@dataclass(frozen=True, slots=True)
class Asking:
    """A hub of the fleet that asks. `etag` is of the status that it has."""

    hub: Hub
    key: HubKey
    etag: str = ""

    def token(self, portal: str) -> str:
        identity = HubIdentity(
            hub=self.hub,
            key=self.key,
            portal=portal,
            clock=HubClock(),
            random_bytes=secrets.token_bytes,
        )
        return identity.token()


def _parser() -> argparse.ArgumentParser:
    made = parser(__doc__)
    made.add_argument("--hubs", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    made.add_argument("--asking", type=int, default=500, help="of the hubs, in turn")
    made.add_argument("--rounds", type=int, default=5)
    made.add_argument("--seconds", type=float, default=5.0, help="of each round")
    made.add_argument("--cut", type=int, default=100_000, help="hubs without power")
    return made


def _measure(options: argparse.Namespace) -> list[Measured]:
    if options.quick:
        options.hubs, options.asking, options.cut = [200], 10, 500
        options.rounds, options.seconds = 2, 0.5
    binaries = postgres.programs()
    if binaries is None:
        raise SystemExit(postgres.MISSING)
    found = [_checks(options.rounds)]
    rate = TARGET
    with postgres.cluster(binaries, careful=True) as cluster:
        for hubs in options.hubs:
            progress(f"fleet: {hubs} hubs")
            url = cluster.url(asyncio.run(cluster.create()))
            answered = asyncio.run(_fleet(url, hubs, options))
            rate = answered[0].median
            found.extend(answered)
    return found + power_cut.measured(options.cut, rate, random.Random(4711))  # noqa: S311


def _checks(rounds: int) -> Measured:
    """How often a second this processor checks a hub's token, and a bare signature. The token's key
    is one that was just read from the database.
    """
    asking, portal = _new(1), "https://portal.example"
    token, now = asking.token(portal), datetime.now(UTC) + timedelta(seconds=1)
    stored, key_id = asking.key.public.to_bytes(), asking.key.key_id
    public = Ed25519PublicKey.from_public_bytes(stored)
    signed, _, encoded = token.rpartition(".")
    signature = base64.urlsafe_b64decode(encoded + "==")
    tasks: dict[str, Callable[[], Any]] = {
        "token": lambda: signing.verify(
            token, HubToken, PublicKey.from_bytes(stored, key_id), audience=portal, now=now
        ),
        "signature": lambda: public.verify(signature, signed.encode("ascii")),
    }
    rates: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds + 1):
        for name, task in tasks.items():
            began = time.perf_counter()
            for _ in range(CHECKS):
                task()
            rates[name].append(CHECKS / (time.perf_counter() - began))
    # The first round was to warm up.
    bare = Yardstick("the bare Ed25519 signature", tuple(rates["signature"][1:]))
    return Measured(
        name="a hub's token checked",
        unit="/s",
        values=tuple(rates["token"][1:]),
        better="more",
        target=CHECK_PART * bare.median,
        yardstick=bare,
    )


def _new(number: int) -> Asking:
    account = Linked(
        account_id=str(number),
        user_name=f"c{number}",
        user_key="none",
        last_day=None,
        license=License(product=None, trial=False),
    )
    return Asking(Hub(f"FLEET{number:08}", account), HubKey.generate())


async def _fleet(url: str, hubs: int, options: argparse.Namespace) -> list[Measured]:
    """What one portal process answers in a second, with `hubs` in its database."""
    step = max(1, hubs // options.asking)
    asking = [_new(number) for number in range(step, hubs + 1, step)]
    await _fill(url, hubs, step, asking)
    rounds: dict[str, list[Pressed]] = {"known": [], "refused": []}
    with tempfile.TemporaryDirectory(prefix="cm-benchmark-") as folder:
        mails = {"CLOUDMATIC_PORTAL_MAIL_FOLDER": f"{folder}/mail"}
        portal = PortalProcess(Path(folder), database=url, more=mails)
        await portal.start()
        try:
            # The first question of each also notes the contact, as once an hour.
            asking = await asyncio.to_thread(_introduced, asking, portal.origin)
            _press(_known(asking, portal.origin, min(1.0, options.seconds)))
            for _ in range(options.rounds):
                # Signed anew: a token holds for five minutes.
                load = _known(asking, portal.origin, options.seconds)
                rounds["known"].append(_press(load))
                rounds["refused"].append(
                    _press(replace(load, headers=[{"Accept": "*/*"}], expected=401))
                )
        finally:
            await portal.stop()
    return [
        Measured(
            name=f"statuses unchanged, {number(hubs)} hubs",
            unit="/s",
            values=tuple(each.rate for each in rounds["known"]),
            better="more",
            target=TARGET,
            yardstick=Yardstick(
                "refused without a token", tuple(each.rate for each in rounds["refused"])
            ),
            curve="Unchanged statuses from one process, over the number of hubs",
            size=hubs,
        ),
        Measured(
            name=f"99 of 100 of these within, {AT_ONCE} at once",
            unit="ms",
            values=tuple(each.p99 for each in rounds["known"]),
            yardstick=Yardstick(
                "refused without a token", tuple(each.p99 for each in rounds["refused"])
            ),
        ),
    ]


async def _fill(url: str, hubs: int, step: int, asking: list[Asking]) -> None:
    database = Database(parse_url(url))
    await migrate(database)
    await catalogue.load(database, catalogue_file.read(CATALOGUE.read_text("utf-8")))
    many = {"hubs": hubs, "step": step}
    async with database.writing() as connection:
        for statement in FILL:
            wanted = {name: each for name, each in many.items() if f":{name}" in statement}
            await connection.execute(text(statement), wanted)
        await connection.execute(insert(hub_keys), [_row(each) for each in asking])
    async with database.writing() as connection:
        await connection.execute(text("ANALYZE"))
        # What was just loaded is not written out while answers are counted.
        await connection.execute(text("CHECKPOINT"))
    await database.close()


def _row(asking: Asking) -> dict[str, Any]:
    return {
        "key_id": asking.key.key_id,
        "hub_id": int(asking.hub.account.account_id),
        "public_key": asking.key.public.to_bytes(),
        "created_at": datetime.now(UTC),
    }


def _introduced(asking: list[Asking], portal: str) -> list[Asking]:
    """Each has asked once, with the hub's own client, and has its status now."""
    client = PortalClient(portal)
    return [
        replace(each, etag=client.status(each.token(portal), None).etag or "") for each in asking
    ]


def _known(asking: list[Asking], portal: str, seconds: float) -> Load:
    headers = [
        {"Authorization": f"Bearer {each.token(portal)}", "If-None-Match": each.etag}
        for each in asking
    ]
    return Load(portal + api.STATUS_PATH, headers, 304, seconds, AT_ONCE)


def _press(load: Load) -> Pressed:
    pressed = press(load)
    if pressed.unexpected or pressed.refused or pressed.broken:
        raise RuntimeError(f"not all answers were HTTP {load.expected}: {pressed}")
    return pressed


BENCHMARK: Final = Benchmark(_parser, _measure)

if __name__ == "__main__":
    sys.exit(BENCHMARK.main())
