"""What the database's errors say gets into the log: no secrets, please."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cloudmatic_portal.storage.database import Database

SECRET = "a token that opens an account"


@pytest.mark.parametrize("way", ["reading", "writing"])
async def test_an_error_does_not_repeat_what_was_to_be_stored(database: Database, way: str) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with getattr(database, way)() as connection:
            await connection.execute(text("SELECT 1 FROM nowhere WHERE token = :t"), {"t": SECRET})
    assert "nowhere" in str(caught.value)
    assert SECRET not in str(caught.value)
