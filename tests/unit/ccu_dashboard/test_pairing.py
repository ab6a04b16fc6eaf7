"""The hub gets an account by a code, keeps to what the firmware says, and forgets when told to."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from ccu_dashboard.domain.account import Linked, NotLinked, Unreadable
from ccu_dashboard.domain.contact import Contact, Outcome
from ccu_dashboard.domain.errors import PairingImpossible
from ccu_dashboard.domain.finding import State
from ccu_dashboard.domain.pairing import Ended, Ending, Open, Wanted
from ccu_dashboard.services import child, doctor, leaving, pairing_wish
from ccu_dashboard.services.accounts import account_of
from ccu_dashboard.services.clock import HubClock
from ccu_dashboard.services.overview import Overview, overview
from ccu_dashboard.settings import Settings
from ccu_dashboard.storage import atomic, hub_key, own_link, pairing_file, status_cache
from ccu_dashboard.storage.own_link import OwnLink
from ccu_dashboard.storage.status_cache import Enrolment
from cloudmatic_link import signing
from cloudmatic_link.claims import HubPairing
from cloudmatic_link.keys import PublicKey
from cloudmatic_link.pairing import ASSERTION_TYPE, GRANT_TYPE, Confirmation, Invitation
from tests.factories import ACCOUNT_ID, NOW, SERIAL, TODAY, USER_NAME
from tests.simulated_ccu.account_files import Case, account_files
from tests.unit.ccu_dashboard.conftest import write_account_files
from tests.unit.ccu_dashboard.portal_server import Portal, Reply, Request, problem
from tests.unit.ccu_dashboard.refreshing import STATUS, ask, remember

NOT_THERE = "not-the-portal"
BEGIN, POLL = "POST /api/v1/device", "POST /api/v1/device/token"
ASK, ENROL = "GET /api/v1/hub/status", "POST /api/v1/hubs"
TOLD = Reply(200, STATUS.to_json(), {"ETag": '"one"'})
CONFIRMED = Reply(200, Confirmation(ACCOUNT_ID, USER_NAME).to_json())


def not_yet(word: str) -> Reply:
    return Reply(400, {"error": word, "reason": word.replace("_", "-")})


def invitation(portal: Portal) -> Reply:
    invited = Invitation(
        device_code="A" * 43,
        user_code="BCDF-GHJK",
        verification_uri=f"{portal.url}/pair",
        verification_uri_complete=f"{portal.url}/pair?code=BCDF-GHJK",
        expires_in=600,
        interval=5,
    )
    return Reply(200, invited.to_json())


@pytest.fixture
def alone(hub: Settings) -> Settings:
    """A hub whose firmware names no account."""
    write_account_files(hub.vendor_folder, account_files(Case.NOT_LINKED, TODAY))
    return hub


def form(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.body).items()}


async def shown(hub: Settings) -> Overview:
    return await overview(hub, TODAY)


async def want(hub: Settings) -> None:
    pairing_wish.want(hub, await shown(hub))


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


async def paired(alone: Settings, portal: Portal) -> None:
    await want(alone)
    portal.replies = [invitation(portal), CONFIRMED, TOLD]
    ask(alone)
    ask(alone)
    portal.requests.clear()


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
    portal.replies = [problem(409, "key-elsewhere"), Reply(201, {"key_id": "x"}), TOLD]
    assert ask(alone).outcome is Outcome.HEARD
    # The key stands for the firmware's account now, and ours is gone for good.
    assert not alone.link.exists()
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


# The portal does not want this hub any more.


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


# To forget.


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


# What lies on the card may be damaged.

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
             '{"state": "ended", "ending": "x", "reason": ""}', "[" * 100_000],
)  # fmt: skip
def test_a_damaged_pairing_is_none(alone: Settings, text: str) -> None:
    alone.pairing.write_text(text)
    assert pairing_file.load(alone.pairing, alone.portal) is None


def test_an_own_link_holds_no_secret(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("link") / "link.json"
    own_link.save(path, OwnLink("https://x.example", "4711", "max", "A" * 43))
    assert set(json.loads(path.read_text())) == {"portal", "account", "user_name", "key"}
