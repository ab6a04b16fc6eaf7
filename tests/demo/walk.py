"""The main path, walked as a browser would: from the WebUI's login to the right cart."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urljoin

import aiohttp

from tests.demo.html_forms import Page
from tests.demo.system import System


class WalkFailed(AssertionError):
    """A step did not lead where it should."""


async def walk(system: System, report: Callable[[str, float], None]) -> None:
    """Walk the main path once; `report` gets each step and its seconds. Raises WalkFailed."""
    await system.addon.until_enrolled()
    # The hub is an IP address; by default the jar keeps cookies for names only.
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(headers={"Accept-Language": "de"}, cookie_jar=jar) as browser:
        await _Walk(system, browser, report).run()


class _Walk:
    def __init__(
        self, system: System, browser: aiohttp.ClientSession, report: Callable[[str, float], None]
    ) -> None:
        self._hub = system.ccu.url
        self._browser = browser
        self._report = report

    async def run(self) -> None:
        with self._step("WebUI: Anmeldung"):
            sid = await self._login()
        with self._step("Einstellungen > Systemsteuerung: Schaltfläche CloudMatic"):
            entry = await self._button(sid)
        with self._step("Dashboard: aktives Paket von maxmuster (4711)"):
            dashboard = await self._dashboard(entry)
        with self._step("Zugang buchen: unterschriebener Link"):
            link = await self._book(dashboard)
        with self._step("Portal: Bestätigung für Konto 4711 (maxmuster)"):
            confirmation = await self._get(link, "4711", "maxmuster", "CloudMatic Complete")
        with self._step("Portal: Warenkorb für Konto 4711 (maxmuster)"):
            await self._confirm(link, confirmation)

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self._report(name, time.perf_counter() - began)

    async def _login(self) -> str:
        form = {"tbUsername": "Admin", "tbPassword": "admin-demo"}
        target = await self._post(f"{self._hub}/login.htm", form, 302)
        found = re.search(r"sid=(@\w{10}@)", target)
        return _need(found, "the WebUI's login gives no session").group(1)

    async def _button(self, sid: str) -> str:
        async with self._browser.get(f"{self._hub}/config/control_panel.cgi?sid={sid}") as answer:
            html = await answer.text("iso-8859-1")
        entries = re.findall(r"window\.open\('(/addons/cloudmatic/\?sid=@\w{10}@)'\)", html)
        if len(entries) != 1:
            raise WalkFailed(f"{len(entries)} buttons lead to the dashboard, expected one")
        return self._hub + str(entries[0])

    async def _dashboard(self, entry: str) -> Page:
        return await self._get(entry, "maxmuster", "4711", "CloudMatic Complete", "Zugang buchen")

    async def _book(self, dashboard: Page) -> str:
        form = dashboard.form("/book", product="complete")
        return await self._post(urljoin(self._hub, form.action), form.fields, 303)

    async def _confirm(self, link: str, confirmation: Page) -> None:
        form = confirmation.form("/entry")
        target = await self._post(urljoin(link, form.action), form.fields, 303)
        await self._get(urljoin(link, target), "4711", "maxmuster", "CloudMatic Complete", "€")

    async def _get(self, address: str, *expected: str) -> Page:
        async with self._browser.get(address) as answer:
            page = Page(await answer.text())
        missing = [each for each in expected if each not in page.text]
        if answer.status != 200 or missing:
            raise WalkFailed(f"HTTP {answer.status}, not on the page: {missing}\n{page.text}")
        return page

    async def _post(self, address: str, form: dict[str, str], status: int) -> str:
        origin = "/".join(address.split("/")[:3])
        async with self._browser.post(
            address, data=form, headers={"Origin": origin}, allow_redirects=False
        ) as answer:
            if answer.status != status:
                raise WalkFailed(f"HTTP {answer.status}: {Page(await answer.text()).text}")
            return answer.headers["Location"]


def _need(found: re.Match[str] | None, what: str) -> re.Match[str]:
    if found is None:
        raise WalkFailed(what)
    return found
