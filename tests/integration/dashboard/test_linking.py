"""Linking, unlinking, orders and diagnostics on the hub's own pages, through lighttpd."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from ccu_dashboard.domain.pairing import Ended, Ending, Open, Wanted
from ccu_dashboard.storage import hub_key, own_link, pairing_file, status_cache
from ccu_dashboard.storage.own_link import OwnLink
from ccu_dashboard.storage.status_cache import Enrolment, PortalMemory, Refusal
from cloudmatic_link.orders import BankData, OpenOrder, PaidOrder
from cloudmatic_link.pairing import Invitation
from cloudmatic_link.status import HubStatus, PackageStatus
from cloudmatic_portal.web.qr import picture
from tests.factories import COMPLETE, CONNECT, USER_KEY, hub_status
from tests.integration.dashboard.conftest import PORTAL, PREFIX, TODAY, Dashboard, Page
from tests.scanning import scan_rows
from tests.simulated_ccu.account_files import Case, account_files

pytestmark = pytest.mark.asyncio(loop_scope="module")

ADMINISTRATORS_ONLY = "Das dürfen nur Administratoren"
GIROCODE = "BCD\n002\n1\nSCT\nBYLADEM1001\nCloudMatic\nDE02120300000000202051\nEUR24.00\n\n\nK7Q"
ORDER = OpenOrder(
    number="K7Q-X4M-P9R",
    items=("CloudMatic Complete",),
    due=2400,
    currency="EUR",
    method="transfer",
    pay_until=TODAY + timedelta(days=14),
    bank=BankData(
        holder="CloudMatic", iban="DE02120300000000202051", bic="BYLADEM1001", reference="K7Q"
    ),
    girocode=GIROCODE,
    qr=picture(GIROCODE),
)


@pytest_asyncio.fixture(loop_scope="module")
async def state(hub: Dashboard) -> AsyncIterator[Dashboard]:
    """The hub, whose own state is as after the installation when the test has ended."""
    yield hub
    for path in hub.addon.state.iterdir():
        if path.name != "settings.toml":
            path.unlink()
    (hub.addon.state / "settings.toml").write_text(f'portal = "{PORTAL}"\n', "utf-8")
    hub.addon.hand_over()


async def click(hub: Dashboard, sid: str, path: str, **form: str) -> Page:
    token = (await hub.ask(f"{PREFIX}leave", sid=sid)).text.split('name="form" value="')[1]
    data = {"form": token.split('"')[0]} | form
    return await hub.ask(PREFIX + path, sid=sid, method="POST", data=data)


def words(page: Page) -> str:
    main = page.text.split("<main")[1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def remember(hub: Dashboard, status: HubStatus | None, refusal: str | None = None) -> None:
    """As if the portal had said so."""
    file = hub.addon.state / "status.json"
    if refusal is not None:
        memory = PortalMemory(refusal=Refusal(PORTAL, "4711", refusal))
    else:
        key = hub_key.load_or_create(hub.addon.state / "hub_key.pem")
        enrolment = Enrolment(PORTAL, "4711", key.key_id)
        memory = PortalMemory(enrolment, status, '"e"', datetime.now(UTC))
    status_cache.save(file, memory)
    hub.addon.hand_over()


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


def scanned(page: Page) -> str:
    """What a camera reads off the page's code."""
    size = int(re.findall(r'viewBox="-4 -4 (\d+) \d+"', page.text)[0]) - 8
    rows = [["0"] * size for _ in range(size)]
    path = re.findall(r'<path d="([^"]+)"', page.text)[0]
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path):
        for step in range(int(length)):
            rows[int(y)][int(x) + step] = "1"
    return scan_rows(["".join(row) for row in rows])


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


async def test_an_open_order_is_shown_with_what_a_transfer_needs(state: Dashboard) -> None:
    running = PackageStatus(COMPLETE, TODAY - timedelta(days=30), TODAY + timedelta(days=60))
    remember(state, replace(hub_status(running), orders=(ORDER,)))
    sid = state.ccu.engine.login("Bewohner")
    page = await state.ask(sid=sid)
    said = words(page)
    for each in ("Bestellung offen: K7Q-X4M-P9R", "24,00\u00a0€", "DE02120300000000202051", "K7Q"):
        assert each in page.text, said
    assert scanned(page) == GIROCODE
    english = await state.ask(sid=sid, language="en")
    assert "€24.00" in english.text
    # The page waits for the payment, and sees it without being loaded by hand.
    mark = (await state.ask(f"{PREFIX}state", sid=sid)).text
    assert f'data-mark="{mark}"' in page.text
    paid = PaidOrder(
        number="K7Q-X4M-P9R", items=("CloudMatic Complete",), paid_on=TODAY,
        last_day=TODAY + timedelta(days=425),
    )  # fmt: skip
    remember(state, replace(hub_status(running), paid=(paid,)))
    assert (await state.ask(f"{PREFIX}state", sid=sid)).text != mark
    page = await state.ask(sid=sid)
    until = (TODAY + timedelta(days=425)).strftime("%d.%m.%Y")
    assert f"Bezahlt: CloudMatic Complete , aktiv bis {until}" in words(page)
    assert "Bestellung offen" not in page.text


