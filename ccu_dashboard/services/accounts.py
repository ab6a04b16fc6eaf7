"""The linked account, read with patience: the vendor's scripts rewrite their files in place."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from ccu_dashboard.domain.account import Account, Fault, Unreadable
from ccu_dashboard.storage import vendor_files

_ATTEMPTS: Final = 3
_PAUSE_SECONDS: Final = 0.05
_MAY_PASS: Final = frozenset({Fault.EMPTY, Fault.TRUNCATED, Fault.INCOMPLETE})


async def linked_account(folder: Path) -> Account:
    """Return the account in the vendor's `folder`; a half-written file gets a moment to finish."""
    account = vendor_files.read_account(folder)
    for _ in range(_ATTEMPTS - 1):
        if not isinstance(account, Unreadable) or account.fault not in _MAY_PASS:
            break
        await asyncio.sleep(_PAUSE_SECONDS)
        account = vendor_files.read_account(folder)
    return account
