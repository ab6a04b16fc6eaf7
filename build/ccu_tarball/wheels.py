"""Wheels for another processor than this one, by pip."""

from __future__ import annotations

import re
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ccu_tarball.architectures import PYTHON, Architecture
from ccu_tarball.lock import Locked
from ccu_tarball.programs import run

FROM_DEBIAN: Final = frozenset({"cffi", "pycparser"})
"""Needed by cryptography; its compiled half comes from Debian, and nothing here uses the rest."""


def resolve(requirements: Sequence[str], architecture: Architecture, into: Path) -> list[str]:
    """Return `name==version` of all that `requirements` need. Raises CommandFailed."""
    run([*_pip_download(architecture, into), *requirements])
    pins = [f"{name}=={version}" for name, version in map(name_and_version, into.glob("*.whl"))]
    return sorted(pin for pin in pins if pin.partition("==")[0] not in FROM_DEBIAN)


def download(pins: Sequence[str], architecture: Architecture, into: Path) -> None:
    """Fetch exactly `pins`, `name==version`. Raises CommandFailed."""
    run([*_pip_download(architecture, into), "--no-deps", *pins])


def download_locked(wheels: Sequence[Locked], architecture: Architecture, into: Path) -> None:
    """Fetch exactly these files: where there are several of a version, the locked one."""
    into.mkdir(parents=True, exist_ok=True)
    lines = [f"{each.name}=={each.version} --hash=sha256:{each.sha256}\n" for each in wheels]
    requirements = into / "requirements.txt"
    requirements.write_text("".join(lines), "utf-8")
    run(
        [*_pip_download(architecture, into), "--no-deps", "--require-hashes", "-r", requirements],
    )


def name_and_version(wheel: Path) -> tuple[str, str]:
    """Return what a wheel's file name says, the name as registries write it."""
    name, version, *_ = wheel.name.split("-")
    return re.sub(r"[-_.]+", "-", name).lower(), version


def unpack(wheel: Path, into: Path) -> None:
    """Unpack a wheel that is not installed by anybody: its packages, nothing else."""
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.namelist():
            if ".data/" not in member:
                archive.extract(member, into)


def _pip_download(architecture: Architecture, into: Path) -> list[str | Path]:
    command: list[str | Path] = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    command += ["download", "--quiet", "--only-binary=:all:", "--dest", into]
    command += ["--implementation", "cp", "--python-version", PYTHON]
    for platform in architecture.wheel_platforms():
        command += ["--platform", platform]
    return command
