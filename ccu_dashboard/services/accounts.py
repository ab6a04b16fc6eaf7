"""The linked account: the firmware's files say it, or else our own pairing.

What the firmware says goes first: its account is the one whose remote access this hub uses. Where
its files cannot be read nothing is guessed; they may name another account than ours.
"""

from __future__ import annotations

import asyncio
from typing import Final

from ccu_dashboard.domain.account import (
    Account,
    Fault,
    License,
    Linked,
    NotLinked,
    Pending,
    Unreadable,
)
from ccu_dashboard.settings import Settings
from ccu_dashboard.storage import own_link, vendor_files

_ATTEMPTS: Final = 3
_PAUSE_SECONDS: Final = 0.05
_MAY_PASS: Final = frozenset({Fault.EMPTY, Fault.TRUNCATED, Fault.INCOMPLETE})
_NO_LICENSE: Final = License(product=None, trial=False)


def account_of(settings: Settings) -> Account:
    """Return the account as the files have it at this moment."""
    account = vendor_files.read_account(settings.vendor_folder)
    if not isinstance(account, NotLinked | Pending):
        return account
    link = own_link.load(settings.link)
    if link is None or link.portal != settings.portal:
        return account
    return Linked(
        account_id=link.account_id,
        user_name=link.user_name,
        user_key="",
        last_day=None,
        license=_NO_LICENSE,
        key_id=link.key_id,
    )


async def linked_account(settings: Settings) -> Account:
    """Return the account with patience: the vendor's scripts rewrite their files in place, and a
    half-written one gets a moment to be finished.
    """
    account = account_of(settings)
    for _ in range(_ATTEMPTS - 1):
        if not isinstance(account, Unreadable) or account.fault not in _MAY_PASS:
            break
        await asyncio.sleep(_PAUSE_SECONDS)
        account = account_of(settings)
    return account
