"""Somebody has the password: what the owner takes back is taken back as a whole."""

from __future__ import annotations

from itertools import pairwise

import pytest

from cloudmatic_portal.domain.device import Visitor
from cloudmatic_portal.domain.errors import LoginRefused
from cloudmatic_portal.services import account as accounts
from cloudmatic_portal.services.account import Proof
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import session as stored_session
from tests.integration.portal.account_changes import OLD, asked, can_log_in, letters, press
from tests.integration.portal.phone import set_up
from tests.integration.portal.world import PASSWORD, Browser, Portal


async def test_a_thief_who_changes_it_twice_cannot_undo_the_take_back(
    portal: Portal, owner: Browser
) -> None:
    async with Browser(portal) as thief:
        first, second = await changed_twice(portal, thief)
        assert (await press(owner, first["stop"])).location == "/account/email/stopped"
        refused = await press(thief, second["stop"])
        assert (refused.status, "gestoppt" in refused.words) == (410, True)
    assert await can_log_in(portal, OLD)
    assert not await can_log_in(portal, "thief@neu.example")


async def test_taking_back_a_later_change_leaves_the_earlier_one_to_be_taken_back(
    portal: Portal, owner: Browser
) -> None:
    async with Browser(portal) as thief:
        first, second = await changed_twice(portal, thief)
        assert (await press(thief, second["stop"])).location == "/account/email/stopped"
    assert await can_log_in(portal, "thief@neu.example")
    assert (await press(owner, first["stop"])).location == "/account/email/stopped"
    assert await can_log_in(portal, OLD)


async def changed_twice(portal: Portal, thief: Browser) -> list[dict[str, str]]:
    """The thief gives the account two new addresses, one after the other; the links that came."""
    came = []
    await thief.log_in("maxmuster")
    for old, new in pairwise((OLD, "thief@neu.example", "thief2@neu.example")):
        came.append(await asked(portal, thief, old, new))
        await press(thief, came[-1]["confirm"])
        portal.clock.move(minutes=5)
    return came


async def test_a_second_factor_that_a_thief_set_up_goes_when_the_account_is_taken_back(
    portal: Portal, owner: Browser
) -> None:
    async with Browser(portal) as thief:
        await thief.log_in("maxmuster")
        links = await asked(portal, thief, OLD, "thief@neu.example")
        await press(thief, links["confirm"])
        portal.clock.move(minutes=5)
        await set_up(portal, thief)
        await letters(portal)
    await press(owner, links["stop"])
    assert await portal.count("second_factors") == 0
    assert "Zweiter Faktor" in (await letters(portal))[OLD].subject
    async with Browser(portal) as elsewhere:
        assert (await elsewhere.log_in("maxmuster")).location == "/dashboard"


async def test_a_second_factor_of_before_the_change_stays(portal: Portal, owner: Browser) -> None:
    await set_up(portal, owner)
    await letters(portal)
    links = await asked(portal, owner)
    await press(owner, links["confirm"])
    await press(owner, links["stop"])
    assert await portal.count("second_factors") == 1


@pytest.mark.parametrize("what", ["session", "password"])
async def test_whoever_is_logged_out_meanwhile_does_not_finish_what_was_under_way(
    portal: Portal, owner: Browser, what: str
) -> None:
    """As if the owner came between the proof of the password and the change."""
    proof, token = Proof(4711, PASSWORD, "::1"), owner.cookie("cm_session")
    async with portal.database.writing() as connection:
        proven = await stored_account.password_hash(connection, 4711)
        assert proven is not None
        visitor = Visitor("::1", {}, former=token)
        held, _ = await accounts.hold(connection, proof, proven, visitor)
        assert held.account_id == 4711
        if what == "session":
            await stored_session.remove_all(connection, 4711)
        else:
            await stored_account.change_password(connection, 4711, "$argon2id$another")
        with pytest.raises(LoginRefused):
            await accounts.hold(connection, proof, proven, visitor)
