"""Constraints that SQLAlchemy has no words for, in either database's: exclusion, triggers.

`forbid_overlap` makes a table refuse overlapping ranges of days, `append_only` any change of its
rows (but that those of a forgotten account are deleted, where that is said), `forbid_shared` a
value that another table has; `note_changes` notes what has changed, `stamp_changes` marks it. Each
has a twin whose name ends with `_ddl`, which gives the statements, for a migration.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import Table, event
from sqlalchemy.schema import DDL


def forbid_overlap(table: Table, *keys: str, days: tuple[str, str]) -> None:
    """Let `table` refuse two rows with the same `keys` whose ranges of days share a day."""
    for dialect in ("postgresql", "sqlite"):
        for statement in overlap_ddl(dialect, table.name, keys, days):
            escaped = statement.replace("%", "%%")
            ddl: Any = DDL  # its constructor carries no types
            event.listen(table, "after_create", ddl(escaped).execute_if(dialect=dialect))


def overlap_ddl(
    dialect: str, table: str, keys: Sequence[str], days: tuple[str, str]
) -> tuple[str, ...]:
    """The statements for `forbid_overlap`, for a migration. A missing last day means for ever."""
    if dialect == "postgresql":
        return _exclusion(table, keys, days)
    return tuple(_trigger(table, keys, days, moment) for moment in ("insert", "update"))


def note_changes(table: Table, notes: Table, key: str) -> None:
    """Let every change of `table` note its `key` in `notes`, as one that has no number yet."""
    for dialect in ("postgresql", "sqlite"):
        for statement in note_ddl(dialect, table.name, notes.name, key):
            ddl: Any = DDL  # its constructor carries no types
            event.listen(table, "after_create", ddl(statement).execute_if(dialect=dialect))


def note_ddl(dialect: str, table: str, notes: str, key: str) -> tuple[str, ...]:
    """The statements for `note_changes`, for a migration."""
    noted = (
        f"INSERT INTO {notes} ({key}, number) VALUES ({{row}}.{key}, NULL) "  # noqa: S608
        f"ON CONFLICT ({key}) DO UPDATE SET number = NULL"
    )
    return _after_changes(dialect, table, f"note_{notes}", noted)


def stamp_changes(table: Table, stamps: Table, account: str) -> None:
    """Let every change of `table` give the row of `account` in `stamps` a new stamp.

    `account` is an SQL expression in which `{row}` is the row that changes. Stamps are drawn at
    random: a counter would tell the same number twice after a backup was restored.
    """
    for dialect in ("postgresql", "sqlite"):
        for statement in stamp_ddl(dialect, table.name, stamps.name, account):
            ddl: Any = DDL  # its constructor carries no types
            event.listen(table, "after_create", ddl(statement).execute_if(dialect=dialect))


def stamp_ddl(dialect: str, table: str, stamps: str, account: str) -> tuple[str, ...]:
    """The statements for `stamp_changes`, for a migration."""
    drawn = "gen_random_uuid()" if dialect == "postgresql" else "lower(hex(randomblob(16)))"
    stamped = (
        f"INSERT INTO {stamps} (account_id, stamp) VALUES ({account}, {drawn}) "  # noqa: S608
        "ON CONFLICT (account_id) DO UPDATE SET stamp = excluded.stamp"
    )
    return _after_changes(dialect, table, f"{stamps}_{table}", stamped)


def append_only(table: Table, forgotten: str | None = None) -> None:
    """Let `table` refuse that its rows are changed or deleted.

    But for those that are `forgotten`: an SQL condition about OLD, under which a row may go.
    """
    for dialect in ("postgresql", "sqlite"):
        for statement in append_only_ddl(dialect, table.name, forgotten):
            ddl: Any = DDL  # its constructor carries no types
            event.listen(table, "after_create", ddl(statement).execute_if(dialect=dialect))


def append_only_ddl(dialect: str, table: str, forgotten: str | None = None) -> tuple[str, ...]:
    """The statements for `append_only`, for a migration."""
    name = f"{table}_append_only"
    if dialect == "postgresql":
        body = _refuse(name)
        if forgotten is not None:
            let_go = f"IF TG_OP = 'DELETE' THEN IF {forgotten} THEN RETURN OLD; END IF; END IF;"
            body = f"{let_go} {body}"
        return _postgresql_trigger(name, f"UPDATE OR DELETE ON {table}", body)
    unless = "" if forgotten is None else f"WHEN NOT {forgotten} "
    return tuple(
        f"CREATE TRIGGER {name}_{moment} BEFORE {moment.upper()} ON {table} {when}"
        f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
        for moment, when in (("update", ""), ("delete", unless))
    )


def drop_append_only_ddl(dialect: str, table: str) -> tuple[str, ...]:
    """The statements that undo `append_only`, for a migration that makes another one."""
    name = f"{table}_append_only"
    if dialect == "postgresql":
        return f"DROP TRIGGER {name} ON {table}", f"DROP FUNCTION {name}()"
    return tuple(f"DROP TRIGGER {name}_{moment}" for moment in ("update", "delete"))


def of_forgotten(column: str = "OLD.account_id") -> str:
    """The condition that a row is of an account that need not be kept any more."""
    return (
        f"EXISTS (SELECT 1 FROM accounts WHERE accounts.id = {column}"  # noqa: S608
        " AND accounts.forgotten_on IS NOT NULL)"
    )


def forbid_shared(table: Table, column: str, other: Table, other_column: str) -> None:
    """Let both tables refuse a value that the other one has, in these columns of theirs.

    Two that come in the same instant are not seen: for values that are drawn at random.
    """
    for dialect in ("postgresql", "sqlite"):
        for one, another in (
            ((table.name, column), (other.name, other_column)),
            ((other.name, other_column), (table.name, column)),
        ):
            for statement in forbid_shared_ddl(dialect, one, another):
                ddl: Any = DDL  # its constructor carries no types
                made = ddl(statement).execute_if(dialect=dialect)
                # The later table of the two, so that both are there.
                event.listen(other, "after_create", made)


def forbid_shared_ddl(
    dialect: str, one: tuple[str, str], another: tuple[str, str]
) -> tuple[str, ...]:
    """The statements for one side of `forbid_shared`, for a migration."""
    (table, column), (other, other_column) = one, another
    name = f"{table}_{column}_not_shared"
    found = f"EXISTS (SELECT 1 FROM {other} WHERE {other_column} = NEW.{column})"  # noqa: S608
    if dialect == "postgresql":
        body = f"IF {found} THEN {_refuse(name)} END IF; RETURN NEW;"
        return _postgresql_trigger(name, f"INSERT OR UPDATE OF {column} ON {table}", body)
    return tuple(
        f"CREATE TRIGGER {name}_{when} BEFORE {moment} ON {table} "
        f"WHEN {found} BEGIN SELECT RAISE(ABORT, '{name}'); END"
        for when, moment in (("insert", "INSERT"), ("update", f"UPDATE OF {column}"))
    )


def _postgresql_trigger(name: str, moment: str, body: str) -> tuple[str, str]:
    function = f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"
    return (
        f"{function} AS $$ BEGIN {body} END $$",
        f"CREATE TRIGGER {name} BEFORE {moment} FOR EACH ROW EXECUTE FUNCTION {name}()",
    )


def _after_changes(dialect: str, table: str, name: str, statement: str) -> tuple[str, ...]:
    """Let each change of a row of `table` do `statement`, in which `{row}` is that row."""
    if dialect == "postgresql":
        new, old = statement.format(row="NEW"), statement.format(row="OLD")
        body = f"IF TG_OP = 'DELETE' THEN {old}; ELSE {new}; END IF; RETURN NULL;"
        made = (
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
        )
        when = f"AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW"
        return made, f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {name}()"
    return tuple(
        f"CREATE TRIGGER {name}_{moment.lower()} AFTER {moment} ON {table} "
        f"BEGIN {statement.format(row='OLD' if moment == 'DELETE' else 'NEW')}; END"
        for moment in ("INSERT", "UPDATE", "DELETE")
    )


def _refuse(name: str) -> str:
    return f"RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation';"


def _exclusion(table: str, keys: Sequence[str], days: tuple[str, str]) -> tuple[str, ...]:
    same = ", ".join(f"{key} WITH =" for key in keys)
    # `[]` counts both ends in; NULL as the upper end is unbounded.
    span = f"daterange({days[0]}, {days[1]}, '[]') WITH &&"
    exclusion = f"EXCLUDE USING gist ({same}, {span})"
    return (
        "CREATE EXTENSION IF NOT EXISTS btree_gist",
        f"ALTER TABLE {table} ADD CONSTRAINT ex_{table}_no_overlap {exclusion}",
    )


def _trigger(
    table: str, keys: Sequence[str], days: tuple[str, str], moment: Literal["insert", "update"]
) -> str:
    first, last = days
    same = " AND ".join(f"other.{key} = NEW.{key}" for key in keys)
    itself = "" if moment == "insert" else " AND other.rowid <> OLD.rowid"
    # ISO dates compare as text. (Not "9" for the end: the columns' affinity would make it a
    # number, and numbers come before all texts.)
    ends = [f"coalesce({row}.{last}, '9999-12-31')" for row in ("NEW", "other")]
    shared = f"other.{first} <= {ends[0]} AND NEW.{first} <= {ends[1]}"
    name = f"ex_{table}_no_overlap"
    overlap = f"SELECT 1 FROM {table} AS other WHERE {same}{itself} AND {shared}"  # noqa: S608
    return (
        f"CREATE TRIGGER {name}_{moment} BEFORE {moment.upper()} ON {table} "
        f"WHEN EXISTS ({overlap}) BEGIN SELECT RAISE(ABORT, '{name}'); END"
    )
