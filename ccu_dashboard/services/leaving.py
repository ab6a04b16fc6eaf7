"""Let go of the account: unlink it, or delete every personal trace of ours from the hub.

The firmware's own files are never touched.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable

from ccu_dashboard.domain.account import Account, Linked
from ccu_dashboard.services.clock import HubClock
from ccu_dashboard.settings import Settings
from ccu_dashboard.storage import atomic, vendor_files


def farewell(
    settings: Settings, clock: HubClock, account: Account, random_bytes: Callable[[int], bytes]
) -> str | None:
    """A token with which the portal can be told that this hub leaves `account`; None if there is
    nothing to sign with, or nobody to sign for.
    """
    # 11 MB of memory that an idle dashboard never needs.
    from ccu_dashboard.services.enrolment import Hub, HubIdentity  # noqa: PLC0415
    from ccu_dashboard.storage import hub_key  # noqa: PLC0415
    from cloudmatic_link.keys import KeyUnusable  # noqa: PLC0415

    serial = vendor_files.read_serial(settings.serial_files)
    try:
        key = hub_key.load(settings.hub_key)
    except (KeyUnusable, OSError):
        return None
    if key is None or serial is None or not isinstance(account, Linked):
        return None
    identity = HubIdentity(
        hub=Hub(serial, account),
        key=key,
        portal=settings.portal,
        clock=clock,
        random_bytes=random_bytes,
    )
    return identity.token()


def unlink(settings: Settings) -> None:
    """Forget the account that this hub was paired with: link, key, what the portal said.

    Raises OSError.
    """
    for path in (settings.link, settings.pairing, settings.status, settings.hub_key):
        atomic.remove(path)
    atomic.sync_folder(settings.state_folder)


def erase(settings: Settings) -> None:
    """Delete all that is ours in the state folder, and keep away from the portal from then on.

    Without the latter a hub whose firmware names an account would introduce itself again at once.
    Raises OSError.
    """
    # First, so that whatever comes in between writes nothing new.
    settings.silent.touch(mode=0o600)
    for path in settings.state_folder.iterdir():
        if path == settings.silent:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
    atomic.sync_folder(settings.state_folder)


def come_back(settings: Settings) -> None:
    """Speak to the portal again. Raises OSError."""
    settings.silent.unlink(missing_ok=True)