async def test_access_over_time_is_a_picture_with_its_words_beside_it(state: Dashboard) -> None:
    trial = PackageStatus(
        COMPLETE, TODAY - timedelta(days=3), TODAY + timedelta(days=10), trial=True
    )
    queued = PackageStatus(CONNECT, TODAY + timedelta(days=11), TODAY + timedelta(days=375))
    remember(state, hub_status(trial, queued))
    page = await state.ask(sid=state.ccu.engine.login("Bewohner"))
    assert page.text.count('class="trial" x=') == page.text.count('class="queued" x=') == 1
    assert "(Testzugang)" in page.text
    assert "(gebucht)" in page.text
    # What follows without a gap is no end to be warned of.
    assert "Ihr Zugang endet" not in page.text


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (14, "Ihr Zugang endet in 14 Tagen"),
        (5, "Ihr Zugang endet in 5 Tagen"),
        (1, "Ihr Zugang endet in 1 Tag,"),
        (0, "Ihr Zugang endet heute"),
        (-1, "Ihr Zugang endete am"),
    ],
)
async def test_an_end_is_warned_of(state: Dashboard, days: int, sentence: str) -> None:
    ends = PackageStatus(COMPLETE, TODAY - timedelta(days=30), TODAY + timedelta(days=days))
    remember(state, hub_status(ends))
    assert sentence in words(await state.ask(sid=state.ccu.engine.login("Bewohner")))


async def test_days_of_grace_are_warned_of(state: Dashboard) -> None:
    over = PackageStatus(COMPLETE, TODAY - timedelta(days=30), TODAY - timedelta(days=1))
    grace = PackageStatus(COMPLETE, TODAY, TODAY + timedelta(days=6), grace=True)
    remember(state, hub_status(over, grace))
    page = await state.ask(sid=state.ccu.engine.login("Bewohner"))
    assert "Die Zahlung Ihres Abonnements ist überfällig" in words(page)


def vendor_files(hub: Dashboard) -> dict[str, bytes]:
    folder = hub.addon.root / "etc/config/addons/mh"
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def link(hub: Dashboard) -> None:
    key = hub_key.load_or_create(hub.addon.state / "hub_key.pem")
    state = hub.addon.state
    own_link.save(state / "link.json", OwnLink(PORTAL, "4711", "maxmuster", key.key_id))
    hub.addon.hand_over()


async def test_unlinking_is_said_beforehand_and_then_done(state: Dashboard) -> None:
    state.link(account_files(Case.NOT_LINKED, TODAY))
    link(state)
    sid = state.ccu.engine.login("Admin")
    assert "maxmuster" in words(await state.ask(sid=sid))
    asked = words(await state.ask(f"{PREFIX}leave", sid=sid))
    for each in ("die Verknüpfung mit dem Konto", "der Schlüssel dieser Zentrale", "4711"):
        assert each in asked
    assert (state.addon.state / "link.json").exists()
    assert (await click(state, sid, "leave/unlink")).status == 303
    assert "Kein Konto verknüpft" in words(await state.ask(sid=sid))
    assert not (state.addon.state / "link.json").exists()


@pytest.mark.parametrize("by", ["firmware", "pairing"])
async def test_deleting_personal_data_leaves_nothing_of_ours(state: Dashboard, by: str) -> None:
    if by == "pairing":
        state.link(account_files(Case.NOT_LINKED, TODAY))
        link(state)
    remember(state, hub_status())
    before = vendor_files(state)
    sid = state.ccu.engine.login("Admin")
    asked = words(await state.ask(f"{PREFIX}leave", sid=sid))
    assert "Einstellungen dieses Add-ons" in asked
    assert "Die CloudMatic-Dateien der Firmware bleiben" in asked
    assert (await click(state, sid, "leave/erase")).status == 303
    # The service lives on, and writes nothing new.
    await asyncio.sleep(1)
    assert [each.name for each in state.addon.state.iterdir()] == ["silent"]
    assert vendor_files(state) == before
    page = await state.ask(sid=sid)
    if by == "pairing":
        assert "Kein Konto verknüpft" in words(page)
    else:
        assert "Hier wurden die persönlichen Daten gelöscht" in words(page)
        assert (await click(state, sid, "return")).status == 303
        assert "Hier wurden die persönlichen Daten" not in words(await state.ask(sid=sid))


async def until(hub: Dashboard, sid: str, there: Callable[[Page], bool]) -> Page:
    for _ in range(200):
        page = await hub.ask(f"{PREFIX}diagnostics", sid=sid)
        if there(page):
            return page
        await asyncio.sleep(0.1)
    raise AssertionError(words(page))


async def test_the_diagnosis_shows_each_check_and_a_report_without_any_secret(
    state: Dashboard,
) -> None:
    hub_key.load_or_create(state.addon.state / "hub_key.pem")
    state.addon.hand_over()
    sid = state.ccu.engine.login("Admin")
    first = await state.ask(f"{PREFIX}diagnostics", sid=sid)
    assert first.status == 200
    page = await until(state, sid, lambda page: "<textarea" in page.text)
    said = words(page)
    for subject in (
        "Kontodaten",
        "Seriennummer",
        "Logikschicht",
        "Schlüssel",
        "Portal",
        "Aktualisierungen",
    ):
        assert subject in said, said
    report = page.text.split("<textarea")[1].split("</textarea>")[0]
    for each in ("cloudmatic-ccu: ", "python: ", "firmware: ", f"portal: {PORTAL}", "maxmuster"):
        assert each in report
    pem = (state.addon.state / "hub_key.pem").read_text("ascii").split("\n")[1]
    for secret in (USER_KEY, sid.strip("@"), pem):
        assert secret not in page.text
    assert (await click(state, sid, "diagnostics")).status == 303
    page = await until(state, sid, lambda page: "Erneut prüfen" in page.text)
    assert "no-connection" in words(page)


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
