"""Give up root. The service needs it for nothing but its place in /var/run."""

from __future__ import annotations

import os
from pathlib import Path


def prepare_folder(folder: Path, uid: int) -> None:
    """Make `folder` (0700), and if we are root, it and all in it `uid`'s own. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    if os.geteuid() == 0:
        for path in (folder, *folder.iterdir()):
            os.chown(path, uid, uid, follow_symlinks=False)


def drop(uid: int) -> None:
    """Become the unprivileged user and group `uid` for good; does nothing if we are not root."""
    if os.geteuid() != 0:
        return
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    os.umask(0o077)
