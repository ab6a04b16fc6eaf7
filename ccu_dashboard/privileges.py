"""Give up root. The service needs it for nothing but its place in /var/run."""

from __future__ import annotations

import os
from pathlib import Path

from ccu_dashboard.settings import SERVICE_UID


def prepare_folder(folder: Path, mode: int) -> None:
    """Make `folder`, and all in it the service's own where we are root. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(mode)
    if os.geteuid() == 0:
        for path in (folder, *folder.iterdir()):
            os.chown(path, SERVICE_UID, SERVICE_UID, follow_symlinks=False)


def drop() -> None:
    """Become the unprivileged service user for good; nothing happens if we are not root."""
    if os.geteuid() != 0:
        return
    os.setgroups([])
    os.setresgid(SERVICE_UID, SERVICE_UID, SERVICE_UID)
    os.setresuid(SERVICE_UID, SERVICE_UID, SERVICE_UID)
    os.umask(0o077)
