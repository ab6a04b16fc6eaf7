"""A hub to install on, and what is installed."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.hub import chroot
from tests.hub.archives import stand_in
from tests.hub.chroot import ChrootHub


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


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


MakeHub = Callable[..., ChrootHub]


@pytest.fixture
def make_hub() -> Iterator[MakeHub]:
    """Make hubs in chroots. Where that is impossible the test says so, and fails in CI."""
    reason = chroot.unavailable()
    if reason is not None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"a hub in a chroot {reason}")
        pytest.skip(f"NOT TESTED: a hub in a chroot {reason}")
    with ExitStack() as stack:

        def make(**settings: object) -> ChrootHub:
            # Short: the path of a Unix socket has at most 107 characters.
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="hub-", dir="/tmp"))
            Path(folder).chmod(0o755)
            settings.setdefault("engine_port", free_port())
            hub = ChrootHub(Path(folder) / "ccu", free_port(), **settings)  # type: ignore[arg-type]
            stack.callback(hub.close)
            return hub

        yield make
