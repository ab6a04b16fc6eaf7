"""Unlinking, and deleting personal data, on the hub's own pages."""

from __future__ import annotations

import asyncio

import pytest

from tests.factories import hub_status
from tests.integration.dashboard.conftest import PREFIX, TODAY, Dashboard
from tests.integration.dashboard.linking import click, link, remember, words
from tests.simulated_ccu.account_files import Case, account_files

pytestmark = pytest.mark.asyncio(loop_scope="module")


def vendor_files(hub: Dashboard) -> dict[str, bytes]:
    folder = hub.addon.root / "etc/config/addons/mh"
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


async def test_unlinking_is_said_beforehand_and_then_done(state: Dashboard) -> None:
    state.link(account_files(Case.NOT_LINKED, TODAY))
    link(state)
    sid = state.ccu.engine.login("Admin")
    assert "maxmuster" in words(await state.ask(sid=sid))
    asked = words(await state.ask(f"{PREFIX}leave", sid=sid))
    for each in ("die Verknüpfung mit dem Konto", "der Schlüssel dieser Zentrale", "4711"):
        assert each in asked
    assert (state.addon.state / "link.json").exists()
    assert (await click(state, sid, "leave/unlink")).status == 303
    assert "Kein Konto verknüpft" in words(await state.ask(sid=sid))
    assert not (state.addon.state / "link.json").exists()


@pytest.mark.parametrize("by", ["firmware", "pairing"])
async def test_deleting_personal_data_leaves_nothing_of_ours(state: Dashboard, by: str) -> None:
    if by == "pairing":
        state.link(account_files(Case.NOT_LINKED, TODAY))
        link(state)
    remember(state, hub_status())
    before = vendor_files(state)
    sid = state.ccu.engine.login("Admin")
    asked = words(await state.ask(f"{PREFIX}leave", sid=sid))
    assert "Einstellungen dieses Add-ons" in asked
    assert "Die CloudMatic-Dateien der Firmware bleiben" in asked
    assert (await click(state, sid, "leave/erase")).status == 303
    # The service lives on, and writes nothing new.
    await asyncio.sleep(1)
    assert [each.name for each in state.addon.state.iterdir()] == ["silent"]
    assert vendor_files(state) == before
    page = await state.ask(sid=sid)
    if by == "pairing":
        assert "Kein Konto verknüpft" in words(page)
    else:
        assert "Hier wurden die persönlichen Daten gelöscht" in words(page)
        assert (await click(state, sid, "return")).status == 303
        assert "Hier wurden die persönlichen Daten" not in words(await state.ask(sid=sid))
