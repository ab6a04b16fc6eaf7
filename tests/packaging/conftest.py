"""Archives, built once per session by the command that everybody uses."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ccu_tarball.own import REPOSITORY
from tests.hub.hubs import MakeHub, hubs
from tests.packaging.unpacked import Unpacked, unpack
from tests.passing_folder import passing_folder

Build = Callable[[str], Path]


@pytest.fixture(scope="session")
def packaging_folder() -> Iterator[Path]:
    with passing_folder("cloudmatic-packaging-") as folder:
        yield folder


@pytest.fixture(scope="session")
def build(packaging_folder: Path) -> Build:
    """Return a function that builds an architecture's archive, or has built it already."""

    def built(architecture: str) -> Path:
        dist = packaging_folder / "dist"
        found = list(dist.glob(f"*-{architecture}.tar.gz"))
        return found[0] if found else build_archive(architecture, packaging_folder / "work", dist)

    return built


def build_archive(architecture: str, work: Path, dist: Path) -> Path:
    """Build an archive in folders of its own; only the downloads are shared."""
    command = [sys.executable, "-m", "ccu_tarball", architecture]
    command += ["--work", str(work), "--dist", str(dist)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "build")}
    done = subprocess.run(
        command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (archive,) = dist.glob(f"*-{architecture}.tar.gz")
    return archive


@pytest.fixture(scope="session")
def archive(build: Build) -> Path:
    """The archive whose content is looked at; what it holds differs in binaries only."""
    return build("x86_64")


@pytest.fixture(
    scope="session",
    params=[
        "x86_64",
        pytest.param("aarch64", marks=pytest.mark.other_processors),
        pytest.param("armv7l", marks=pytest.mark.other_processors),
    ],
)
def hub_archive(request: pytest.FixtureRequest, build: Build) -> tuple[str, Path]:
    """Each architecture with its archive."""
    return request.param, build(request.param)


@pytest.fixture(scope="session")
def unpacked(hub_archive: tuple[str, Path], packaging_folder: Path) -> Unpacked:
    """Each architecture's archive as the firmware unpacks it, somewhere."""
    architecture, file = hub_archive
    return unpack(file, packaging_folder / f"unpacked {architecture}", architecture)


@pytest.fixture
def hub_root(packaging_folder: Path) -> Iterator[Path]:
    """An empty hub, with a path that a socket may have."""
    folder = Path(tempfile.mkdtemp(dir=packaging_folder))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def make_hub() -> Iterator[MakeHub]:
    with hubs() as make:
        yield make
