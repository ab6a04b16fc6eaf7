"""The hub's key pair in its file (0600). Importing this loads the cryptography; do it late."""

from __future__ import annotations

from pathlib import Path

from ccu_dashboard.storage import atomic
from cloudmatic_link.keys import HubKey


def load(path: Path) -> HubKey | None:
    """Return the key in `path`, None if there is none yet.

    Raises KeyUnusable if the file holds no key, OSError if it cannot be read.
    """
    try:
        return HubKey.from_pem(path.read_bytes())
    except FileNotFoundError:
        return None


def load_or_create(path: Path) -> HubKey:
    """Return the key in `path`; make one first if there is none.

    Service and command line may both come first: the new key is linked into place, which fails
    if the other one was faster, and then its key counts. A file that holds no key is left alone:
    it may be a damaged key that somebody can still restore.

    Raises KeyUnusable or OSError.
    """
    existing = load(path)
    if existing is not None:
        return existing
    key = HubKey.generate()
    name = atomic.write_beside(path, key.to_pem())
    try:
        path.hardlink_to(name)
        atomic.sync_folder(path.parent)
    except FileExistsError:
        return HubKey.from_pem(path.read_bytes())
    finally:
        name.unlink(missing_ok=True)
    return key


def replace(path: Path) -> HubKey:
    """Put a new key in the place of the one in `path` and return it. Raises OSError."""
    key = HubKey.generate()
    atomic.replace(path, key.to_pem())
    return key
