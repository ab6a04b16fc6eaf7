"""CSV of German banks (clients/bank_files/csv.py)."""

from __future__ import annotations

from collections.abc import Iterable

from cloudmatic_portal.clients.bank_files import csv
from tests.bank_statements import volksbank
from tests.fuzz.statements import PAID, samples, statements_or_refused

PROMISE = "any bytes are statements with amounts within limits, or StatementUnreadable"


def check(data: bytes) -> None:
    csv.looks_so(csv.decoded(data))
    statements_or_refused(csv.read, data)


def seeds() -> Iterable[bytes]:
    yield from samples("csv")
    yield volksbank(*PAID)
