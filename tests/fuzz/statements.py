"""What the targets of bank statements share."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from cloudmatic_portal.clients.bank_files import numbers
from cloudmatic_portal.domain.errors import StatementUnreadable
from cloudmatic_portal.domain.statement import Statement
from tests.bank_statements import Paid

SAMPLES: Final = Path(__file__).parents[1] / "samples" / "bank"
PAID: Final = (
    Paid(cents=2400, text="K7Q-X4M-P9R danke"),
    Paid(cents=-100, text="Entgelt", iban=""),
    Paid(cents=1200, text="Zurück", returned=True, reversal=True),
)

Reader = Callable[[bytes, str], tuple[str, tuple[Statement, ...]]]


def samples(*kinds: str) -> list[bytes]:
    return [path.read_bytes() for kind in kinds for path in sorted(SAMPLES.glob(f"*.{kind}"))]


def statements_or_refused(reader: Reader, data: bytes) -> None:
    statements: Iterable[Statement] = ()
    with contextlib.suppress(StatementUnreadable):
        _, statements = reader(data, "any")
    for statement in statements:
        for line in statement.lines:
            assert abs(line.amount.cents) <= numbers.MOST_CENTS
