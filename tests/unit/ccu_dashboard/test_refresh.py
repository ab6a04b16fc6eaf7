"""The hub asks the portal how its account stands, and copes with whatever answers."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ccu_dashboard.domain.contact import Contact, Outcome
from ccu_dashboard.domain.schedule import NEAR_PAUSE
from ccu_dashboard.services.clock import HubClock
from ccu_dashboard.settings import Settings
from ccu_dashboard.storage import hub_key, status_cache
from ccu_dashboard.storage.status_cache import NOTHING, PortalMemory
from cloudmatic_link import signing
from cloudmatic_link.claims import HubEnrolment, HubToken
from cloudmatic_link.keys import PublicKey
from tests.factories import ACCOUNT_ID, NOW, SERIAL, TODAY, USER_KEY
from tests.simulated_ccu.account_files import Case, account_files
from tests.unit.ccu_dashboard.conftest import write_account_files
from tests.unit.ccu_dashboard.portal_server import Portal, Reply, Request, problem
from tests.unit.ccu_dashboard.refreshing import STATUS, ask, enrolment, remember

ENROL, ASK = "POST /api/v1/hubs", "GET /api/v1/hub/status"
ENROLLED = Reply(201, {"key_id": "x"})
TOLD = Reply(200, STATUS.to_json(), {"ETag": '"one"'})


def test_the_first_contact_enrols_the_hub_and_asks(hub: Settings, portal: Portal) -> None:
    portal.replies = [ENROLLED, TOLD]
    assert ask(hub) == Contact(Outcome.HEARD, "", NOW, 50.0, NEAR_PAUSE)
    assert portal.asked == [ENROL, ASK]
    assert status_cache.load(hub.status) == PortalMemory(enrolment(hub), STATUS, '"one"', NOW)


def test_the_hub_proves_its_key_and_sends_the_user_key_only_then(
    hub: Settings, portal: Portal
) -> None:
    portal.replies = [ENROLLED, TOLD]
    ask(hub)
    handed_in, asked = portal.requests
    key = PublicKey.from_jwk(handed_in.body["public_key"])
    proof = signing.verify(handed_in.body["proof"], HubEnrolment, key, audience=hub.portal, now=NOW)
    assert (proof.issuer, proof.subject) == (SERIAL, ACCOUNT_ID)
    assert handed_in.body["user_key"] == USER_KEY
    bearer = asked.headers["Authorization"].removeprefix("Bearer ")
    assert signing.verify(bearer, HubToken, key, audience=hub.portal, now=NOW).issuer == SERIAL
    assert USER_KEY not in f"{asked}{handed_in.headers}{handed_in.path}"


def test_an_enrolled_hub_only_asks_and_an_unchanged_answer_keeps_what_was_told(
    hub: Settings, portal: Portal
) -> None:
    kept, written = remember(hub), hub.status.stat().st_ino
    portal.replies = [Reply(304)]
    assert ask(hub).outcome is Outcome.HEARD
    assert portal.asked == [ASK]
    assert portal.requests[0].headers["If-None-Match"] == '"one"'
    assert status_cache.load(hub.status) == kept
    assert hub.status.stat().st_ino == written


def test_a_portal_that_forgot_the_hub_gets_to_know_it_again(hub: Settings, portal: Portal) -> None:
    remember(hub)
    portal.replies = [problem(401, "unknown-key"), ENROLLED, TOLD]
    assert ask(hub).outcome is Outcome.HEARD
    assert portal.asked == [ASK, ENROL, ASK]
    assert "If-None-Match" not in portal.requests[2].headers


def test_a_portal_that_forgets_the_hub_at_once_again_is_not_asked_for_ever(
    hub: Settings, portal: Portal
) -> None:
    remember(hub)
    portal.replies = [problem(401, "unknown-key"), ENROLLED, problem(401, "unknown-key")]
    assert ask(hub).outcome is Outcome.REFUSED
    assert len(portal.requests) == 3


def test_a_hub_that_the_portal_knows_no_more_stops_signing_links_that_lead_nowhere(
    hub: Settings, portal: Portal
) -> None:
    remember(hub)
    portal.replies = [problem(401, "unknown-key"), problem(403, "wrong-user-key")]
    assert ask(hub) == Contact(Outcome.REFUSED, "wrong-user-key", NOW, 50.0)
    assert status_cache.load(hub.status).enrolment is None


def test_an_enrolment_counts_although_the_status_did_not_come(
    hub: Settings, portal: Portal
) -> None:
    portal.replies = [ENROLLED, problem(503, "busy")]
    assert ask(hub).reason == "busy"
    assert status_cache.load(hub.status) == PortalMemory(enrolment(hub))


def test_what_is_told_of_another_account_is_not_taken_for_the_linked_ones(
    hub: Settings, portal: Portal
) -> None:
    kept = remember(hub)
    other = STATUS.to_json() | {"account": {"id": "4712", "user_name": "erikamuster"}}
    portal.replies = [Reply(200, other, {"ETag": '"two"'})]
    assert ask(hub) == Contact(Outcome.UNREACHABLE, "not-the-portal")
    assert status_cache.load(hub.status) == kept


def test_a_key_that_stands_for_another_hub_is_replaced_once(hub: Settings, portal: Portal) -> None:
    before = hub_key.load_or_create(hub.hub_key).key_id
    portal.replies = [problem(409, "key-elsewhere"), ENROLLED, TOLD]
    assert ask(hub).outcome is Outcome.HEARD
    assert portal.asked == [ENROL, ENROL, ASK]
    now = status_cache.load(hub.status).enrolment
    assert now is not None
    assert now.key_id != before
    portal.requests.clear()
    portal.replies = [problem(409, "key-elsewhere")]
    status_cache.save(hub.status, NOTHING)
    assert ask(hub).outcome is Outcome.REFUSED
    assert portal.asked == [ENROL, ENROL]


def judged_by_the_portals_clock(request: Request) -> Reply:
    """Checks times as the portal does; answers with its date."""
    token = (
        request.headers.get("Authorization", "").removeprefix("Bearer ") or request.body["proof"]
    )
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    if claims["exp"] <= NOW.timestamp():
        return problem(401, "expired")
    if claims["iat"] > NOW.timestamp() + 60:
        return problem(401, "not-yet-valid")
    return TOLD if request.method == "GET" else ENROLLED


@pytest.mark.parametrize(
    "wrong", [datetime(1970, 1, 1, tzinfo=UTC), NOW - timedelta(days=1), NOW + timedelta(days=900)]
)
def test_a_hub_with_a_wrong_clock_goes_by_the_portals_date(
    hub: Settings, portal: Portal, wrong: datetime
) -> None:
    portal.replies = [judged_by_the_portals_clock]
    clock = HubClock(lambda: wrong, lambda: 50.0)
    assert ask(hub, clock) == Contact(Outcome.HEARD, "", NOW, 50.0, NEAR_PAUSE)
    assert clock.now() == NOW
    assert portal.asked == [ENROL, ENROL, ASK]


def test_a_portal_that_never_likes_our_clock_is_asked_twice_and_no_more(
    hub: Settings, portal: Portal
) -> None:
    portal.replies = [problem(401, "expired")]
    assert ask(hub) == Contact(Outcome.REFUSED, "expired", NOW, 50.0)
    assert len(portal.requests) == 2


@pytest.mark.parametrize(
    ("reason", "shown"),
    [("revoked", "revoked"), (None, "unknown"), (5, "unknown"), ("x" * 64, "unknown")],
)  # fmt: skip
def test_a_refusal_is_told_with_its_reason_and_keeps_what_is_known(
    hub: Settings, portal: Portal, reason: Any, shown: str
) -> None:
    kept = remember(hub)
    portal.replies = [problem(403, reason)]
    assert ask(hub) == Contact(Outcome.REFUSED, shown, NOW, 50.0)
    assert status_cache.load(hub.status) == kept


@pytest.mark.parametrize(
    ("case", "outcome"),
    [
        (Case.NOT_LINKED, Outcome.NOT_LINKED),
        (Case.REGISTRATION_PENDING, Outcome.NOT_LINKED),
        (Case.BINARY_RUBBISH, Outcome.ACCOUNT_UNREADABLE),
        (Case.IDS_EMPTY_VALUES, Outcome.NO_SERIAL),
    ],
)
def test_a_hub_that_has_nothing_to_say_does_not_ask(
    hub: Settings, portal: Portal, case: Case, outcome: Outcome
) -> None:
    write_account_files(hub.vendor_folder, account_files(case, TODAY))
    assert ask(hub) == Contact(outcome)
    assert portal.requests == []


def test_the_key_is_made_at_the_first_start_though_no_account_is_linked(
    hub: Settings, portal: Portal
) -> None:
    write_account_files(hub.vendor_folder, account_files(Case.NOT_LINKED, TODAY))
    ask(hub)
    assert hub_key.load(hub.hub_key) is not None


def test_a_withdrawn_key_signs_no_more_links_and_does_not_come_back_by_itself(
    hub: Settings, portal: Portal
) -> None:
    remember(hub)
    before = hub_key.load_or_create(hub.hub_key).key_id
    portal.replies = [problem(403, "revoked-key"), problem(403, "revoked-key")]
    assert ask(hub) == Contact(Outcome.REFUSED, "revoked-key", NOW, 50.0)
    assert portal.asked == [ASK, ENROL]
    assert status_cache.load(hub.status).enrolment is None
    assert hub_key.load_or_create(hub.hub_key).key_id == before


def test_a_hub_restored_on_other_hardware_enrols_with_a_key_of_its_own(
    hub: Settings, portal: Portal
) -> None:
    remember(hub)
    before = hub_key.load_or_create(hub.hub_key).key_id
    portal.replies = [
        problem(403, "hub-mismatch"), problem(409, "key-elsewhere"), ENROLLED, TOLD,
    ]  # fmt: skip
    assert ask(hub).outcome is Outcome.HEARD
    assert portal.asked == [ASK, ENROL, ENROL, ASK]
    now = status_cache.load(hub.status).enrolment
    assert now is not None
    assert now.key_id != before


def test_a_damaged_key_is_told_and_nobody_asked(hub: Settings, portal: Portal) -> None:
    hub.hub_key.write_bytes(b"damaged")
    assert ask(hub) == Contact(Outcome.KEY_UNUSABLE)
    assert portal.requests == []


def test_a_card_that_cannot_be_written_is_told(hub: Settings, portal: Portal) -> None:
    hub.state_folder.rmdir()
    assert ask(hub) == Contact(Outcome.STATE_UNWRITABLE, "No such file or directory")
