"""A hub to install on, and what is installed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub.archives import stand_in
from tests.hub.hubs import MakeHub, hubs


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--archive",
        action="append",
        type=Path,
        help="a real archive for this machine's processor, installed in the chroot instead of the "
        "stand-in (twice: the older one first); also CLOUDMATIC_ARCHIVE, separated by colons",
    )
    parser.addoption(
        "--cuts",
        type=int,
        default=50 if os.environ.get("CI") == "true" else 8,
        help="at how many random instants to cut an installation (default 8, in CI 50)",
    )


@pytest.fixture(scope="session")
def archives(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """An older and a newer archive; with only one real one, it is updated by itself."""
    given: list[Path] = request.config.getoption("--archive") or [
        Path(name) for name in os.environ.get("CLOUDMATIC_ARCHIVE", "").split(":") if name
    ]
    if given:
        return given[0].resolve(), given[-1].resolve()
    folder = tmp_path_factory.mktemp("archives")
    return stand_in(folder, "1.0.0"), stand_in(folder, "1.1.0")


@pytest.fixture(scope="session")
def archive(archives: tuple[Path, Path]) -> Path:
    return archives[0]


@pytest.fixture
def make_hub() -> Iterator[MakeHub]:
    with hubs() as make:
        yield make
