"""The vendor's account files: bytes in, account out. Nothing is ever written there.

Formats: CCU_CONTRACT, "The vendor's account files". The vendor's scripts rewrite the files in
place, so a read can meet half of one; a file that does not end with a line end is such a half.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
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
from ccu_dashboard.storage import files
from cloudmatic_link.formats import ACCOUNT_ID, SERIAL
from cloudmatic_link.products import PACKAGES, Product

MAX_BYTES: Final = 64 * 1024
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_USER_NAME: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,100}")
_SERIAL_LINE: Final = re.compile(r"^SerialNumber=(.*)$", re.MULTILINE)
_TRIAL_PREFIX: Final = "TESTZUGANG "
_NO_LICENSE: Final = License(product=None, trial=False)


class _Faulty(Exception):
    """Internal: why a file cannot be used; turned into an Unreadable at the module's door."""

    def __init__(self, fault: Fault, key: str = "") -> None:
        super().__init__(fault, key)
        self.fault = fault
        self.key = key


def read_account(folder: Path) -> Account:
    """Return what the vendor's files in `folder` say about the linked account."""
    try:
        content = _read(f"{folder}/mhcfg")
        if content is None:
            return NotLinked(vendor_files=False)
        if _required(_parse(content, whole=True), "user_has_account") != "1":
            return Pending() if _registration_pending(folder) else NotLinked()
        return _linked(content, _read_license(f"{folder}/smsguthaben"))
    except _Faulty as error:
        return Unreadable(error.fault, "mhcfg", error.key)


def read_serial(candidates: tuple[Path, ...]) -> str | None:
    """Return the hub's serial from the first of `candidates` that holds a usable one.

    A file holds the bare serial or a `SerialNumber=` line. The value may be empty or an error
    text of the firmware ("Did not get an answer from coprocessor"), hence the strict format.
    """
    for file in candidates:
        try:
            serial = _serial(files.read(file, MAX_BYTES))
        except OSError:
            continue
        if serial is not None:
            return serial
    return None


@lru_cache(maxsize=1)
def _serial(content: bytes) -> str | None:
    text = content.decode("iso-8859-1")
    named = _SERIAL_LINE.search(text)
    candidate = (named.group(1) if named else text).strip()
    return candidate if SERIAL.fullmatch(candidate) else None


@lru_cache(maxsize=1)
def _linked(content: bytes, license_: License) -> Linked:
    entries = _parse(content, whole=True)
    account_id = _required(entries, "userid")
    user_name = _required(entries, "userkennung")
    if not ACCOUNT_ID.fullmatch(account_id):
        raise _Faulty(Fault.BAD_VALUE, "userid")
    if not _USER_NAME.fullmatch(user_name):
        raise _Faulty(Fault.BAD_VALUE, "userkennung")
    return Linked(
        account_id=account_id,
        user_name=user_name,
        user_key=_required(entries, "userkey"),
        last_day=_last_day(entries),
        license=license_,
    )


def _last_day(entries: Mapping[str, str]) -> date | None:
    try:
        year, month, day = (int(entries[f"premium{part}"]) for part in ("jahr", "monat", "tag"))
        return date(year, month, day)
    except (KeyError, ValueError, OverflowError):
        return None


def _read_license(file: str) -> License:
    """Read `smsguthaben`; it only adds the package's name, so any fault means: not known."""
    try:
        content = _read(file)
        return _NO_LICENSE if content is None else _license(content)
    except _Faulty:
        return _NO_LICENSE


@lru_cache(maxsize=1)
def _license(content: bytes) -> License:
    # A server's answer, stored as it came; a name that was cut is none that we know.
    kind = _parse(content, whole=False).get("Typ", "")
    trial = kind.upper().startswith(_TRIAL_PREFIX)
    return License(_product(kind[len(_TRIAL_PREFIX) :] if trial else kind), trial)


def _product(name: str) -> Product | None:
    wanted = name.strip().casefold()
    return next((each for each in PACKAGES if each.name.casefold() == wanted), None)


def _registration_pending(folder: Path) -> bool:
    try:
        content = _read(f"{folder}/register_pending")
        return content is not None and _parse(content, whole=True).get("status") == "1"
    except _Faulty:
        return False


def _required(entries: Mapping[str, str], key: str) -> str:
    value = entries.get(key, "")
    if not value:
        raise _Faulty(Fault.INCOMPLETE, key)
    return value


def _read(file: str) -> bytes | None:
    """Return what is in `file`, None if there is no such file. Raises _Faulty."""
    try:
        return files.read(file, MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _Faulty(Fault.NO_PERMISSION) from error


@lru_cache(maxsize=2)
def _parse(content: bytes, *, whole: bool) -> Mapping[str, str]:
    """Return the `key=value` lines of `content`. Raises _Faulty.

    `whole`: a last line without its end is taken for half a line and not believed.
    """
    if len(content) > MAX_BYTES:
        raise _Faulty(Fault.TOO_LARGE)
    if not content.strip():
        raise _Faulty(Fault.EMPTY)
    if _CONTROL.search(content):
        raise _Faulty(Fault.BINARY)
    if whole and not content.endswith(b"\n"):
        raise _Faulty(Fault.TRUNCATED)
    pairs = (line.partition("=") for line in content.decode("iso-8859-1").split("\n"))
    return MappingProxyType({key.strip(): value.strip() for key, _, value in pairs if key.strip()})
