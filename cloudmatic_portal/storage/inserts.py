"""Rows that may be there already: what `ON CONFLICT` says in either database's dialect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Executable, Select, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement with `ON CONFLICT`, made once for either database. `execute` it with values."""

    postgresql: Executable
    sqlite: Executable

    def on(self, connection: AsyncConnection) -> Executable:
        return self.postgresql if connection.dialect.name == "postgresql" else self.sqlite


def insert_unless_known(table: Table, rows: Select[Any] | None = None) -> Prepared:
    """Insert a row, or what `rows` finds for all of the table's columns; one that a unique
    constraint refuses is left out silently.
    """
    found = []
    for dialect in (postgresql, sqlite_dialect):
        new = dialect.insert(table)
        if rows is not None:
            new = new.from_select(list(table.c), rows)
        found.append(new.on_conflict_do_nothing())
    return Prepared(*found)


def insert_or_change(
    table: Table,
    change: Mapping[str, Any] | None = None,
    *returning: Column[Any],
    key: Column[Any] | None = None,
    where: ColumnElement[bool] | None = None,
) -> Prepared:
    """Insert a row; where its primary key (or unique `key`) is there, make `change` instead if the
    row is as `where`, or take all the values of the new row.
    """
    found = []
    unique = table.primary_key if key is None else [key]
    for dialect in (postgresql, sqlite_dialect):
        new = dialect.insert(table)
        rest = {each.name: new.excluded[each.name] for each in table.c if not each.primary_key}
        changed = new.on_conflict_do_update(index_elements=unique, set_=change or rest, where=where)
        found.append(changed.returning(*returning) if returning else changed)
    return Prepared(*found)


def insert_or_lock(
    connection: AsyncConnection, table: Table, *rows: Mapping[str, Any]
) -> ReturningInsert[Any]:
    """Insert `rows` in their order; where the primary key is known, lock the row that is there.

    Returns all of these rows as they are now. In one statement, so that none can be deleted between
    finding that it is there and locking it.
    """
    statement = _insert(connection, table).values(rows)
    key = table.primary_key.columns[0]
    unchanged = {key.name: statement.excluded[key.name]}
    return statement.on_conflict_do_update(index_elements=[key], set_=unchanged).returning(table)


def _insert(connection: AsyncConnection, table: Table) -> postgresql.Insert | sqlite_dialect.Insert:
    """Both spell `ON CONFLICT` alike, and SQLAlchemy has it in its dialects only."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite_dialect.insert(table)
