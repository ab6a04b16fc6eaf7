"""What lies on the card of a pairing may be damaged, and holds no secret."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from ccu_dashboard.domain.account import NotLinked
from ccu_dashboard.services.accounts import account_of
from ccu_dashboard.settings import Settings
from ccu_dashboard.storage import own_link, pairing_file
from ccu_dashboard.storage.own_link import OwnLink
from tests.unit.ccu_dashboard.pairings import (
    paired,
)
from tests.unit.ccu_dashboard.portal_server import Portal

DAMAGED: list[Callable[[bytes], bytes]] = [
    lambda _: b"", lambda _: b"{", lambda _: b"[]", lambda _: b"null", lambda _: b"\xff",
    lambda text: text.replace(b"4711", b"0"), lambda text: text.replace(b"maxmuster", b""),
    lambda text: text[: len(text) // 2], lambda _: b"[" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGED)
async def test_a_damaged_link_is_none(
    alone: Settings, portal: Portal, damage: Callable[[bytes], bytes]
) -> None:
    await paired(alone, portal)
    alone.link.write_bytes(damage(alone.link.read_bytes()))
    assert isinstance(account_of(alone), NotLinked)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "5", '{"state": "open"}', '{"state": "x"}', '{"state": []}',
             '{"state": "ended", "ending": "x", "reason": ""}', "[" * 100_000,
             '{"state": "wanted", "key": ["x"]}', '{"state": "wanted", "key": 5}'],
)  # fmt: skip
def test_a_damaged_pairing_is_none(alone: Settings, text: str) -> None:
    alone.pairing.write_text(text)
    assert pairing_file.load(alone.pairing, alone.portal) is None


def test_an_own_link_holds_no_secret(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("link") / "link.json"
    own_link.save(path, OwnLink("https://x.example", "4711", "max", "A" * 43))
    assert set(json.loads(path.read_text())) == {"portal", "account", "user_name", "key"}
