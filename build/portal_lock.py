"""The portal's lock file: each library of it, and what those need, by version and hash.

    ./package.sh lock portal

writes it anew from setup.py with the newest versions that fit. It holds for every processor and for
Python 3.11 and newer, has wheels only (building one would fetch tools that nobody locked), and also
the tools that build our own package, so that nothing at all is fetched besides.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ccu_tarball.refresh import declared

ROOT: Final = Path(__file__).resolve().parent.parent
LOCK_FILE: Final = ROOT / "build" / "portal.lock.txt"
OLDEST_PYTHON: Final = "3.11"
_HEAD: Final = """\
# The portal's libraries for production, written by `./package.sh lock portal`. Install with
#   pip install --require-hashes -r build/portal.lock.txt
#   pip install --no-deps --no-build-isolation .
"""


class NotLocked(Exception):
    """The versions could not be found; the message is for whoever locks."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One library of the lock file; `hashes` are of the files that may be installed."""

    name: str
    version: str
    hashes: frozenset[str]


def wanted(root: Path = ROOT) -> list[str]:
    """Return what setup.py asks for the portal, and pyproject.toml to build it."""
    setup_file = root / "setup.py"
    with (root / "pyproject.toml").open("rb") as stream:
        tools = tomllib.load(stream)["build-system"]["requires"]
    return [
        *declared(setup_file, "install_requires"),
        *declared(setup_file, "extras_require")["portal"],
        *tools,
    ]


def read(text: str) -> dict[str, Pin]:
    """Return the libraries of a lock file by name. Raises ValueError if a line is none."""
    pins: dict[str, Pin] = {}
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if not line.strip() or line.startswith("--"):
            continue
        named, *hashes = line.split(" --hash=")
        requirement = Requirement(named)
        name = canonicalize_name(requirement.name)
        if name in pins or not str(requirement.specifier).startswith("=="):
            raise ValueError(named)
        version = str(requirement.specifier).removeprefix("==")
        pins[name] = Pin(name, version, frozenset(each.strip() for each in hashes))
    return pins


def disagreements(pins: Mapping[str, Pin], requirements: Iterable[str]) -> list[str]:
    """Return a sentence for each requirement that the lock file does not keep."""
    found = [f"{pin.name} has no hash" for pin in pins.values() if not pin.hashes]
    for each in map(Requirement, requirements):
        pin = pins.get(canonicalize_name(each.name))
        if pin is None:
            found.append(f"{each.name} is not locked")
        elif not each.specifier.contains(pin.version, prereleases=True):
            found.append(f"{each.name} is locked as {pin.version}, not {each.specifier}")
    return found


def resolve(requirements: Iterable[str]) -> str:
    """Return a lock file with the newest versions that fit. Raises NotLocked."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "requirements.in").write_text("\n".join(requirements), "utf-8")
        command: list[str | Path] = [
            Path(sys.executable).with_name("uv"),
            "pip",
            "compile",
            "--quiet",
            "--no-header",
        ]
        command += ["--universal", "--python-version", OLDEST_PYTHON]
        command += ["--generate-hashes", "--only-binary", ":all:", "--emit-build-options"]
        try:
            done = subprocess.run(
                [*command, "requirements.in"],
                cwd=folder,
                capture_output=True,
                text=True,
                check=False,
            )
        except OSError as error:
            raise NotLocked(f"uv: {error.strerror}") from error
    if done.returncode != 0:
        raise NotLocked(done.stderr.strip())
    return done.stdout


def main() -> int:
    try:
        text = _HEAD + resolve(wanted())
    except NotLocked as error:
        print(f"package.sh: {error}", file=sys.stderr)
        return 1
    LOCK_FILE.write_text(text, "utf-8")
    print(f"{LOCK_FILE}: {len(read(text))} libraries", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
