"""What a copy learns from the database whose place it takes: SQLite's `ATTACH`, both are files.

The copy has this version's schema. What is kept may have an older one, or be of another portal:
what it lacks teaches nothing.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final


def learn(copy: Path, kept: Path) -> frozenset[str]:
    """Let `copy` know what has left the house since it was made, as far as `kept` knows it.

    Returns the keys of the mails that wait in both: they have certainly not left.
    """
    with closing(sqlite3.connect(copy)) as opened:
        opened.execute("ATTACH ? AS kept", (str(kept.resolve()),))
        with opened:
            found = opened.execute("SELECT name FROM kept.sqlite_master WHERE type = 'table'")
            tables = {name for (name,) in found}
            for table, statements in _LEARN.items():
                if table in tables:
                    for statement in statements:
                        opened.execute(statement)
            waiting = opened.execute(_WAITING).fetchall() if "mails" in tables else []
    return frozenset(key for (key,) in waiting)


_FACTS: Final = "state, recipient, facts, due_at, attempts, sent_at, last_error"
_IDENTITY: Final = "key, message_id, kind, language, account_id, created_at"

_NUMBERS: Final = """
    INSERT INTO main.invoice_series (series, last_number)
    SELECT series, last_number FROM kept.invoice_series WHERE true
    ON CONFLICT (series) DO UPDATE SET last_number = max(last_number, excluded.last_number)
"""
# An account that the copy does not know has no access any more, and gateways must hear it.
_CHANGES: Final = """
    INSERT INTO main.access_changes (account_id)
    SELECT account_id FROM kept.access_changes WHERE true ON CONFLICT DO NOTHING
"""
_LAST_CHANGE: Final = """
    UPDATE main.access_numbers
    SET last = max(last, (SELECT coalesce(max(last), 0) FROM kept.access_numbers))
"""
_SETTLED: Final = f"""
    UPDATE main.mails SET ({_FACTS}) =
        (SELECT {_FACTS} FROM kept.mails AS theirs WHERE theirs.key = main.mails.key)
    WHERE state IN ('queued', 'sending') AND key IN
        (SELECT key FROM kept.mails WHERE state IN ('sent', 'uncertain', 'failed'))
"""  # noqa: S608 - of columns above
# What the portal does by the calendar it will do again; these were sent for it.
_SENT: Final = f"""
    INSERT INTO main.mails ({_IDENTITY}, {_FACTS}) SELECT {_IDENTITY}, {_FACTS} FROM kept.mails
    WHERE kind IN ('reminder', 'payment_note') AND state IN ('sent', 'uncertain')
    AND account_id IN (SELECT id FROM main.accounts) ON CONFLICT DO NOTHING
"""  # noqa: S608 - of columns above
_WAITING: Final = """
    SELECT key FROM main.mails JOIN kept.mails AS theirs USING (key)
    WHERE main.mails.state = 'queued' AND theirs.state = 'queued'
"""
_LEARN: Final = {
    "invoice_series": (_NUMBERS,),
    "access_changes": (_CHANGES,),
    "access_numbers": (_LAST_CHANGE,),
    "mails": (_SETTLED, _SENT),
}
