"""Linking on the hub's own pages, through lighttpd, and who may click there."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from ccu_dashboard.domain.pairing import Ended, Ending, Open, Wanted
from ccu_dashboard.storage import pairing_file
from cloudmatic_link.pairing import Invitation
from cloudmatic_portal.web.qr import picture
from tests.integration.dashboard.conftest import PORTAL, PREFIX, TODAY, Dashboard
from tests.integration.dashboard.linking import click, remember, scanned, words
from tests.simulated_ccu.account_files import Case, account_files

pytestmark = pytest.mark.asyncio(loop_scope="module")

ADMINISTRATORS_ONLY = "Das dürfen nur Administratoren"


def show_code(hub: Dashboard) -> Invitation:
    invited = Invitation(
        device_code="A" * 43,
        user_code="BCDF-GHJK",
        verification_uri=f"{PORTAL}/pair",
        verification_uri_complete=f"{PORTAL}/pair?code=BCDF-GHJK",
        expires_in=600,
        interval=5,
        qr=picture(f"{PORTAL}/pair?code=BCDF-GHJK"),
    )
    until = datetime.now(UTC) + timedelta(minutes=10)
    pairing_file.save(hub.addon.state / "pairing.json", Open(invited, until, "B" * 43))
    hub.addon.hand_over()
    return invited


ADMINISTRATORS = [
    ("GET", "leave"), ("GET", "diagnostics"), ("POST", "pair"), ("POST", "pair/stop"),
    ("POST", "leave/unlink"), ("POST", "leave/erase"), ("POST", "return"), ("POST", "diagnostics"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), ADMINISTRATORS)
async def test_what_is_for_administrators_is_for_nobody_else(
    hub: Dashboard, method: str, path: str
) -> None:
    before = sorted(each.name for each in hub.addon.state.iterdir())
    for user in ("Bewohner", "Gast", ""):
        sid = hub.ccu.engine.login(user) if user else ""
        token = await hub.form_token(sid) if user == "Bewohner" else ""
        data = {"form": token} if method == "POST" else None
        page = await hub.ask(PREFIX + path, sid=sid, method=method, data=data)
        assert page.status == 403
        assert (ADMINISTRATORS_ONLY in page.text) is (user == "Bewohner")
    assert sorted(each.name for each in hub.addon.state.iterdir()) == before


@pytest.mark.parametrize("path", [path for method, path in ADMINISTRATORS if method == "POST"])
async def test_no_click_counts_that_was_not_made_on_a_page_of_this_session(
    hub: Dashboard, path: str
) -> None:
    sid, other = hub.ccu.engine.login("Admin"), hub.ccu.engine.login("Admin")
    foreign = await hub.form_token(other)
    for token in ("", "x", foreign):
        page = await hub.ask(PREFIX + path, sid=sid, method="POST", data={"form": token})
        assert page.status == 403
        assert "Diese Seite war nicht mehr aktuell" in page.text


async def test_a_hub_without_account_gets_a_code_and_shows_it(state: Dashboard) -> None:
    state.link(account_files(Case.NOT_LINKED, TODAY))
    sid = state.ccu.engine.login("Admin")
    assert "Mit Konto verbinden" in (await state.ask(sid=sid)).text
    assert (await click(state, sid, "pair")).status == 303
    page = await state.ask(sid=sid)
    assert "Ein Code wird geholt" in page.text
    assert 'http-equiv="refresh"' in page.text
    assert "script-src 'self'; connect-src 'self'" in page.headers["Content-Security-Policy"]
    mark = (await state.ask(f"{PREFIX}state", sid=sid)).text
    assert f'data-mark="{mark}"' in page.text
    invited = show_code(state)
    assert (await state.ask(f"{PREFIX}state", sid=sid)).text != mark
    page = await state.ask(sid=sid)
    assert "BCDF-GHJK" in words(page)
    assert f"{PORTAL}/pair" in words(page)
    assert "A" * 43 not in page.text
    assert scanned(page) == invited.verification_uri_complete
    # A user sees the code, and cannot stop it.
    other = await state.ask(sid=state.ccu.engine.login("Bewohner"))
    assert "BCDF-GHJK" in other.text
    assert "pair/stop" not in other.text
    assert (await click(state, sid, "pair/stop")).status == 303
    page = await state.ask(sid=sid)
    assert "BCDF-GHJK" not in page.text
    assert "script-src" not in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("ending", "sentence"),
    [
        (Ending.EXPIRED, "Niemand hat den Code rechtzeitig bestätigt"),
        (Ending.DENIED, "auf der Webseite abgelehnt"),
        (Ending.OTHER_ACCOUNT, "ein anderes Konto bestätigt"),
        (Ending.FAILED, "hat keinen Code gegeben"),
    ],
)
async def test_what_became_of_a_code_is_told(
    state: Dashboard, ending: Ending, sentence: str
) -> None:
    state.link(account_files(Case.NOT_LINKED, TODAY))
    pairing_file.save(state.addon.state / "pairing.json", Ended(ending))
    state.addon.hand_over()
    page = await state.ask(sid=state.ccu.engine.login("Admin"))
    assert sentence in words(page)
    assert "Mit Konto verbinden" in page.text


@pytest.mark.parametrize(
    ("refusal", "headline"),
    [
        ("revoked-key", "Diese Zentrale wurde widerrufen"),
        ("credentials-refused", "Der Benutzerschlüssel dieser Zentrale passt nicht"),
        ("unknown-key", "Das Portal kennt diese Zentrale nicht mehr"),
    ],
)
async def test_a_hub_that_the_portal_refuses_says_why_and_what_to_do(
    state: Dashboard, refusal: str, headline: str
) -> None:
    remember(state, None, refusal)
    page = await state.ask(sid=state.ccu.engine.login("Admin"))
    assert headline in words(page)
    assert "Neu verbinden" in page.text
    assert "Aktives Paket" in page.text
    other = await state.ask(sid=state.ccu.engine.login("Bewohner"))
    assert "Das kann ein Administrator der WebUI tun" in other.text
    assert "Neu verbinden" not in other.text


async def test_a_wish_for_a_code_survives_a_restart(state: Dashboard) -> None:
    state.link(account_files(Case.NOT_LINKED, TODAY))
    pairing_file.save(state.addon.state / "pairing.json", Wanted())
    state.addon.hand_over()
    await state.addon.stop()
    await state.addon.start()
    sid = state.ccu.engine.login("Admin")
    for _ in range(100):
        page = await state.ask(sid=sid)
        if page.status == 200:
            break
        await asyncio.sleep(0.1)
    assert "Ein Code wird geholt" in page.text
