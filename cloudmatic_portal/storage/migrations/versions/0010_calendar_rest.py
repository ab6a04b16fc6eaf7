"""What is due for what was there before the calendar: reminders, renewals, expiry of open orders.

Each action is what `domain.due` would have planned. What has been planned since is left as it is.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_BERLIN: Final = ZoneInfo("Europe/Berlin")
_DAY: Final = timedelta(days=1)
_INSTANT: Final = sa.DateTime(timezone=True)

# SQLite knows no time zones: the instants of each day that occurs, worked out beforehand.
_MOMENTS: Final = sa.Table(
    "moments",
    sa.MetaData(),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("next_day", sa.Date, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("early", _INSTANT, nullable=False),
    sa.Column("morning", _INSTANT, nullable=False),
    sa.Column("night", _INSTANT, nullable=False),
    sa.Column("next_night", _INSTANT, nullable=False),
    prefixes=["TEMPORARY"],
)
_DAYS: Final = """
    SELECT last_day FROM access_periods
    UNION SELECT pay_until FROM orders WHERE state = 'open'
"""
# An end of coverage is one that no other period goes on from; the days of grace of a period that is
# not paid are nothing to be reminded of. What has ended before today has ended.
_REMINDERS: Final = """
    INSERT INTO due_actions (kind, key, account_id, day, due_at, state)
    SELECT DISTINCT '{kind}', '{kind}:' || CAST(mine.account_id AS VARCHAR) || ':' || moments.name,
        mine.account_id, mine.last_day, moments.{moment}, 'waiting'
    FROM access_periods AS mine JOIN moments ON moments.day = mine.last_day
    WHERE mine.grace_for IS NULL AND mine.last_day >= :today AND NOT EXISTS (
        SELECT 1 FROM access_periods AS other
        WHERE other.account_id = mine.account_id
            AND other.first_day <= moments.next_day AND other.last_day > mine.last_day)
    ON CONFLICT DO NOTHING
"""
# After the period that is paid last, unless it is planned or ordered.
_RENEWALS: Final = """
    INSERT INTO due_actions
        (kind, key, account_id, subscription_id, number, day, due_at, state)
    SELECT 'renewal', 'renewal:' || CAST(subscriptions.id AS VARCHAR) || ':'
            || CAST(paid.period_number + 1 AS VARCHAR) || ':' || moments.name,
        subscriptions.account_id, subscriptions.id, paid.period_number + 1,
        access_periods.last_day, moments.night, 'waiting'
    FROM subscriptions
        JOIN order_items AS paid ON paid.subscription_id = subscriptions.id
        JOIN access_periods ON access_periods.order_item = paid.id
        JOIN moments ON moments.day = access_periods.last_day
        LEFT JOIN order_items AS following ON following.subscription_id = subscriptions.id
            AND following.period_number = paid.period_number + 1
        LEFT JOIN due_actions AS planned ON planned.subscription_id = subscriptions.id
            AND planned.kind = 'renewal' AND planned.number = paid.period_number + 1
    WHERE subscriptions.state = 'active' AND following.id IS NULL AND planned.id IS NULL
    ON CONFLICT DO NOTHING
"""
_EXPIRY: Final = """
    INSERT INTO due_actions (kind, key, account_id, order_id, due_at, state)
    SELECT 'order_expiry', 'order_expiry:' || CAST(orders.id AS VARCHAR),
        orders.account_id, orders.id, moments.next_night, 'waiting'
    FROM orders JOIN moments ON moments.day = orders.pay_until
    WHERE orders.state = 'open' AND orders.cart_revision IS NOT NULL
    ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    connection = op.get_bind()
    days = [_day(found) for found in connection.scalars(sa.text(_DAYS))]
    if not days:
        return
    _MOMENTS.create(connection)
    connection.execute(sa.insert(_MOMENTS), [_moments(each) for each in days])
    today = {"today": datetime.now(_BERLIN).date()}
    for kind, moment in (("reminder_early", "early"), ("reminder_last", "morning")):
        reminders = sa.text(_REMINDERS.format(kind=kind, moment=moment))
        connection.execute(reminders.bindparams(sa.bindparam("today", type_=sa.Date)), today)
    connection.execute(sa.text(_RENEWALS))
    connection.execute(sa.text(_EXPIRY))
    _MOMENTS.drop(connection)


def downgrade() -> None:
    raise NotImplementedError("customers' data is not dropped; restore the backup instead")


def _day(found: date | str) -> date:
    """SQLite has no dates."""
    return date.fromisoformat(found) if isinstance(found, str) else found


def _moments(day: date) -> dict[str, date | datetime | str]:
    return {
        "day": day,
        "next_day": day + _DAY,
        "name": day.isoformat(),
        "early": _instant(day - 5 * _DAY, 9),
        "morning": _instant(day, 9),
        "night": _instant(day, 4),
        "next_night": _instant(day + _DAY, 4),
    }


def _instant(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), _BERLIN).astimezone(UTC)
