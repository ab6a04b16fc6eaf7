"""A hub hands in its key once, and nobody can hand in one for somebody else."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from cloudmatic_link.api import HUBS_PATH
from tests.integration.portal.hubs import Hub, enrolled_hub, with_erikas_hub, withdraw
from tests.integration.portal.world import Answer, Portal

JSON = {"Content-Type": "application/json"}


async def post(portal: Portal, body: Any, headers: dict[str, str] = JSON) -> Answer:
    async with aiohttp.ClientSession() as session:
        url = portal.url(HUBS_PATH)
        async with session.post(url, data=body, headers=headers) as response:
            return await Answer.of(response)


def reason(answer: Answer) -> str:
    """The reason of a problem; checks that it is a proper one (RFC 9457)."""
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    problem = json.loads(answer.text)
    assert problem["status"] == answer.status
    assert problem["type"] == "urn:cloudmatic:problem:" + problem["reason"]
    assert problem["title"]
    return str(problem["reason"])


async def test_a_hub_enrols_with_the_accounts_user_key(portal: Portal) -> None:
    hub = Hub(portal)
    answer = await hub.enrol()
    assert (answer.status, json.loads(answer.text)) == (201, {"key_id": hub.key.key_id})
    assert "Date" in answer.headers


async def test_asking_again_with_the_same_key_changes_nothing(portal: Portal) -> None:
    hub = await enrolled_hub(portal)
    before = await portal.rows()
    assert (await hub.enrol()).status == 200
    assert await portal.rows() == before


async def test_a_new_key_joins_the_old_one(portal: Portal) -> None:
    former = await enrolled_hub(portal)
    await enrolled_hub(portal)
    assert await portal.count("hubs") == 1
    assert await portal.count("hub_keys") == 2
    assert (await former.status()).status == 200


async def test_twenty_simultaneous_enrolments_make_one_hub_with_one_key(portal: Portal) -> None:
    hub = Hub(portal)
    answers = await asyncio.gather(*(hub.enrol() for _ in range(20)))
    assert sorted(answer.status for answer in answers) == [200] * 19 + [201]
    assert (await portal.count("hubs"), await portal.count("hub_keys")) == (1, 1)


async def test_wrong_user_key_and_unknown_account_get_the_same_answer(portal: Portal) -> None:
    before = await portal.rows_but_tallies()
    wrong_key = await Hub(portal).enrol("guessed")
    unknown = await Hub(portal, account="99").enrol()
    without_key = await Hub(portal, account="4712").enrol()
    assert wrong_key.status == 401
    assert reason(wrong_key) == "credentials-refused"
    assert wrong_key.text == unknown.text == without_key.text
    assert await portal.rows_but_tallies() == before


async def test_somebody_elses_serial_number_disturbs_nobody(portal: Portal) -> None:
    mine = await enrolled_hub(portal)
    thief = await with_erikas_hub(portal)
    assert json.loads((await mine.status()).text)["account"]["id"] == "4711"
    assert json.loads((await thief.status()).text)["account"]["id"] == "4712"


async def test_a_key_speaks_for_one_hub_only(portal: Portal) -> None:
    hub = await enrolled_hub(portal)
    other = Hub(portal, serial="ANOTHER123")
    other.key = hub.key
    answer = await other.enrol()
    assert (answer.status, reason(answer)) == (409, "key-elsewhere")


async def test_a_revoked_key_stays_revoked(portal: Portal) -> None:
    hub = await enrolled_hub(portal)
    portal.clock.move(minutes=1)
    await withdraw(hub)
    answer = await hub.enrol()
    assert (answer.status, reason(answer)) == (403, "revoked-key")


async def test_the_proof_must_be_made_with_the_key_that_is_handed_in(portal: Portal) -> None:
    body = Hub(portal).enrolment()
    body["public_key"] = Hub(portal).key.public.to_jwk()
    answer = await post(portal, json.dumps(body))
    assert (answer.status, reason(answer)) == (401, "bad-signature")


async def test_the_proof_must_be_fresh_and_for_this_portal(portal: Portal) -> None:
    hub = Hub(portal)
    elsewhere = await post(portal, json.dumps(hub.enrolment(audience="https://other.example")))
    assert reason(elsewhere) == "wrong-audience"
    body = json.dumps(hub.enrolment())
    portal.clock.move(hours=-1)
    assert reason(await post(portal, body)) == "not-yet-valid"
    portal.clock.move(hours=2)
    assert reason(await post(portal, body)) == "expired"


WRONG_MEMBERS: list[tuple[str, Any]] = [
    ("public_key", "text"),
    ("public_key", {"kty": "OKP", "crv": "Ed448", "x": "A" * 76}),
    ("public_key", {"kty": "oct", "k": "AAAA"}),
    ("public_key", {"kty": "OKP", "crv": "Ed25519", "x": "!" * 43}),
    ("public_key", {"kty": "OKP", "crv": "Ed25519", "x": "A" * 43, "d": "A" * 43}),
    ("proof", 7),
    ("proof", ""),
    ("user_key", None),
    ("user_key", ["a"]),
    ("user_key", "k" * 5000),
]
NOT_OUR_JSON = [
    b"",
    b"[]",
    b"null",
    b"{",
    b"\xff\xfe",
    b'{"a": NaN}',
    b'{"proof": "a", "proof": "b"}',
    b"[" * 8000,
]


async def test_a_member_of_the_wrong_kind_is_named(
    portal: Portal, subtests: pytest.Subtests
) -> None:
    for member, value in WRONG_MEMBERS:
        with subtests.test(member=member, value=str(value)):
            answer = await post(portal, json.dumps(Hub(portal).enrolment() | {member: value}))
            assert (answer.status, reason(answer)) == (400, "malformed-request")
            assert json.loads(answer.text)["member"] == member
    assert await portal.count("hub_keys") == 0


async def test_what_is_not_our_json_is_refused(portal: Portal, subtests: pytest.Subtests) -> None:
    for body in NOT_OUR_JSON:
        with subtests.test(body=body[:20]):
            answer = await post(portal, body)
            assert (answer.status, reason(answer)) == (400, "malformed-request")


async def test_user_keys_from_the_edges_of_unicode_are_just_wrong(portal: Portal) -> None:
    for user_key in ("\ud800", "\0", "ü" * 1000, "' OR 1=1 --", "k" * 4000):
        answer = await post(portal, json.dumps(Hub(portal).enrolment(user_key=user_key)))
        assert (answer.status, reason(answer)) == (401, "credentials-refused")


async def test_other_content_and_too_much_of_it_are_refused(portal: Portal) -> None:
    body = json.dumps(Hub(portal).enrolment())
    assert reason(await post(portal, body, {"Content-Type": "text/plain"})) == "not-json"
    large = await post(portal, body + " " * 9000)
    assert (large.status, reason(large)) == (413, "too-large")

    async def chunks() -> Any:
        for _ in range(40):
            yield b" " * 1000

    assert (await post(portal, chunks())).status == 413


async def test_a_body_that_cannot_be_unpacked_is_a_problem(portal: Portal) -> None:
    broken = await post(portal, b"not packed", JSON | {"Content-Encoding": "gzip"})
    assert (broken.status, reason(broken)) == (400, "bad-request")
    text = {"Content-Type": "text/plain", "Content-Encoding": "gzip"}
    assert (await post(portal, b"not packed", text)).status == 415


async def test_below_the_api_every_error_is_a_problem(portal: Portal) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(portal.url("/api/v1/nothing")) as response:
            assert (reason(await Answer.of(response)), response.status) == ("not-found", 404)
        async with session.get(portal.url(HUBS_PATH)) as response:
            assert reason(await Answer.of(response)) == "method-not-allowed"
            assert response.headers["Allow"] == "POST"
