"""The portal, installed from its lock file by the commands of docs/betrieb.de.md."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from packaging.utils import canonicalize_name

from ccu_tarball.own import REPOSITORY
from portal_lock import read


def test_it_is_installed_from_the_lock_file_alone(tmp_path: Path) -> None:
    source, venv = tmp_path / "src", tmp_path / "venv"
    leave_out = shutil.ignore_patterns(".venv", ".git", ".package", ".run", "dist", "*-results")
    shutil.copytree(REPOSITORY, source, ignore=leave_out)
    run(sys.executable, "-m", "venv", venv)
    lock_file = source / "build" / "portal.lock.txt"
    run(venv / "bin" / "pip", "install", "-q", "--no-compile", "--require-hashes", "-r", lock_file)
    # No index: nothing may be fetched that the lock file does not name.
    nowhere = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "PATH": os.defpath}
    own = ("install", "-q", "--no-deps", "--no-build-isolation", source)
    run(venv / "bin" / "pip", *own, environment=nowhere)

    (packages,) = (venv / "lib").glob("*/site-packages")
    installed: dict[str, str] = {
        canonicalize_name(each.name): each.version
        for each in metadata.distributions(path=[str(packages)])
    }
    for pin in read(lock_file.read_text("utf-8")).values():
        assert installed[pin.name] == pin.version
    settings = {
        "CLOUDMATIC_PORTAL_ORIGIN": "http://localhost:8000",
        "CLOUDMATIC_PORTAL_DATABASE": str(tmp_path / "portal.db"),
        "CLOUDMATIC_PORTAL_SECRET": "s" * 40,
    }
    run(venv / "bin" / "cloudmatic-portal", "migrate", environment=settings)
    assert (tmp_path / "portal.db").stat().st_size > 0


def run(*words: str | Path, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
