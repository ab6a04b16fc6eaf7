"""The portal's lock file covers what setup.py asks for, with hashes, and nothing else."""

from __future__ import annotations

from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import portal_lock
from portal_lock import LOCK_FILE, Pin, disagreements, read, wanted

TEXT = LOCK_FILE.read_text("utf-8")


def test_the_lock_file_keeps_what_setup_py_asks_for() -> None:
    assert disagreements(read(TEXT), wanted()) == [], "./package.sh lock portal"


def test_every_library_has_its_hashes() -> None:
    for pin in read(TEXT).values():
        assert pin.hashes, pin.name
        assert all(len(each) == len("sha256:") + 64 for each in pin.hashes), pin.name


def test_nothing_is_built_where_it_is_installed() -> None:
    assert "\n--only-binary :all:\n" in TEXT


def test_all_that_is_needed_is_locked_and_nothing_else() -> None:
    assert set(read(TEXT)) == needed(wanted()), "./package.sh lock portal"


def needed(requirements: list[str]) -> set[str]:
    """The names of `requirements` and of all that the installed ones need in turn."""
    found: dict[str, set[str]] = {}
    to_see = [Requirement(each) for each in requirements]
    while to_see:
        each = to_see.pop()
        name = canonicalize_name(each.name)
        if name in found and each.extras <= found[name]:
            continue
        found.setdefault(name, set()).update(each.extras)
        for line in metadata.requires(name) or ():
            inner = Requirement(line)
            extras = ("", *each.extras)
            if inner.marker is None or any(inner.marker.evaluate({"extra": x}) for x in extras):
                to_see.append(inner)
    return set(found)


@pytest.mark.parametrize(
    ("requirement", "said"),
    [
        ("aiohttp>=3.14,<4", []),
        ("AioHTTP>=3.14", []),
        ("aiohttp>=4", ["aiohttp is locked as 3.14.5, not >=4"]),
        ("lxml", ["lxml is not locked"]),
    ],
)
def test_a_lock_file_that_does_not_fit_is_found(requirement: str, said: list[str]) -> None:
    pins = {"aiohttp": Pin("aiohttp", "3.14.5", frozenset({"sha256:00"}))}
    assert disagreements(pins, [requirement]) == said


def test_a_library_without_a_hash_is_found() -> None:
    assert disagreements(read("aiohttp==3.14.5\n"), []) == ["aiohttp has no hash"]


def test_markers_and_comments_are_read() -> None:
    pins = read(
        "# x\nuvloop==1.0 ; sys_platform != 'win32' \\\n    --hash=sha256:aa\n    # via y\n"
    )
    assert pins == {"uvloop": Pin("uvloop", "1.0", frozenset({"sha256:aa"}))}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("aiohttp>=3", "aiohttp>=3"),
        ("aiohttp==1\naiohttp==2", "aiohttp==2"),
        ("no name at all", "no name at all"),
    ],
)
def test_what_is_no_lock_file_is_refused(text: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        read(text)


def test_whoever_locks_learns_why_it_failed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(_requirements: object) -> str:
        raise portal_lock.NotLocked("no version of aiohttp fits")

    monkeypatch.setattr(portal_lock, "resolve", fails)
    assert portal_lock.main() == 1
    assert capsys.readouterr().err == "package.sh: no version of aiohttp fits\n"
    assert LOCK_FILE.read_text("utf-8") == TEXT
