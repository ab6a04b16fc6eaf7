"""What lies on a simulated hub, to compare before and after."""

from __future__ import annotations

import os
from pathlib import Path

from tests.shell.conftest import Hub


def files(hub: Hub) -> dict[str, bytes | None]:
    """All that lies on the hub and is not a log or the system's: path to content."""
    found: dict[str, bytes | None] = {}
    for folder, _, names in os.walk(hub.fs.root):
        for name in names:
            path = Path(folder) / name
            key = str(path.relative_to(hub.fs.root))
            found[key] = path.read_bytes() if path.is_file() and not path.is_symlink() else None
    return {key: content for key, content in found.items() if not key.startswith("var/log/")}


def folders(hub: Hub) -> set[str]:
    return {str(path.relative_to(hub.fs.root)) for path in hub.fs.root.rglob("*") if path.is_dir()}
