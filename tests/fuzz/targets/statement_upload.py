"""A statement as it is uploaded: of any kind, also a ZIP of several (clients/bank_files)."""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Iterable

from cloudmatic_portal.clients import bank_files
from cloudmatic_portal.domain.errors import StatementUnreadable
from tests.bank_statements import archive, camt, mt940, volksbank
from tests.fuzz.statements import PAID

PROMISE = "any bytes are the statements of one file or archive, or StatementUnreadable"


def check(data: bytes) -> None:
    with contextlib.suppress(StatementUnreadable):
        for file in bank_files.read(data, "any"):
            assert file.name.isprintable()


def seeds() -> Iterable[bytes]:
    one = camt(PAID[0])
    yield one
    yield archive({"a.xml": one})
    yield archive({"b.sta": mt940(PAID[:1]), "ä/c.csv": volksbank(PAID[0])})
    yield archive({"in.zip": archive({"a.xml": one})})
    yield archive({})
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w", method) as opened:
            opened.writestr("a.sta", mt940(PAID[:1]))
        yield written.getvalue()
    # Sizes and offsets of 64 bits, as for an archive of more than 4 GB.
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as opened, opened.open("a", "w", force_zip64=True) as member:
        member.write(b"x")
    yield written.getvalue()
    yield _zip64_end(written.getvalue())


def _zip64_end(data: bytes) -> bytes:
    """The same with a ZIP64 end of the central directory."""
    at = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    size = end - at
    record = b"PK\x06\x06" + (44).to_bytes(8, "little") + b"-\0-\0" + bytes(8)
    record += b"".join(each.to_bytes(8, "little") for each in (1, 1, size, at))
    locator = b"PK\x06\x07" + bytes(4) + end.to_bytes(8, "little") + (1).to_bytes(4, "little")
    tail = b"PK\x05\x06" + bytes(4) + b"\xff\xff" * 2 + b"\xff" * 8 + bytes(2)
    return data[:end] + record + locator + tail
