"""Debian packages of any architecture, by apt with a state of its own.

The sources and keys are this machine's; its lists, cache and set of architectures stay untouched,
and no root is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ccu_tarball.architectures import Architecture
from ccu_tarball.errors import CommandFailed
from ccu_tarball.programs import run

PACKAGES: Final = (
    "base-files",  # the texts of the licences that others refer to
    "gcc-12-base",  # the licence of libgcc-s1
    "libc6",
    "libexpat1",
    "libffi8",
    "libgcc-s1",
    "libpython3.11-minimal",
    "libpython3.11-stdlib",
    "libssl3",
    "python3-cffi-backend",  # cffi itself has no wheel for armv7l
    "python3.11-minimal",
    "zlib1g",
)


class Apt:
    """apt for one architecture, with everything it writes below `folder`."""

    def __init__(self, folder: Path, architecture: Architecture) -> None:
        self._folder = folder
        self._architecture = architecture
        self._configuration = folder / "apt.conf"

    def update(self) -> str:
        """Read the registry's lists; returns what went wrong, or nothing. Raises CommandFailed."""
        self._prepare()
        said = self._apt("update")
        return "\n".join(line for line in said.splitlines() if line.startswith(("E:", "Err:")))

    def versions(self, names: Sequence[str]) -> dict[str, str]:
        """Return the newest version of each package that apt knows. Raises CommandFailed."""
        said = run(
            ["apt-cache", "--no-all-versions", "show", *names], environment=self._environment
        )
        found: dict[str, str] = {}
        name = ""
        for line in said.splitlines():
            field, _, value = line.partition(": ")
            if field == "Package":
                name = value
            elif field == "Version":
                found.setdefault(name, value)
        return found

    def download(self, versions: Sequence[tuple[str, str]], into: Path) -> None:
        """Fetch `(name, version)` pairs. Raises CommandFailed if one of them is not offered."""
        into.mkdir(parents=True, exist_ok=True)
        wanted = [f"{name}={version}" for name, version in versions]
        run(
            ["apt-get", "-q", "-o", "Acquire::Retries=3", "download", *wanted],
            cwd=into,
            environment=self._environment,
        )

    @property
    def _environment(self) -> dict[str, str]:
        return {"APT_CONFIG": str(self._configuration)}

    def _apt(self, command: str) -> str:
        try:
            return run(
                ["apt-get", "-q", "-o", "Acquire::Retries=3", command],
                environment=self._environment,
            )
        except CommandFailed as error:
            # Some lists could not be read, others were: whoever needs them decides.
            if "E: Some index files failed" in error.output or "E: Failed to fetch" in error.output:
                return error.output
            raise

    def _prepare(self) -> None:
        for folder in ("state/lists/partial", "cache/archives/partial"):
            (self._folder / folder).mkdir(parents=True, exist_ok=True)
        (self._folder / "status").touch()
        name = self._architecture.debian
        self._configuration.write_text(
            f'APT::Architecture "{name}";\n'
            f'APT::Architectures {{ "{name}"; }};\n'
            f'Dir::State "{self._folder}/state";\n'
            f'Dir::State::status "{self._folder}/status";\n'
            f'Dir::Cache "{self._folder}/cache";\n'
            'APT::Sandbox::User "";\n',
            "utf-8",
        )


def unpack(package: Path, into: Path) -> None:
    """Unpack a .deb's files. Raises CommandFailed."""
    into.mkdir(parents=True, exist_ok=True)
    run(["dpkg-deb", "--extract", package, into])
