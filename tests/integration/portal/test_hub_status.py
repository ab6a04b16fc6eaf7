"""A hub learns what it may know of its account, and nobody else does."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import aiohttp
import pytest

from cloudmatic_link.api import STATUS_PATH
from cloudmatic_link.claims import BookingLink
from cloudmatic_link.status import HubStatus
from cloudmatic_portal.domain.access import AccessPeriod
from cloudmatic_portal.storage import access as stored_access
from tests.integration.portal.hubs import Hub, enrolled_hub, withdraw
from tests.integration.portal.test_enrolment import reason
from tests.integration.portal.world import LAST_DAY, Answer, Portal


async def test_the_status_tells_account_packages_and_products(portal: Portal) -> None:
    hub = await enrolled_hub(portal)
    answer = await hub.status()
    status = HubStatus.from_json(json.loads(answer.text))
    assert (status.account_id, status.user_name) == ("4711", "maxmuster")
    assert [(each.product.code, each.last_day) for each in status.packages] == [
        ("complete", LAST_DAY)
    ]
    codes = [product.code for product in status.products]
    assert codes == ["connect", "smarthome", "complete", "fullservice"]
    assert answer.headers["Cache-Control"] == "private, no-cache"


async def test_a_status_that_the_hub_has_is_not_sent_again(portal: Portal) -> None:
    hub = await enrolled_hub(portal)
    first = await hub.status()
    again = await hub.status({"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.text) == (304, "")
    assert again.headers["ETag"] == first.headers["ETag"]
    following = AccessPeriod(
        LAST_DAY + timedelta(days=1), LAST_DAY + timedelta(days=30), "complete", "", trial=False
    )
    async with portal.database.writing() as connection:
        await stored_access.add(connection, 4711, following)
    changed = await hub.status({"If-None-Match": first.headers["ETag"]})
    assert changed.status == 200
    assert [each["until"] for each in json.loads(changed.text)["packages"]] == [
        LAST_DAY.isoformat(),
        following.last_day.isoformat(),
    ]


async def test_of_the_packages_that_are_over_the_last_one_is_told(portal: Portal) -> None:
    earlier = AccessPeriod(date(2020, 1, 1), date(2020, 12, 31), "connect", "", trial=False)
    hub = await enrolled_hub(portal)
    async with portal.database.writing() as connection:
        await stored_access.add(connection, 4711, earlier)
    portal.clock.move(days=60)
    status = HubStatus.from_json(json.loads((await hub.status()).text))
    assert [each.last_day for each in status.packages] == [LAST_DAY]


async def test_of_packages_that_ended_together_the_first_of_the_catalogue_is_told(
    portal: Portal,
) -> None:
    together = AccessPeriod(LAST_DAY, LAST_DAY, "fullservice", "", trial=False)
    later = LAST_DAY + timedelta(days=40)
    hub = await enrolled_hub(portal)
    async with portal.database.writing() as connection:
        await stored_access.add(connection, 4711, together)
        await stored_access.add(
            connection, 4711, AccessPeriod(later, later, "connect", "", trial=False)
        )
    portal.clock.move(days=(later - timedelta(days=1) - portal.clock.now.date()).days)
    status = HubStatus.from_json(json.loads((await hub.status()).text))
    assert [each.product.code for each in status.packages] == ["complete", "connect"]


async def test_a_request_without_token_is_told_what_is_missing(portal: Portal) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(portal.url(STATUS_PATH)) as response,
    ):
        answer = await Answer.of(response)
    assert (answer.status, reason(answer)) == (401, "token-missing")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_an_unknown_key_is_refused(portal: Portal) -> None:
    answer = await Hub(portal).status()
    assert (answer.status, reason(answer)) == (401, "unknown-key")


async def test_a_revoked_key_is_refused(portal: Portal) -> None:
    hub = await enrolled_hub(portal)
    await withdraw(hub)
    answer = await hub.status()
    assert (answer.status, reason(answer)) == (403, "revoked-key")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"issuer": "ANOTHER123"}, (403, "hub-mismatch")),
        ({"subject": "4712"}, (403, "account-mismatch")),
        ({"audience": "https://other.example"}, (401, "wrong-audience")),
    ],
)
async def test_a_hub_speaks_for_itself_only(
    portal: Portal, changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    hub = await enrolled_hub(portal)
    answer = await hub.status(**changes)
    assert (answer.status, reason(answer)) == expected


async def test_a_booking_link_opens_no_api(portal: Portal) -> None:
    hub = await enrolled_hub(portal)
    link = hub.sign(hub.claims(BookingLink, product="complete"))
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {link}"}) as session,
        session.get(portal.url(STATUS_PATH)) as response,
    ):
        assert reason(await Answer.of(response)) == "wrong-type"
