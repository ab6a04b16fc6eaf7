"""Write a small secret or state file so that a power cut leaves the old one or the new one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def replace(path: Path, content: bytes) -> None:
    """Replace `path` with `content`, mode 0600, on the card before this returns.

    Raises OSError (full disk, read-only file system); then the old file is untouched.
    """
    name = write_beside(path, content)
    try:
        name.replace(path)
    except BaseException:
        name.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_beside(path: Path, content: bytes) -> Path:
    """Write `content` to a new file (0600) in the folder of `path` and return its name."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def remove(path: Path) -> None:
    """Remove `path`, and what of it a writer left beside it that was cut. Raises OSError."""
    path.unlink(missing_ok=True)
    for left in path.parent.glob(f".{path.name}.*"):
        left.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make a rename or link in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
