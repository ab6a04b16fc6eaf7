"""MT940 of a bank (clients/bank_files/mt940.py)."""

from __future__ import annotations

from collections.abc import Iterable

from cloudmatic_portal.clients.bank_files import mt940
from tests.bank_statements import mt940 as written
from tests.fuzz.statements import PAID, samples, statements_or_refused

PROMISE = "any bytes are statements with amounts within limits, or StatementUnreadable"


def check(data: bytes) -> None:
    statements_or_refused(mt940.read, data)


def seeds() -> Iterable[bytes]:
    yield from samples("mt940", "sta", "txt")
    yield written(PAID)
    yield written(PAID[:1], PAID[1:])
