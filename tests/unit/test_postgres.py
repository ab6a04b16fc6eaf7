"""Nothing is left untried on PostgreSQL in silence."""

from __future__ import annotations

import pytest

from tests import postgres


def test_without_postgresql_a_test_on_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(postgres.WITHOUT, raising=False)
    with pytest.raises(pytest.fail.Exception, match="Debian package"):
        postgres.required(None)


def test_whoever_asked_to_do_without_has_it_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(postgres.WITHOUT, "1")
    with pytest.raises(pytest.skip.Exception, match=postgres.WITHOUT):
        postgres.required(None)
