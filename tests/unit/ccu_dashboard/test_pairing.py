"""The hub gets an account by a code, and keeps to what the firmware says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ccu_dashboard.domain.account import Linked, NotLinked, Unreadable
from ccu_dashboard.domain.contact import Contact, Outcome
from ccu_dashboard.domain.errors import PairingImpossible
from ccu_dashboard.domain.pairing import Ended, Ending, Open, Wanted
from ccu_dashboard.services.accounts import account_of
from ccu_dashboard.services.clock import HubClock
from ccu_dashboard.settings import Settings
from ccu_dashboard.storage import atomic, hub_key, own_link, pairing_file, status_cache
from ccu_dashboard.storage.status_cache import Enrolment
from cloudmatic_link import signing
from cloudmatic_link.claims import HubPairing
from cloudmatic_link.keys import PublicKey
from cloudmatic_link.pairing import ASSERTION_TYPE, GRANT_TYPE, Confirmation
from tests.factories import ACCOUNT_ID, NOW, SERIAL, TODAY, USER_NAME
from tests.simulated_ccu.account_files import Case, account_files
from tests.unit.ccu_dashboard.conftest import write_account_files
from tests.unit.ccu_dashboard.pairings import (
    ASK,
    BEGIN,
    CONFIRMED,
    ENROL,
    POLL,
    TOLD,
    form,
    invitation,
    not_yet,
    paired,
    want,
)
from tests.unit.ccu_dashboard.portal_server import Portal, Reply, problem
from tests.unit.ccu_dashboard.refreshing import ask


async def test_a_code_is_asked_for_and_then_whether_it_was_confirmed(
    alone: Settings, portal: Portal
) -> None:
    await want(alone)
    portal.replies = [invitation(portal), not_yet("authorization_pending"), CONFIRMED, TOLD]
    assert ask(alone) == Contact(Outcome.PAIRING, "", NOW, 50.0, 5.0)
    open_ = pairing_file.load(alone.pairing, alone.portal)
    assert isinstance(open_, Open)
    assert open_.expires_at == NOW + timedelta(minutes=10)
    assert ask(alone).outcome is Outcome.PAIRING
    assert ask(alone).outcome is Outcome.HEARD
    assert portal.asked == [BEGIN, POLL, POLL, ASK]
    account = account_of(alone)
    assert isinstance(account, Linked)
    assert (account.account_id, account.user_name, account.paired) == (ACCOUNT_ID, USER_NAME, True)
    assert status_cache.load(alone.status).enrolment == Enrolment(
        alone.portal, ACCOUNT_ID, open_.key_id
    )
    assert not alone.pairing.exists()
    for path in (alone.link, alone.hub_key, alone.status):
        assert path.stat().st_mode & 0o777 == 0o600


async def test_every_question_is_signed_anew_by_the_key_that_was_handed_in(
    alone: Settings, portal: Portal
) -> None:
    await want(alone)
    portal.replies = [invitation(portal), CONFIRMED, TOLD]
    ask(alone)
    ask(alone)
    first, second = map(form, portal.requests[:2])
    key = PublicKey.from_jwk(json.loads(first["public_key"]))
    said = []
    for each in (first, second):
        assert (each["client_id"], each["client_assertion_type"]) == (SERIAL, ASSERTION_TYPE)
        claims = signing.verify(
            each["client_assertion"], HubPairing, key, audience=alone.portal, now=NOW
        )
        assert claims.issuer == SERIAL
        said.append(claims.token_id)
    assert len(set(said)) == 2
    assert (second["grant_type"], second["device_code"]) == (GRANT_TYPE, "A" * 43)
    assert "account" not in first


async def test_each_pairing_has_a_key_of_its_own_made_once(alone: Settings, portal: Portal) -> None:
    before = hub_key.load_or_create(alone.hub_key).key_id
    await want(alone)
    unreachable = replace(alone, portal="http://127.0.0.1:1")
    portal.replies = [Reply(503, "busy", {"Content-Type": "text/html"})]
    assert ask(alone).outcome is Outcome.UNREACHABLE
    now = hub_key.load_or_create(alone.hub_key).key_id
    assert now != before
    assert ask(alone).outcome is ask(unreachable).outcome is Outcome.UNREACHABLE
    assert hub_key.load_or_create(alone.hub_key).key_id == now
    portal.replies = [invitation(portal)]
    ask(alone)
    assert hub_key.load_or_create(alone.hub_key).key_id == now


@pytest.mark.parametrize(
    ("reply", "ending"),
    [
        (not_yet("access_denied"), Ended(Ending.DENIED)),
        (not_yet("expired_token"), Ended(Ending.EXPIRED)),
    ],
)
async def test_what_comes_to_nothing_is_told_and_not_asked_again(
    alone: Settings, portal: Portal, reply: Reply, ending: Ended
) -> None:
    await want(alone)
    portal.replies = [invitation(portal), reply]
    ask(alone)
    assert ask(alone).outcome is Outcome.NOT_LINKED
    assert pairing_file.load(alone.pairing, alone.portal) == ending
    portal.requests.clear()
    assert ask(alone).outcome is Outcome.NOT_LINKED
    assert portal.requests == []
    # Another try is one click away.
    await want(alone)
    assert pairing_file.load(alone.pairing, alone.portal) == Wanted()


async def test_a_portal_that_knows_no_codes_yet_ends_the_wish_and_nothing_else(
    alone: Settings, portal: Portal
) -> None:
    await want(alone)
    portal.replies = [problem(404, "not-found")]
    assert ask(alone).outcome is Outcome.NOT_LINKED
    assert pairing_file.load(alone.pairing, alone.portal) == Ended(Ending.FAILED, "not-found")


async def test_a_hub_that_is_told_to_slow_down_does(alone: Settings, portal: Portal) -> None:
    await want(alone)
    portal.replies = [invitation(portal), not_yet("slow_down")]
    ask(alone)
    assert ask(alone).pause == 10.0


async def test_a_portal_that_gives_no_codes_now_is_asked_when_it_says(
    alone: Settings, portal: Portal
) -> None:
    await want(alone)
    busy = problem(429, "too-many-attempts")
    busy.headers["Retry-After"] = "60"
    portal.replies = [busy]
    assert ask(alone) == Contact(Outcome.REFUSED, "too-many-attempts", NOW, 50.0, 60.0)
    assert isinstance(pairing_file.load(alone.pairing, alone.portal), Wanted)


async def test_a_hub_that_was_offline_when_it_was_confirmed_still_hears_of_it(
    alone: Settings, portal: Portal
) -> None:
    await want(alone)
    portal.replies = [invitation(portal)]
    ask(alone)
    late = HubClock(lambda: NOW + timedelta(hours=20), lambda: 50.0)
    portal.replies = [CONFIRMED, TOLD]
    assert ask(alone, late).outcome is Outcome.HEARD
    assert isinstance(account_of(alone), Linked)


async def test_after_a_day_nobody_is_asked_any_more(alone: Settings, portal: Portal) -> None:
    await want(alone)
    portal.replies = [invitation(portal)]
    ask(alone)
    portal.requests.clear()
    ask(alone, HubClock(lambda: NOW + timedelta(days=2), lambda: 50.0))
    assert portal.requests == []
    assert pairing_file.load(alone.pairing, alone.portal) == Ended(Ending.EXPIRED)


async def test_a_wrong_clock_is_set_by_the_portal(alone: Settings, portal: Portal) -> None:
    await want(alone)
    portal.replies = [problem(401, "not-yet-valid"), invitation(portal)]
    clock = HubClock(lambda: datetime(2031, 1, 1, tzinfo=UTC), lambda: 50.0)
    assert ask(alone, clock).outcome is Outcome.PAIRING
    assert clock.now() == NOW


async def test_an_answer_that_leads_elsewhere_is_not_the_portals(
    alone: Settings, portal: Portal
) -> None:
    await want(alone)
    evil = invitation(portal)
    evil.document["verification_uri_complete"] = "https://evil.example/pair"
    portal.replies = [evil]
    assert ask(alone) == Contact(Outcome.UNREACHABLE, "not-the-portal")
    assert isinstance(pairing_file.load(alone.pairing, alone.portal), Wanted)


async def test_a_linked_hub_needs_no_code(hub: Settings) -> None:
    with pytest.raises(PairingImpossible):
        await want(hub)


async def test_a_hub_without_serial_gets_no_code(alone: Settings) -> None:
    write_account_files(alone.vendor_folder, account_files(Case.NOT_LINKED, TODAY))
    (alone.vendor_folder / "ids").unlink(missing_ok=True)
    for path in alone.serial_files:
        path.unlink(missing_ok=True)
    with pytest.raises(PairingImpossible):
        await want(alone)


# What the firmware says goes first.


async def test_an_account_that_the_firmware_links_takes_the_place_of_ours(
    alone: Settings, portal: Portal
) -> None:
    await paired(alone, portal)
    write_account_files(alone.vendor_folder, account_files(Case.LINKED, TODAY))
    account = account_of(alone)
    assert isinstance(account, Linked)
    assert not account.paired
    other = Confirmation("4712", "erikamuster")
    link = own_link.load(alone.link)
    assert link is not None
    own_link.save(alone.link, replace(link, account_id=other.account_id))
    status_cache.save(alone.status, status_cache.NOTHING)
    left = atomic.write_beside(alone.link, b"half of it")
    portal.replies = [problem(409, "key-elsewhere"), Reply(201, {"key_id": "x"}), TOLD]
    assert ask(alone).outcome is Outcome.HEARD
    # The key stands for the firmware's account now, and ours is gone for good.
    assert not alone.link.exists()
    assert not left.exists()
    write_account_files(alone.vendor_folder, account_files(Case.NOT_LINKED, TODAY))
    assert isinstance(account_of(alone), NotLinked)


async def test_where_the_firmwares_files_cannot_be_read_nothing_is_guessed(
    alone: Settings, portal: Portal
) -> None:
    await paired(alone, portal)
    write_account_files(alone.vendor_folder, account_files(Case.BINARY_RUBBISH, TODAY))
    assert isinstance(account_of(alone), Unreadable)


async def test_a_link_to_another_portal_is_none_here(alone: Settings, portal: Portal) -> None:
    await paired(alone, portal)
    assert isinstance(account_of(replace(alone, portal="https://other.example")), NotLinked)


async def test_a_pairing_ends_when_the_firmware_links_an_account_meanwhile(
    alone: Settings, portal: Portal
) -> None:
    await want(alone)
    portal.replies = [invitation(portal)]
    ask(alone)
    write_account_files(alone.vendor_folder, account_files(Case.LINKED, TODAY))
    portal.requests.clear()
    portal.replies = [Reply(201, {"key_id": "x"}), TOLD]
    assert ask(alone).outcome is Outcome.HEARD
    assert portal.asked == [ENROL, ASK]
    assert not alone.pairing.exists()
