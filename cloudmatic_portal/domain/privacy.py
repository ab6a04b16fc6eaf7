"""How long personal data is kept: as long as it is needed, or as the law says, and no longer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

RECEIPTS_KEPT: Final = 8
"""Full years after the one that they are of: orders, payments, invoices (§ 147 I Nr. 4, III, IV AO,
§ 257 I Nr. 4, IV, V HGB, as of 1 January 2025).
"""

LETTERS_KEPT: Final = 6
"""The same for declarations that were received (§ 147 I Nr. 2, III AO, § 257 I Nr. 2, IV HGB)."""

MAILS_KEPT: Final = timedelta(days=90)
"""How long what a mail says is kept once it is done with; enough to answer questions about it."""


def keep_until(last: date, years: int = RECEIPTS_KEPT) -> date:
    """The last day on which what is of the day `last` must be kept."""
    return date(last.year + years, 12, 31)


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of one table that are about somebody, each from its columns' names to their values."""

    table: str
    rows: Sequence[Mapping[str, Any]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Deleted:
    """An account that is gone; `keep_until` is when the rest is erased, None if nothing is left."""

    account_id: int
    keep_until: date | None
