"""There is one key, only its owner reads it, and a damaged one is left for somebody to restore."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from ccu_dashboard.storage import hub_key
from cloudmatic_link.keys import KeyUnusable


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hub_key.pem"


def test_the_key_is_made_once_and_only_its_owner_reads_it(file: Path) -> None:
    assert hub_key.load(file) is None
    made = hub_key.load_or_create(file)
    assert file.stat().st_mode & 0o777 == 0o600
    again, loaded = hub_key.load_or_create(file), hub_key.load(file)
    assert loaded is not None
    assert made.key_id == again.key_id == loaded.key_id
    assert list(file.parent.iterdir()) == [file]


def test_of_many_that_make_it_at_once_all_get_the_same(file: Path) -> None:
    together = Barrier(8)

    def make(_number: int) -> str:
        together.wait()
        return hub_key.load_or_create(file).key_id

    for _ in range(10):
        with ThreadPoolExecutor(8) as pool:
            ids = set(pool.map(make, range(8)))
        kept = hub_key.load(file)
        assert kept is not None
        assert ids == {kept.key_id}
        assert list(file.parent.iterdir()) == [file]
        file.unlink()


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\n", b"\x00" * 119])
def test_a_damaged_key_is_left_alone(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(KeyUnusable):
        hub_key.load_or_create(file)
    assert file.read_bytes() == content
    assert list(file.parent.iterdir()) == [file]


def test_a_key_that_cannot_be_read_is_no_missing_key(file: Path) -> None:
    file.mkdir()
    with pytest.raises(IsADirectoryError):
        hub_key.load_or_create(file)


def test_a_replaced_key_is_another_and_as_secret(file: Path) -> None:
    first = hub_key.load_or_create(file)
    second = hub_key.replace(file)
    kept = hub_key.load(file)
    assert kept is not None
    assert kept.key_id == second.key_id != first.key_id
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]
