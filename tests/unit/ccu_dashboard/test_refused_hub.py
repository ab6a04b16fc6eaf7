"""The portal does not want this hub any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccu_dashboard.domain.contact import Outcome
from ccu_dashboard.domain.finding import State
from ccu_dashboard.domain.pairing import Ended, Ending
from ccu_dashboard.services import doctor, leaving
from ccu_dashboard.settings import Settings
from ccu_dashboard.storage import atomic, pairing_file, status_cache
from cloudmatic_link.pairing import Confirmation
from tests.factories import ACCOUNT_ID
from tests.unit.ccu_dashboard.pairings import (
    ASK,
    CONFIRMED,
    ENROL,
    NOT_THERE,
    TOLD,
    form,
    invitation,
    paired,
    shown,
    want,
)
from tests.unit.ccu_dashboard.portal_server import Portal, Reply, problem
from tests.unit.ccu_dashboard.refreshing import ask, remember


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were written, in that order: each one wears the card."""
    names: list[str] = []
    put = atomic.replace

    def replace_and_count(path: Path, content: bytes) -> None:
        names.append(path.name)
        put(path, content)

    monkeypatch.setattr(atomic, "replace", replace_and_count)
    return names


@pytest.mark.parametrize("word", ["revoked-key", "unknown-key", "hub-mismatch", "account-mismatch"])
async def test_a_paired_hub_that_is_refused_says_so_until_it_is_linked_anew(
    alone: Settings, portal: Portal, word: str, written: list[str]
) -> None:
    await paired(alone, portal)
    written.clear()
    refused, gone = problem(403, word), Reply(502, "x", {"Content-Type": "text/html"})
    portal.replies = [refused, refused, gone, refused]
    outcomes = []
    for _ in portal.replies.copy():
        contact = ask(alone)
        outcomes.append((contact.outcome, contact.reason))
        # No link is signed with a key that nobody takes, whether the portal is there or not.
        page = await shown(alone)
        assert (page.refusal, page.enrolled, page.may_pair) == (word, False, True)
    asked_again = (Outcome.REFUSED, word)
    away = (Outcome.UNREACHABLE, NOT_THERE)
    assert outcomes == [asked_again, asked_again, away, asked_again]
    assert portal.asked == [ASK] * 4
    assert written == ["status.json"]
    await want(alone)
    portal.replies = [invitation(portal), CONFIRMED, TOLD]
    ask(alone)
    assert ask(alone).outcome is Outcome.HEARD
    page = await shown(alone)
    assert (page.refusal, page.enrolled, page.may_pair) == (None, True, False)


async def test_a_paired_hub_that_lost_its_status_signs_links_when_the_portal_has_told_it_again(
    alone: Settings, portal: Portal
) -> None:
    await paired(alone, portal)
    alone.status.unlink()
    portal.replies = [Reply(502, "x", {"Content-Type": "text/html"}), TOLD]
    assert ask(alone).outcome is Outcome.UNREACHABLE
    assert not (await shown(alone)).enrolled
    assert not alone.status.exists()
    assert ask(alone).outcome is Outcome.HEARD
    assert (await shown(alone)).enrolled


@pytest.mark.parametrize("word", ["revoked-key", "credentials-refused"])
async def test_a_hub_that_the_firmware_linked_is_confirmed_by_that_account_only(
    hub: Settings, portal: Portal, word: str
) -> None:
    portal.replies = [problem(403, word)]
    ask(hub)
    assert (await shown(hub)).refusal == word
    await want(hub)
    portal.requests.clear()
    portal.replies = [invitation(portal), CONFIRMED, TOLD]
    ask(hub)
    assert form(portal.requests[0])["account"] == ACCOUNT_ID
    assert ask(hub).outcome is Outcome.HEARD
    assert not hub.link.exists()
    assert (await shown(hub)).enrolled


async def test_a_confirmation_by_another_account_is_not_taken(
    hub: Settings, portal: Portal
) -> None:
    portal.replies = [problem(403, "revoked-key")]
    ask(hub)
    await want(hub)
    other = Reply(200, Confirmation("4712", "erikamuster").to_json())
    portal.replies = [invitation(portal), other]
    ask(hub)
    ask(hub)
    assert pairing_file.load(hub.pairing, hub.portal) == Ended(Ending.OTHER_ACCOUNT)
    assert not (await shown(hub)).enrolled


async def test_a_lost_key_of_a_hub_that_the_firmware_linked_is_replaced_by_itself(
    hub: Settings, portal: Portal
) -> None:
    before = remember(hub).enrolment
    hub.hub_key.unlink()
    portal.replies = [Reply(201, {"key_id": "x"}), TOLD]
    assert ask(hub).outcome is Outcome.HEARD
    assert portal.asked == [ENROL, ASK]
    now = status_cache.load(hub.status).enrolment
    assert before is not None
    assert now is not None
    assert now.key_id != before.key_id


async def test_a_lost_key_of_a_paired_hub_needs_another_code(
    alone: Settings, portal: Portal
) -> None:
    await paired(alone, portal)
    alone.hub_key.unlink()
    portal.replies = [problem(401, "unknown-key")]
    assert ask(alone).reason == "unknown-key"
    assert (await shown(alone)).may_pair


async def test_the_doctor_names_a_refusal_and_a_silence(hub: Settings, portal: Portal) -> None:
    portal.replies = [problem(403, "revoked-key")]
    ask(hub)
    found = doctor._enrolment(hub, None)
    assert (found.state, found.found.values) == (State.FAILED, {"reason": "revoked-key"})
    leaving.erase(hub)
    assert doctor._enrolment(hub, None).state is State.WARNING


async def test_a_new_user_key_in_the_firmwares_files_mends_a_refusal(
    hub: Settings, portal: Portal
) -> None:
    portal.replies = [problem(401, "credentials-refused")]
    ask(hub)
    portal.replies = [Reply(201, {"key_id": "x"}), TOLD]
    assert ask(hub).outcome is Outcome.HEARD
    assert (await shown(hub)).refusal is None


async def test_a_refusal_of_another_account_is_none_of_this_one(
    hub: Settings, portal: Portal
) -> None:
    portal.replies = [problem(401, "credentials-refused")]
    ask(hub)
    mhcfg = hub.vendor_folder / "mhcfg"
    mhcfg.write_bytes(mhcfg.read_bytes().replace(b"userid=4711", b"userid=4712"))
    assert (await shown(hub)).refusal is None
