"""Give up root. The service needs it for nothing but its place in /var/run."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def prepare_folder(folder: Path, uid: int) -> None:
    """Make `folder` (0700), and if we are root, it and its files `uid`'s own. Raises OSError.

    What root's command line or an earlier version left there becomes the service's. Nothing else
    does: the folder is the service's own, and it must not be able to have root give it a file
    from elsewhere by putting a link there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Only what differs: setting a mode anew is a write to the card as well.
    facts = folder.stat()
    if stat.S_IMODE(facts.st_mode) != 0o700:
        folder.chmod(0o700)
    if os.geteuid() != 0:
        return
    if facts.st_uid != uid:
        os.chown(folder, uid, uid, follow_symlinks=False)
    for path in folder.iterdir():
        _hand_over(path, uid)


def _hand_over(path: Path, uid: int) -> None:
    facts = path.lstat()
    if facts.st_uid != 0 or not stat.S_ISREG(facts.st_mode):
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        facts = os.fstat(descriptor)
        if stat.S_ISREG(facts.st_mode) and facts.st_nlink == 1:
            os.fchown(descriptor, uid, uid)
    finally:
        os.close(descriptor)


def drop(uid: int) -> None:
    """Become the unprivileged user and group `uid` for good; does nothing if we are not root."""
    if os.geteuid() != 0:
        return
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    os.umask(0o077)
