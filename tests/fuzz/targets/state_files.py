"""What the hub keeps of its own on an SD card that may forget (ccu_dashboard/storage)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from ccu_dashboard.storage import pairing_file, release_memory, status_cache
from ccu_dashboard.storage.release_memory import Asked, ReleaseMemory
from ccu_dashboard.storage.status_cache import Enrolment, PortalMemory, Refusal
from tests.factories import ACCOUNT_ID, COMPLETE, NOW, PORTAL, TODAY, hub_status, period
from tests.fuzz.parts import folder

PROMISE = "any bytes are what was kept, as values, or nothing; nothing is raised"


def check(data: bytes) -> None:
    file = folder("state_files") / "file"
    file.write_bytes(data)
    memory, releases = status_cache.load(file), release_memory.load(file)
    assert isinstance(memory, PortalMemory)
    assert isinstance(releases, ReleaseMemory)
    # Pages are kept by what they were made of.
    hash((memory, releases, pairing_file.load(file, PORTAL)))


def seeds() -> Iterable[bytes]:
    file = folder("state_files") / "seed"
    status_cache.save(
        file,
        PortalMemory(
            enrolment=Enrolment(PORTAL, ACCOUNT_ID, "key"),
            status=hub_status(period(TODAY, TODAY, COMPLETE)),
            etag='"1"',
            received_at=NOW,
            refusal=Refusal(PORTAL, ACCOUNT_ID, "hub-unknown"),
        ),
    )
    yield file.read_bytes()
    asked = Asked(datetime(2026, 11, 23, tzinfo=UTC), "boot", 1.5)
    release_memory.save(file, ReleaseMemory(asked, "a.b.c", '"1"', "unreachable"))
    yield file.read_bytes()
    yield b'{"state": "ended", "ending": "denied", "reason": ""}'
    yield b'{"state": "wanted", "key": null}'
    yield b"[" * 5000
