"""What the portal said survives restarts, and a damaged file is as good as none."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccu_dashboard.storage import status_cache
from ccu_dashboard.storage.status_cache import NOTHING, Enrolment, PortalMemory
from cloudmatic_link.status import HubStatus
from tests.factories import ACCOUNT_ID, NOW, PORTAL, TODAY, hub_key, hub_status, period

MEMORY = PortalMemory(
    enrolment=Enrolment(PORTAL, ACCOUNT_ID, hub_key().key_id),
    status=hub_status(period(TODAY, TODAY)),
    etag='"abc"',
    received_at=NOW,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "status.json"


@pytest.mark.parametrize(
    "memory",
    [MEMORY, NOTHING, PortalMemory(enrolment=MEMORY.enrolment), replace(MEMORY, etag=None)],
)
def test_what_is_kept_is_read_again(file: Path, memory: PortalMemory) -> None:
    status_cache.save(file, MEMORY)
    status_cache.save(file, memory)
    assert status_cache.load(file) == memory


def test_no_file_is_no_memory(file: Path) -> None:
    assert status_cache.load(file) == NOTHING


def test_only_the_service_can_read_it(file: Path) -> None:
    status_cache.save(file, MEMORY)
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_card_is_written_only_on_change(file: Path) -> None:
    status_cache.save(file, MEMORY)
    before = file.stat()
    status_cache.save(file, replace(MEMORY))
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    status_cache.save(file, replace(MEMORY, etag='"def"'))
    assert file.stat().st_ino != before.st_ino


def test_a_reader_never_sees_half_a_file(file: Path) -> None:
    status_cache.save(file, MEMORY)
    with file.open("rb") as old:
        status_cache.save(file, NOTHING)
        assert json.loads(old.read())["etag"] == MEMORY.etag
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.fault("disk full", "what the hub kept stays as it was")
def test_what_cannot_be_written_is_an_os_error_and_nothing_changes(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    status_cache.save(file, MEMORY)
    kept = file.read_bytes()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        status_cache.save(file, NOTHING)
    assert file.read_bytes() == kept
    assert list(file.parent.iterdir()) == [file]


def is_sound(memory: PortalMemory) -> bool:
    """Every part is None or of its type: anything else would fail on a page, much later."""
    return (
        isinstance(memory.enrolment, Enrolment | None)
        and isinstance(memory.status, HubStatus | None)
        and isinstance(memory.etag, str | None)
        and (memory.received_at is None or memory.received_at.tzinfo is not None)
    )


@given(st.binary(max_size=200))
def test_any_bytes_are_a_memory_or_none(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert status_cache.load(file) == NOTHING


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(["enrolment", "status", "etag", "received_at"]), JSON))
def test_a_damaged_member_never_reaches_a_page(file: Path, members: dict[str, object]) -> None:
    status_cache.save(file, MEMORY)
    document = json.loads(file.read_text()) | members
    file.write_text(json.dumps(document))
    assert is_sound(status_cache.load(file))


@pytest.mark.parametrize(
    ("member", "value"),
    [("status", {}), ("status", 0), ("status", []), ("etag", []), ("etag", 5), ("enrolment", {}),
     ("enrolment", ""), ("received_at", "2026-11-23T12:00:00"), ("received_at", ""),
     ("enrolment", {"portal": 1, "account": [], "key": None})],
)  # fmt: skip
def test_a_memory_that_is_wrong_anywhere_counts_for_nothing(
    file: Path, member: str, value: object
) -> None:
    status_cache.save(file, MEMORY)
    file.write_text(json.dumps(json.loads(file.read_text()) | {member: value}))
    assert status_cache.load(file) == NOTHING


def test_nesting_without_end_is_a_damaged_file(file: Path) -> None:
    file.write_text("[" * 200_000)
    assert status_cache.load(file) == NOTHING


@pytest.mark.fault("damaged file", "what the hub kept, cut anywhere: as if it was not there")
def test_a_file_cut_anywhere_is_a_damaged_file(file: Path) -> None:
    status_cache.save(file, MEMORY)
    whole = file.read_bytes()
    for length in range(0, len(whole), 7):
        file.write_bytes(whole[:length])
        assert status_cache.load(file) == NOTHING
