"""The system variable of the WebUI: switched on and off on the page, kept in step, erased."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
import pytest_asyncio

from ccu_dashboard.clients.logic_engine import VARIABLE
from ccu_dashboard.storage import own_link, signal_switch
from ccu_dashboard.storage.own_link import OwnLink
from tests.integration.dashboard.conftest import PORTAL, PREFIX, TODAY, Dashboard, Page
from tests.simulated_ccu.account_files import Case, account_files, linked

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def admin(hub: Dashboard) -> AsyncIterator[str]:
    yield hub.ccu.engine.login("Admin")
    await hub.ccu.engine.recover()
    sid = hub.ccu.engine.login("Admin")
    if signal_switch.load(hub.addon.state / "settings.toml"):
        await click(hub, sid, "off")
    hub.ccu.engine.dom.objects.clear()
    for name in ("silent", "link.json"):
        (hub.addon.state / name).unlink(missing_ok=True)
    (hub.addon.state / "settings.toml").write_text(f'portal = "{PORTAL}"\n', "utf-8")
    hub.addon.hand_over()


async def click(hub: Dashboard, sid: str, do: str) -> Page:
    data = {"form": await hub.form_token(sid), "do": do}
    return await hub.ask(f"{PREFIX}signal", sid=sid, method="POST", data=data)


def said(hub: Dashboard) -> object:
    variable = hub.ccu.engine.dom.named(VARIABLE)
    return variable and variable.values["State"]


async def until(true: Callable[[], bool]) -> None:
    for _ in range(400):
        if true():
            return
        await asyncio.sleep(0.05)
    pytest.fail("it did not come true")


async def test_it_is_off_until_an_administrator_switches_it_on(hub: Dashboard, admin: str) -> None:
    assert "Systemvariable anlegen" in (await hub.ask(sid=admin)).text
    assert said(hub) is None
    hub.link(linked(ends=TODAY + timedelta(days=31)))
    page = await click(hub, admin, "on")
    assert (page.status, page.headers["Location"]) == (303, PREFIX)
    assert said(hub) == 31
    assert "CloudMatic-Tage steht auf 31." in (await hub.ask(sid=admin)).text
    settings = (hub.addon.state / "settings.toml").read_text("utf-8")
    assert settings == f'days_variable = true\nportal = "{PORTAL}"\n'
    await click(hub, admin, "off")
    assert said(hub) is None
    assert (hub.addon.state / "settings.toml").read_text("utf-8") == f'portal = "{PORTAL}"\n'


async def test_a_user_neither_sees_the_switch_nor_can_press_it(hub: Dashboard, admin: str) -> None:
    user = hub.ccu.engine.login("Bewohner")
    assert "Systemvariable" not in (await hub.ask(sid=user)).text
    assert (await click(hub, user, "on")).status == 403
    assert said(hub) is None


async def test_a_post_without_the_pages_token_switches_nothing(hub: Dashboard, admin: str) -> None:
    page = await hub.ask(
        f"{PREFIX}signal", sid=admin, method="POST", data={"form": "x", "do": "on"}
    )
    assert page.status == 403
    assert said(hub) is None


async def test_a_hub_without_account_says_so_to_programs(hub: Dashboard, admin: str) -> None:
    hub.link(account_files(Case.NOT_LINKED, TODAY))
    await click(hub, admin, "on")
    assert said(hub) == -1
    assert "CloudMatic-Tage steht auf -1." in (await hub.ask(sid=admin)).text


async def test_a_hub_that_does_not_know_leaves_it_as_it_is_and_says_so(
    hub: Dashboard, admin: str
) -> None:
    hub.link(linked(ends=TODAY + timedelta(days=31)))
    await click(hub, admin, "on")
    # Just paired, and the portal has not been heard yet.
    hub.link(account_files(Case.NOT_LINKED, TODAY))
    own_link.save(hub.addon.state / "link.json", OwnLink(PORTAL, "4711", "maxmuster", "A" * 43))
    hub.addon.hand_over()
    await click(hub, admin, "on")
    assert said(hub) == 31
    assert "weiß im Augenblick nicht" in (await hub.ask(sid=admin)).text


async def test_somebody_elses_variable_stays_and_the_page_says_so(
    hub: Dashboard, admin: str
) -> None:
    hub.ccu.engine.dom.add(VARIABLE, DPInfo="meine", State=5)
    await click(hub, admin, "on")
    assert said(hub) == 5
    assert "die nicht von hier ist" in (await hub.ask(sid=admin)).text


async def test_whoever_deletes_personal_data_deletes_it_too(hub: Dashboard, admin: str) -> None:
    await click(hub, admin, "on")
    assert said(hub) is not None
    data = {"form": await hub.form_token(admin)}
    await hub.ask(f"{PREFIX}leave/erase", sid=admin, method="POST", data=data)
    await until(lambda: said(hub) is None)


async def test_uninstalling_deletes_what_erasing_could_not(hub: Dashboard, admin: str) -> None:
    await click(hub, admin, "on")
    data = {"form": await hub.form_token(admin)}
    # The page is asked for within the seconds for which a session is believed.
    await hub.ccu.engine.down()
    erased = await hub.ask(f"{PREFIX}leave/erase", sid=admin, method="POST", data=data)
    assert erased.status == 303
    assert not (hub.addon.state / "settings.toml").exists()
    await asyncio.sleep(0.5)
    await hub.addon.stop()
    await hub.ccu.engine.recover()
    assert said(hub) is not None
    await hub.addon.rc("uninstall")
    assert hub.ccu.engine.dom.objects == {}
    await hub.addon.install()


async def test_uninstalling_deletes_it_and_goes_on_where_the_engine_is_down(
    hub: Dashboard, admin: str
) -> None:
    await click(hub, admin, "on")
    assert said(hub) is not None
    await hub.addon.rc("uninstall")
    assert hub.ccu.engine.dom.objects == {}
    await hub.addon.install()
    await click(hub, admin, "on")
    await hub.ccu.engine.down()
    await hub.addon.rc("uninstall")
    assert not hub.addon.state.exists()
    # What is left is told in the hub's log, and can be deleted in the WebUI.
    await hub.ccu.engine.recover()
    assert said(hub) is not None
    await hub.addon.install()
