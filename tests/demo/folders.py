"""Folders that the hub's service may enter: it gives up root, and pytest's own are closed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def open_folder(purpose: str) -> Iterator[Path]:
    """A temporary folder with a short path (a Unix socket's has at most 107 characters)."""
    with TemporaryDirectory(prefix=f"cloudmatic-{purpose}-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
