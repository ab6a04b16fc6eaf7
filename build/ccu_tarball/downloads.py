"""The locked files on this disk: fetched once, verified at every use."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ccu_tarball import wheels
from ccu_tarball.architectures import Architecture
from ccu_tarball.debian import Apt
from ccu_tarball.errors import CommandFailed, HashDiffers, NotOffered
from ccu_tarball.lock import Locked

Fetch = Callable[[Sequence[Locked], Path], None]


class Downloads:
    """Keeps fetched files below `folder`, under their hashes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def debian(self, packages: Sequence[Locked], architecture: Architecture) -> dict[Locked, Path]:
        """Return the .deb of each package. Raises NotOffered, HashDiffers."""

        def fetch(missing: Sequence[Locked], into: Path) -> None:
            apt = Apt(self._folder / "apt" / architecture.name, architecture)
            apt.update()
            apt.download([(each.name, each.version) for each in missing], into)

        return self._files(packages, architecture, fetch)

    def wheels(self, packages: Sequence[Locked], architecture: Architecture) -> dict[Locked, Path]:
        """Return the wheel of each package. Raises NotOffered, HashDiffers."""

        def fetch(missing: Sequence[Locked], into: Path) -> None:
            wheels.download_locked(missing, architecture, into)

        return self._files(packages, architecture, fetch)

    def _files(
        self, packages: Sequence[Locked], architecture: Architecture, fetch: Fetch
    ) -> dict[Locked, Path]:
        with self._held():
            missing = [each for each in packages if not self._place(each).exists()]
            if missing:
                self._fetch(missing, architecture, fetch)
        for each in packages:
            verify(self._place(each), each.sha256)
        return {each: self._place(each) for each in packages}

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Let other builds wait that would fetch the same; apt refuses a second one."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _fetch(self, missing: Sequence[Locked], architecture: Architecture, fetch: Fetch) -> None:
        with tempfile.TemporaryDirectory(dir=self._folder) as name:
            folder = Path(name)
            try:
                fetch(missing, folder)
            except CommandFailed as error:
                names = [f"{each.name} {each.version}" for each in missing]
                raise NotOffered(names, architecture.name, error.output) from error
            for each in missing:
                verify(folder / each.file, each.sha256)
                place = self._place(each)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(folder / each.file, place)

    def _place(self, locked: Locked) -> Path:
        return self._folder / locked.sha256[:16] / locked.file


def verify(file: Path, expected: str) -> None:
    """Raise HashDiffers unless `file` has the SHA-256 `expected`."""
    found = sha256(file) if file.exists() else "none: there is no such file"
    if found != expected:
        raise HashDiffers(file.name, expected, found)


def sha256(file: Path) -> str:
    """Return the hexadecimal SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
