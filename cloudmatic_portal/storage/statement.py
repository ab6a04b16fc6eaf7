"""Bank statements and their lines: rows in, domain out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    Row,
    Select,
    String,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.statement import (
    BankFile,
    BankLine,
    KnownLine,
    LineState,
    StoredLine,
)
from cloudmatic_portal.storage.inserts import insert_unless_known
from cloudmatic_portal.storage.tables import accounts, bank_lines, payers, statements


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    """A line about to be stored: where it stands, what tells it from others, what became of it."""

    position: int
    line: BankLine
    identity: str
    bank_key: str | None
    state: LineState
    reason: str
    account_id: int | None = None
    returns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A file that was brought before. `finished_at` is None if it is not whole."""

    statement_id: int
    imported_at: datetime
    finished_at: datetime | None


async def begin(connection: AsyncConnection, file: BankFile, now: datetime) -> int:
    """Note that the file is being imported, or find it if it was brought before; its id."""
    first, last = file.days or (None, None)
    row = {
        "digest": file.digest,
        "name": file.name,
        "form": file.form,
        "accounts": " ".join(file.accounts),
        "first_day": first,
        "last_day": last,
        "lines": len(file.lines),
        "imported_at": now,
    }
    await connection.execute(_BEGIN.on(connection), row)
    found = await imported(connection, file.digest)
    if found is None:
        raise LookupError(file.digest)
    return found.statement_id


async def imported(connection: AsyncConnection, digest: str) -> Imported | None:
    row = (await connection.execute(_IMPORTED, {"digest": digest})).one_or_none()
    if row is None:
        return None
    return Imported(statement_id=row.id, imported_at=row.imported_at, finished_at=row.finished_at)


async def finish(connection: AsyncConnection, statement_id: int, now: datetime) -> None:
    mine = update(statements).where(statements.c.id == statement_id)
    await connection.execute(mine.where(statements.c.finished_at.is_(None)).values(finished_at=now))


async def known(
    connection: AsyncConnection, contents: Collection[str], keys: Collection[str]
) -> tuple[KnownLine, ...]:
    """All stored lines with one of these contents or names of the bank."""
    rows = await connection.execute(_KNOWN, {"contents": list(contents), "keys": list(keys)})
    return tuple(
        KnownLine(
            line_id=row.id,
            content=row.content,
            bank_key=row.bank_key,
            statement=row.opening,
            file=row.digest,
        )
        for row in rows
    )


async def learn(connection: AsyncConnection, line_id: int, key: str | None, opening: str) -> None:
    """Note what a later file told of a line: the bank's own name of it, or its statement."""
    await connection.execute(_LEARN, {"changed": line_id, "key": key, "told": opening})


async def add(
    connection: AsyncConnection, statement_id: int, lines: Sequence[NewLine], now: datetime
) -> None:
    """Store the lines.

    Raises IntegrityError if one of them is there already; the transaction has to roll back.
    """
    await connection.execute(_ADD, [_values(statement_id, line, now) for line in lines])


async def find(
    connection: AsyncConnection, line_id: int, *, hold: bool = False
) -> StoredLine | None:
    """With `hold`, whoever else wants to settle it waits."""
    query = _LINES.where(bank_lines.c.id == line_id)
    if hold:
        query = query.with_for_update(of=bank_lines)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _stored(row)


async def search(
    connection: AsyncConnection,
    *,
    state: LineState | None = None,
    account_id: int | None = None,
    after: int = 0,
    most: int = 100,
) -> tuple[StoredLine, ...]:
    """Lines in the order in which they came, those behind line `after`."""
    query = _LINES.where(bank_lines.c.id > after).order_by(bank_lines.c.id).limit(most)
    if state is not None:
        query = query.where(bank_lines.c.state == state)
    if account_id is not None:
        query = query.where(bank_lines.c.account_id == account_id)
    return tuple(map(_stored, await connection.execute(query)))


async def settle(
    connection: AsyncConnection,
    line_id: int,
    state: LineState,
    reason: str,
    now: datetime,
    **facts: Any,
) -> None:
    """Book or ignore a line; `facts` are `note`, `account_id`, `returns`. Hold it first."""
    mine = update(bank_lines).where(bank_lines.c.id == line_id)
    await connection.execute(mine.values(state=state, reason=reason, settled_at=now, **facts))


async def returnable(
    connection: AsyncConnection, account: str, amount: Money
) -> tuple[StoredLine, ...]:
    """Booked lines that brought `amount` into our account and were not taken back."""
    other = bank_lines.alias()
    query = _LINES.where(
        bank_lines.c.account == account,
        bank_lines.c.amount_cents == amount.cents,
        bank_lines.c.currency == amount.currency,
        bank_lines.c.state == "booked",
        ~exists().where(other.c.returns == bank_lines.c.id),
    )
    rows = await connection.execute(query.order_by(bank_lines.c.id.desc()).limit(500))
    return tuple(map(_stored, rows))


