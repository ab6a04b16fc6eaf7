"""Statements as banks hand them out: bytes in, domain out.

The format is told by the content, whatever the file is called. Every file is read as a stranger's:
any bytes give statements or StatementUnreadable, with line and reason, soon.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from cloudmatic_portal.clients.bank_files import archive, camt, csv, mt940
from cloudmatic_portal.domain.errors import StatementUnreadable
from cloudmatic_portal.domain.statement import BankFile

MOST_BYTES: Final = 64 * 1024 * 1024
"""Of one file; a statement of ten thousand transactions has about 15 MB as CAMT."""

_XML: Final = re.compile(rb"\s*<")
_MT940: Final = re.compile(rb"^:20:", re.MULTILINE)
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_NAME: Final = 200
_BEGINNING: Final = 200_000


def read(data: bytes, name: str) -> tuple[BankFile, ...]:
    """The file, or the files of an archive, in their order. Raises StatementUnreadable."""
    name = "".join(sign if sign.isprintable() else "�" for sign in name)[-_NAME:]
    if archive.is_archive(data):
        if len(data) > MOST_BYTES:
            raise StatementUnreadable(name, "too large")
        unpacked = archive.members(data, name, MOST_BYTES)
        return tuple(_one(each, member[-_NAME:]) for member, each in unpacked)
    return (_one(data, name),)


def _one(data: bytes, name: str) -> BankFile:
    if len(data) > MOST_BYTES:
        raise StatementUnreadable(name, f"larger than {MOST_BYTES // 1024 // 1024} MB")
    if not data.strip():
        raise StatementUnreadable(name, "empty")
    bare = data.removeprefix(b"\xef\xbb\xbf")
    if archive.is_archive(data):
        raise StatementUnreadable(name, "an archive within an archive")
    if _XML.match(bare) or data.startswith(_UTF16):
        form, statements = camt.read(bare, name)
    elif _MT940.search(bare[:20_000].replace(b"\r", b"\n")):
        form, statements = mt940.read(bare, name)
    elif csv.looks_so(csv.decoded(data)[:_BEGINNING]):
        form, statements = csv.read(data, name)
    else:
        raise StatementUnreadable(name, "neither CAMT.053 or .052, nor MT940, nor a known CSV")
    digest = hashlib.sha256(data).hexdigest()
    return BankFile(name=name, form=form, digest=digest, statements=statements)
