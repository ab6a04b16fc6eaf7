"""What the hub keeps of its own on an SD card that may forget (ccu_dashboard/storage)."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from ccu_dashboard.storage import pairing_file, release_memory, status_cache
from ccu_dashboard.storage.release_memory import Asked, ReleaseMemory
from ccu_dashboard.storage.status_cache import Enrolment, PortalMemory, Refusal
from tests.factories import ACCOUNT_ID, COMPLETE, NOW, PORTAL, TODAY, hub_status, period

PROMISE = "any bytes are what was kept, or nothing; nothing is raised"


def check(data: bytes) -> None:
    file = _folder() / "file"
    file.write_bytes(data)
    assert isinstance(status_cache.load(file), PortalMemory)
    assert isinstance(release_memory.load(file), ReleaseMemory)
    pairing_file.load(file, PORTAL)


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="cloudmatic-fuzz-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def seeds() -> Iterable[bytes]:
    file = _folder() / "seed"
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
    yield b"[" * 5000