async def is_taken_back(connection: AsyncConnection, line_id: int) -> bool:
    query = select(exists().where(bank_lines.c.returns == line_id))
    return bool((await connection.execute(query)).scalar())


async def forget_before(connection: AsyncConnection, first: date) -> None:
    """Delete lines of no customer that are of days before `first`, and files of which nothing is
    left. A customer's lines go with the account.
    """
    old = (bank_lines.c.day < first, bank_lines.c.account_id.is_(None))
    await connection.execute(delete(bank_lines).where(*old))
    left = exists().where(bank_lines.c.statement_id == statements.c.id)
    empty = (statements.c.last_day < first, ~left)
    await connection.execute(delete(statements).where(*empty))


async def remember_payer(
    connection: AsyncConnection, iban: str, account_id: int, now: datetime
) -> None:
    """Note that `iban` has paid for the account."""
    row = {"iban": iban, "account_id": account_id, "seen_at": now}
    await connection.execute(_REMEMBER.on(connection), row)


async def payers_of(
    connection: AsyncConnection, ibans: Iterable[str]
) -> dict[str, tuple[int, ...]]:
    """For which accounts each bank account has paid."""
    found: dict[str, tuple[int, ...]] = {}
    for row in await connection.execute(_PAYERS, {"ibans": list(ibans)}):
        found[row.iban] = (*found.get(row.iban, ()), row.account_id)
    return found


def _values(statement_id: int, new: NewLine, now: datetime) -> dict[str, Any]:
    line = new.line
    return {
        "statement_id": statement_id,
        "position": new.position,
        "line": line.line,
        "identity": new.identity,
        "bank_key": new.bank_key,
        "content": line.content,
        "opening": line.statement[:40],
        "account": line.account[:35],
        "day": line.day,
        "amount_cents": line.amount.cents,
        "currency": line.amount.currency,
        "payer": line.payer[:1000],
        "iban": line.iban[:34],
        "text": line.text[:4000],
        "end_to_end": line.end_to_end[:140],
        "bank_reference": line.bank_reference[:140],
        "returned": line.returned,
        "state": new.state,
        "reason": new.reason,
        "account_id": new.account_id,
        "returns": new.returns,
        "settled_at": None if new.state == "open" else now,
    }


def _stored(row: Row[Any]) -> StoredLine:
    line = BankLine(
        account=row.account,
        day=row.day,
        amount=Money(row.amount_cents, row.currency),
        payer=row.payer,
        iban=row.iban,
        text=row.text,
        end_to_end=row.end_to_end,
        bank_reference=row.bank_reference,
        statement=row.opening,
        returned=row.returned,
        line=row.line,
    )
    return StoredLine(
        line_id=row.id,
        line=line,
        identity=row.identity,
        file=row.name,
        state=row.state,
        reason=row.reason,
        note=row.note,
        account_id=row.account_id,
        returns=row.returns,
        settled_at=row.settled_at,
    )


_BEGIN: Final = insert_unless_known(statements)
_IMPORTED: Final = select(
    statements.c.id, statements.c.imported_at, statements.c.finished_at
).where(statements.c.digest == bindparam("digest"))
_KNOWN: Final = (
    select(
        bank_lines.c.id,
        bank_lines.c.content,
        bank_lines.c.bank_key,
        bank_lines.c.opening,
        statements.c.digest,
    )
    .join(statements, bank_lines.c.statement_id == statements.c.id)
    .where(
        or_(
            bank_lines.c.content.in_(bindparam("contents", expanding=True)),
            bank_lines.c.bank_key.in_(bindparam("keys", expanding=True)),
        )
    )
)
_LEARN: Final = (
    update(bank_lines)
    .where(bank_lines.c.id == bindparam("changed"))
    .values(
        bank_key=func.coalesce(bank_lines.c.bank_key, bindparam("key", type_=String)),
        opening=case((bank_lines.c.opening == "", bindparam("told")), else_=bank_lines.c.opening),
    )
)
_LINES: Final[Select[Any]] = select(bank_lines, statements.c.name).join(
    statements, bank_lines.c.statement_id == statements.c.id
)
_ADD: Final = insert(bank_lines)
_REMEMBER: Final = insert_unless_known(
    payers,
    select(
        bindparam("iban", type_=payers.c.iban.type),
        accounts.c.id,
        bindparam("seen_at", type_=payers.c.seen_at.type),
    ).where(accounts.c.id == bindparam("account_id"), accounts.c.deleted_at.is_(None)),
)
_PAYERS: Final = (
    select(payers.c.iban, payers.c.account_id)
    .where(payers.c.iban.in_(bindparam("ibans", expanding=True)))
    .order_by(payers.c.iban, payers.c.account_id)
)
