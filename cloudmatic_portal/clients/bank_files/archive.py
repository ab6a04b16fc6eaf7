"""A ZIP of statements, as banks hand them out, opened as a stranger's."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final

from cloudmatic_portal.domain.errors import StatementUnreadable

MOST_FILES: Final = 1_000
MOST_BYTES: Final = 256 * 1024 * 1024
"""Of all files of one archive together, unpacked."""

_ENTRY: Final = b"PK\x01\x02"
_MOST_ENTRIES: Final = 2 * MOST_FILES
"""Files and folders; what is stored within may look like one now and then."""

_METHODS: Final = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""What banks pack with. Others pack a thousand times denser, or fail in ways of their own."""


def is_archive(data: bytes) -> bool:
    return data.startswith(b"PK\x03\x04")


def members(data: bytes, name: str, most_each: int) -> Iterator[tuple[str, bytes]]:
    """The files in their order, each with its name. Raises StatementUnreadable."""
    # Before the directory is read: whoever sends it chooses how many entries it has.
    if data.count(_ENTRY) > _MOST_ENTRIES:
        raise StatementUnreadable(name, f"has more than {MOST_FILES} files")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            found = [each for each in opened.infolist() if not each.is_dir()]
            if len(found) > MOST_FILES:
                raise StatementUnreadable(name, f"has {len(found)} files, {MOST_FILES} at most")
            if not found:
                raise StatementUnreadable(name, "an archive with nothing in it")
            left = MOST_BYTES
            for each in sorted(found, key=lambda entry: entry.filename):
                unpacked = _unpacked(opened, each, name, min(left, most_each))
                left -= len(unpacked)
                yield f"{name}/{_plain(each.filename)}", unpacked
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        struct.error,
        IndexError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        OSError,
    ) as error:
        raise StatementUnreadable(name, "a damaged or encrypted archive") from error


def _unpacked(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, most: int) -> bytes:
    if entry.compress_type not in _METHODS:
        raise StatementUnreadable(name, f"{_plain(entry.filename)} is packed by an unusual method")
    # What the archive says of its sizes may be a lie: count what really comes.
    with opened.open(entry) as packed:
        unpacked = packed.read(most + 1)
    if len(unpacked) > most:
        raise StatementUnreadable(name, f"{_plain(entry.filename)} is too large when unpacked")
    return unpacked


def _plain(filename: str) -> str:
    return "".join(sign if sign.isprintable() else "�" for sign in filename)[-80:]
