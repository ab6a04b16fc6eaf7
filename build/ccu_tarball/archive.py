"""The archive itself: hashed as the firmware checks it, and the same bytes each time."""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ccu_tarball.downloads import sha256
from ccu_tarball.programs import run

HASHES: Final = "cloudmatic.sha256"
_EXECUTABLE: Final = 0o755
_PLAIN: Final = 0o644


def write_hashes(root: Path) -> None:
    """List every file below `root` for `sha256sum -c`."""
    files = [path for path in _entries(root) if path.is_file()]
    lines = [f"{sha256(path)}  {path.relative_to(root)}\n" for path in files]
    (root / HASHES).write_text("".join(lines), "utf-8")


def pack(root: Path, file: Path, made_at: int) -> None:
    """Pack all below `root`. Raises CommandFailed."""
    file.parent.mkdir(parents=True, exist_ok=True)
    plain = file.with_suffix("")
    # USTAR: an old busybox reads nothing newer for sure.
    with tarfile.open(plain, "w", format=tarfile.USTAR_FORMAT) as archive:
        for path in _entries(root):
            _add(archive, path, str(path.relative_to(root)), made_at)
    # gzip's own encoder, not zlib's: it is the same on each of our machines.
    run(["gzip", "-9n", "--force", plain])


def packed_size(root: Path) -> int:
    """Return how large the archive of `root` would be."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "archive.tar.gz"
        pack(root, file, made_at=0)
        return file.stat().st_size


def _entries(root: Path) -> Iterator[Path]:
    yield from sorted(root.rglob("*"), key=lambda path: path.relative_to(root).parts)


def _add(archive: tarfile.TarFile, path: Path, name: str, made_at: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.mtime = made_at
    if path.is_dir():
        entry.type, entry.mode = tarfile.DIRTYPE, _EXECUTABLE
        archive.addfile(entry)
        return
    entry.size = path.stat().st_size
    entry.mode = _EXECUTABLE if path.stat().st_mode & 0o100 else _PLAIN
    with path.open("rb") as stream:
        archive.addfile(entry, stream)
