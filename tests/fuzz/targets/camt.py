"""CAMT.053 and .052 of a bank (clients/bank_files/camt.py)."""

from __future__ import annotations

from collections.abc import Iterable

from cloudmatic_portal.clients.bank_files import camt
from tests.bank_statements import batch
from tests.bank_statements import camt as written
from tests.fuzz.statements import PAID, samples, statements_or_refused

PROMISE = "any bytes are statements with amounts within limits, or StatementUnreadable"


def check(data: bytes) -> None:
    statements_or_refused(camt.read, data)


def seeds() -> Iterable[bytes]:
    yield from samples("xml")
    for version in ("02", "04", "08"):
        yield written(*PAID, version=version)
    yield written(PAID[0], form="052", opening=None)
    yield batch(*PAID[:2], reference="R1")
    yield '<?xml version="1.0" encoding="UTF-16"?><a>ä</a>'.encode("utf-16")
