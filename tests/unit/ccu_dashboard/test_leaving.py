"""The hub forgets its account, or all that is ours, when it is told to."""

from __future__ import annotations

import os

import pytest

from ccu_dashboard.domain.account import NotLinked
from ccu_dashboard.domain.contact import Contact, Outcome
from ccu_dashboard.services import child, leaving, pairing_wish
from ccu_dashboard.services.accounts import account_of
from ccu_dashboard.services.clock import HubClock
from ccu_dashboard.settings import Settings
from ccu_dashboard.storage import atomic
from tests.factories import NOW, TODAY
from tests.simulated_ccu.account_files import Case, account_files
from tests.unit.ccu_dashboard.conftest import write_account_files
from tests.unit.ccu_dashboard.pairings import (
    NOT_THERE,
    TOLD,
    invitation,
    paired,
    shown,
    want,
)
from tests.unit.ccu_dashboard.portal_server import Portal, Reply, problem
from tests.unit.ccu_dashboard.refreshing import ask, remember


async def test_unlinking_forgets_account_key_and_what_was_told(
    alone: Settings, portal: Portal
) -> None:
    await paired(alone, portal)
    clock = HubClock(lambda: NOW, lambda: 50.0)
    token = leaving.farewell(alone, clock, account_of(alone), os.urandom)
    assert token is not None
    leaving.unlink(alone)
    assert list(alone.state_folder.iterdir()) == []
    assert isinstance(account_of(alone), NotLinked)
    assert (await shown(alone)).may_pair


@pytest.mark.parametrize("name", ["link", "pairing", "status", "hub_key"])
async def test_unlinking_deletes_what_a_power_cut_has_left_of_a_file_too(
    alone: Settings, portal: Portal, name: str
) -> None:
    await paired(alone, portal)
    left = atomic.write_beside(getattr(alone, name), b"half of it")
    others = [alone.state_folder / each for each in (".profile", "link.json.kept", "releases.json")]
    for each in others:
        each.touch()
    leaving.unlink(alone)
    assert not left.exists()
    assert sorted(alone.state_folder.iterdir()) == sorted(others)


async def test_a_code_that_was_stopped_leaves_no_half_of_it(alone: Settings) -> None:
    await want(alone)
    atomic.write_beside(alone.pairing, b"half of it")
    pairing_wish.stop(alone)
    assert list(alone.state_folder.iterdir()) == []


def everything(folder: Settings) -> dict[str, bytes]:
    root = folder.vendor_folder
    return {path.name: path.read_bytes() for path in root.iterdir()}


@pytest.mark.parametrize("linked_by", ["firmware", "pairing"])
async def test_erasing_leaves_no_trace_of_ours_and_touches_nothing_of_the_firmwares(
    hub: Settings, portal: Portal, linked_by: str
) -> None:
    if linked_by == "pairing":
        write_account_files(hub.vendor_folder, account_files(Case.NOT_LINKED, TODAY))
        await paired(hub, portal)
    else:
        remember(hub)
    (hub.state_folder / "settings.toml").write_text('portal = "https://x.example"\n')
    (hub.state_folder / "notes").mkdir()
    before = everything(hub)
    leaving.erase(hub)
    assert [path.name for path in hub.state_folder.iterdir()] == ["silent"]
    assert hub.silent.read_bytes() == b""
    assert everything(hub) == before
    portal.requests.clear()
    assert ask(hub) == Contact(Outcome.SILENT)
    assert portal.requests == []
    assert [path.name for path in hub.state_folder.iterdir()] == ["silent"]


async def test_an_erased_hub_speaks_again_when_it_is_told_to(hub: Settings, portal: Portal) -> None:
    leaving.erase(hub)
    leaving.come_back(hub)
    portal.replies = [Reply(201, {"key_id": "x"}), TOLD]
    assert ask(hub).outcome is Outcome.HEARD


async def test_whoever_wants_a_code_wants_the_hub_to_speak_again(
    alone: Settings, portal: Portal
) -> None:
    leaving.erase(alone)
    await want(alone)
    portal.replies = [invitation(portal)]
    assert ask(alone).outcome is Outcome.PAIRING


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(204), {"said": True}),
        (problem(401, "unknown-key"), {"said": False, "reason": "401 unknown-key"}),
        (Reply(502, "x", {"Content-Type": "text/html"}), {"said": False, "reason": NOT_THERE}),
    ],
)
async def test_the_portal_is_told_by_a_child_that_gets_the_token_where_nobody_sees_it(
    alone: Settings, portal: Portal, monkeypatch: pytest.MonkeyPatch, reply: Reply, said: object
) -> None:
    monkeypatch.setenv("CCU_ROOT", str(alone.root))
    monkeypatch.setenv("CLOUDMATIC_SERVICE_UID", str(os.geteuid()))
    portal.replies = [reply]
    assert await child.run("goodbye", "--portal", portal.url, told=b"a.b.c") == said
    assert portal.asked == ["DELETE /api/v1/hub"]
    assert portal.requests[0].headers["Authorization"] == "Bearer a.b.c"


def test_a_hub_without_key_or_account_has_nobody_to_say_goodbye_to(alone: Settings) -> None:
    clock = HubClock(lambda: NOW, lambda: 50.0)
    assert leaving.farewell(alone, clock, account_of(alone), os.urandom) is None
