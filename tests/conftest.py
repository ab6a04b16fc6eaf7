"""What all tests share, and what the default run leaves to `--thorough`."""

from __future__ import annotations

from zlib import crc32

import pytest
from hypothesis import settings

# A shared machine may stop for a moment in any example; how fast something is, benchmarks tell.
settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--thorough",
        action="store_true",
        help="the website on both databases, not on either by turns; its screens in English, too",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--thorough"):
        return
    left = [each for each in items if isinstance(each, pytest.Function) and _is_left_out(each)]
    config.hook.pytest_deselected(items=left)
    gone = {*map(id, left)}
    items[:] = [each for each in items if id(each) not in gone]


def _is_left_out(test: pytest.Function) -> bool:
    """Whether it is a second telling of another one that runs."""
    ways = test.callspec.params if hasattr(test, "callspec") else {}
    if "browser" in test.keywords:
        # German first.
        return ways.get("language", ways.get("locale", "de")) in {"en", "en-GB"}
    # What is broken on purpose, and what asks the database itself, is tried on both.
    database = ways.get("database_url")
    if database is None or "portal" not in test.fixturenames or "fault" in test.keywords:
        return False
    turn = crc32(f"{test.path.name} {test.name.replace(str(database), '', 1)}".encode()) % 2
    return database != ("sqlite", "postgresql")[turn]
