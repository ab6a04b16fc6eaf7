"""The lock file, and what is said when a registry or a file does not fit it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from ccu_tarball import lock, shared_libraries
from ccu_tarball.architectures import ARCHITECTURES
from ccu_tarball.debian import PACKAGES
from ccu_tarball.downloads import Downloads, sha256
from ccu_tarball.errors import (
    CommandFailed,
    HashDiffers,
    LibraryMissing,
    LockFileUnusable,
    NotOffered,
)
from ccu_tarball.lock import Carried, Locked
from ccu_tarball.own import REPOSITORY
from ccu_tarball.refresh import requirement_names
from ccu_tarball.tree import Tree

_ARMV7L = ARCHITECTURES["armv7l"]
_PACKAGE = Locked("zlib1g", "1.2", "zlib1g_1.2_armhf.deb", "0" * 64)


def test_the_lock_file_covers_what_the_hub_needs() -> None:
    needed = requirement_names(REPOSITORY / "setup.py")
    versions = []
    for carried in lock.read().values():
        assert {each.name for each in carried.debian} == set(PACKAGES)
        assert needed <= {each.name for each in carried.wheels}
        versions.append({(each.name, each.version) for each in carried.wheels})
    # One behaviour on every hub.
    assert versions[0] == versions[1] == versions[2]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    carried = {name: Carried((_PACKAGE,), ()) for name in ARCHITECTURES}
    lock.write(carried, tmp_path / "lock.json")
    assert lock.read(tmp_path / "lock.json") == carried


def test_an_update_that_one_processor_lacks_is_named() -> None:
    newer = replace(_PACKAGE, version="1.3")
    carried = {"armv7l": Carried((_PACKAGE,), ()), "x86_64": Carried((newer,), ())}
    assert lock.unequal(carried) == ["zlib1g is locked as 1.2 for armv7l, 1.3 for x86_64"]


def test_a_package_built_again_from_the_same_source_lacks_nothing() -> None:
    rebuilt = replace(_PACKAGE, version="1.2+b1")
    carried = {"armv7l": Carried((_PACKAGE,), ()), "x86_64": Carried((rebuilt,), ())}
    assert lock.unequal(carried) == []


@pytest.mark.parametrize("content", ["", "{}", '{"format": 9}', '{"format": 1}'])
def test_a_damaged_lock_file_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "lock.json"
    file.write_text(content, "ascii")
    with pytest.raises(LockFileUnusable, match=r"package\.sh lock"):
        lock.read(file)


def test_a_lock_file_older_than_the_code_is_named() -> None:
    with pytest.raises(LockFileUnusable, match="new-package"):
        lock.require(Carried((_PACKAGE,), ()), ["zlib1g"], ["new-package"])


def test_another_file_than_the_locked_one_stops_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other_file(_apt: object, _wanted: object, into: Path) -> None:
        (into / _PACKAGE.file).write_bytes(b"something else")

    monkeypatch.setattr("ccu_tarball.downloads.Apt.update", lambda _apt: "")
    monkeypatch.setattr("ccu_tarball.downloads.Apt.download", other_file)
    with pytest.raises(HashDiffers, match="not what was locked"):
        Downloads(tmp_path).debian([_PACKAGE], _ARMV7L)
    assert list(tmp_path.rglob("*.deb")) == []


def test_two_builds_at_once_fetch_a_file_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"a package"
    wanted = replace(_PACKAGE, sha256=hashlib.sha256(content).hexdigest())
    fetched = []

    def slowly(_apt: object, _wanted: object, into: Path) -> None:
        fetched.append(wanted)
        time.sleep(0.2)
        (into / wanted.file).write_bytes(content)

    monkeypatch.setattr("ccu_tarball.downloads.Apt.update", lambda _apt: "")
    monkeypatch.setattr("ccu_tarball.downloads.Apt.download", slowly)
    with ThreadPoolExecutor(2) as builds:
        both = [builds.submit(Downloads(tmp_path).debian, [wanted], _ARMV7L) for _ in range(2)]
    assert both[0].result() == both[1].result()
    assert fetched == [wanted]


def test_a_file_that_changed_on_this_disk_stops_the_build(tmp_path: Path) -> None:
    kept = tmp_path / _PACKAGE.sha256[:16] / _PACKAGE.file
    kept.parent.mkdir()
    kept.write_bytes(b"something else")
    with pytest.raises(HashDiffers):
        Downloads(tmp_path).debian([_PACKAGE], _ARMV7L)


def test_a_version_that_is_gone_is_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_apt: object, wanted: Sequence[tuple[str, str]], _into: Path) -> None:
        raise CommandFailed(["apt-get"], f"E: Version for {wanted} was not found")

    monkeypatch.setattr("ccu_tarball.downloads.Apt.update", lambda _apt: "")
    monkeypatch.setattr("ccu_tarball.downloads.Apt.download", gone)
    with pytest.raises(NotOffered, match=r"zlib1g 1\.2\. .* run `\./package\.sh lock`"):
        Downloads(tmp_path).debian([_PACKAGE], _ARMV7L)


def test_a_library_that_nobody_brings_is_named(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing, match="ld-linux-armhf"):
        shared_libraries.carry(Tree(tmp_path, _ARMV7L), [], {})


def test_a_hash_is_that_of_the_content(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert sha256(tmp_path / "empty").startswith("e3b0c44298fc1c14")
