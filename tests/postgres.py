"""A PostgreSQL cluster of the tests' own: below a temporary folder, on a Unix socket, gone after.

It needs the server's programs, nothing running and no account: Debian's `postgresql`. As root
the server runs as an unprivileged user, because it refuses root.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

import asyncpg  # type: ignore[import-untyped]
import pytest

WITHOUT: Final = "CLOUDMATIC_TESTS_WITHOUT_POSTGRESQL"
MISSING: Final = (
    "PostgreSQL is not installed (Debian package `postgresql`); "
    f"to run the tests without it, set {WITHOUT}=1"
)
_FOLDERS: Final = "/usr/lib/postgresql/*/bin"
_PATIENCE: Final = 30
_ALWAYS: Final = ("-cmax_connections=200", "-clisten_addresses=")
# Nothing here outlives the tests, so nothing needs to reach the disk.
_CARELESS: Final = (
    "-cfsync=off",
    "-cfull_page_writes=off",
    "-csynchronous_commit=off",
    "-cautovacuum=off",
)


def programs() -> Path | None:
    """The folder of the newest server installed, or None."""
    found = sorted(Path("/").glob(_FOLDERS.removeprefix("/") + "/initdb"))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    return Path(on_path).parent if on_path else None


class Cluster:
    """A running server; each test may have a database of its own, copied from a template."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._made = 0

    def url(self, database: str) -> str:
        return f"postgresql+asyncpg://tests@/{database}?host={self.folder}"

    async def create(self, template: str = "template1", name: str | None = None) -> str:
        """Make a database and return its name."""
        self._made += 1
        name = name or f"test_{self._made}"
        await self._do(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    async def drop(self, name: str) -> None:
        await self._do(f"DROP DATABASE {name} WITH (FORCE)")

    async def remember(self, name: str, tables: list[str]) -> None:
        """Keep the rows that `tables` of the database have now. (Copying a database per test
        takes a quarter of a second, putting rows back a hundredth.)
        """
        copies = "".join(f"CREATE TABLE kept.{each} AS TABLE {each};" for each in tables)
        await self._do(f"CREATE SCHEMA kept; {copies}", name)

    async def recall(self, name: str, tables: list[str]) -> None:
        """Let `tables`, given in the order in which they depend, have the remembered rows."""
        delete = "".join(f"DELETE FROM {each};" for each in reversed(tables))  # noqa: S608
        insert = "".join(f"INSERT INTO {each} TABLE kept.{each};" for each in tables)
        # Triggers that keep rows from being deleted are for the portal, not for us.
        ours = "SET LOCAL session_replication_role = replica;"
        await self._do(f"BEGIN; {ours} {delete} {insert} COMMIT", name)

    async def _do(self, statement: str, database: str = "postgres") -> None:
        connection = await asyncpg.connect(host=str(self.folder), user="tests", database=database)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


def required(running: Cluster | None) -> Cluster:
    """The cluster, for a test on it. Without one it fails, unless somebody asked to do without."""
    if running is not None:
        return running
    if os.environ.get(WITHOUT) == "1":
        pytest.skip(f"{WITHOUT}=1")
    pytest.fail(MISSING)


class _Server:
    """initdb, start, stop."""

    def __init__(self, binaries: Path, folder: Path, options: tuple[str, ...]) -> None:
        self.binaries = binaries
        self.folder = folder
        self.options = options
        self.user = _unprivileged_user()

    def __enter__(self) -> Self:
        if self.user is not None:
            shutil.chown(self.folder, self.user)
        self._run("initdb", "-D", "data", "-U", "tests", "-A", "trust", "-E", "UTF8", "--no-sync")
        log = (self.folder / "log").open("wb")
        with log:
            self.process = subprocess.Popen(
                [
                    self.binaries / "postgres",
                    "-D",
                    "data",
                    f"-k{self.folder}",
                    *_ALWAYS,
                    *self.options,
                ],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self.user,
                env={"LC_ALL": "C.UTF-8", "PATH": os.defpath},
            )
        self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        # An immediate stop: no checkpoint for data that is thrown away.
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(_PATIENCE)

    def _wait(self) -> None:
        ready = [str(self.binaries / "pg_isready"), "-q", "-h", str(self.folder)]
        deadline = time.monotonic() + _PATIENCE
        while subprocess.run(ready, check=False).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "log").read_text("utf-8", "replace"))
            time.sleep(0.05)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self.binaries / program, *arguments],
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
            user=self.user,
            env={"LC_ALL": "C.UTF-8", "PATH": os.defpath},
        )


@contextmanager
def cluster(binaries: Path, *, careful: bool = False) -> Iterator[Cluster]:
    """A server that runs as long as the block does; a careful one keeps what it commits."""
    # Not pytest's folder: root's own, where the server's user could not go; and a socket's path
    # has to be short.
    with (
        tempfile.TemporaryDirectory(prefix="cm-pg-", dir="/tmp") as name,
        _Server(binaries, Path(name), () if careful else _CARELESS),
    ):
        yield Cluster(Path(name))


def _unprivileged_user() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)
