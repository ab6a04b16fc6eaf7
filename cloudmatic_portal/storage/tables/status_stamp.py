"""Whether anything has changed of what an account's hubs are told."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, String, Table

from cloudmatic_portal.storage.database import metadata
from cloudmatic_portal.storage.ddl import stamp_changes
from cloudmatic_portal.storage.tables.access import access_periods
from cloudmatic_portal.storage.tables.account import BIG
from cloudmatic_portal.storage.tables.catalogue import products, terms
from cloudmatic_portal.storage.tables.order import order_items, orders
from cloudmatic_portal.storage.tables.subscription import subscriptions

EVERYBODY: Final = 0
"""Stands for all accounts: no CloudMatic-ID."""

# One row an account. Stays when the account is gone, as what the law keeps of it may still change.
status_stamps: Final = Table(
    "status_stamps",
    metadata,
    Column("account_id", BIG, primary_key=True, autoincrement=False),
    Column("stamp", String(36), nullable=False),
)
for _table in (access_periods, orders, subscriptions):
    stamp_changes(_table, status_stamps, "{row}.account_id")
stamp_changes(
    order_items,
    status_stamps,
    "(SELECT account_id FROM orders WHERE orders.id = {row}.order_id)",
)
for _table in (products, terms):
    stamp_changes(_table, status_stamps, str(EVERYBODY))
