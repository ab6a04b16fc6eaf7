"""The account files of the firmware's own add-on (ccu_dashboard/storage/vendor_files.py)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, get_args

from ccu_dashboard.domain.account import Account
from ccu_dashboard.storage.vendor_files import read_account, read_serial
from cloudmatic_link.formats import ACCOUNT_ID, SERIAL
from tests.factories import TODAY
from tests.fuzz.parts import folder, join, split
from tests.simulated_ccu.account_files import Case, account_files

PROMISE = "any bytes in any of the files are an account or why there is none; nothing is raised"

_NAMES: Final = ("mhcfg", "smsguthaben", "ids", "register_pending")


def check(data: bytes) -> None:
    hub = folder("vendor_files")
    for name, content in zip(_NAMES, split(data, len(_NAMES)), strict=True):
        (hub / name).write_bytes(content)
    account = read_account(hub)
    assert isinstance(account, get_args(Account) or (Account,))
    if account_id := getattr(account, "account_id", None):
        assert ACCOUNT_ID.fullmatch(account_id)
    serial = read_serial((hub / "ids", hub / "none"))
    assert serial is None or SERIAL.fullmatch(serial)


def seeds() -> Iterable[bytes]:
    for case in Case:
        files = account_files(case, TODAY).by_name()
        yield join(*(files.get(name) or b"" for name in _NAMES))
