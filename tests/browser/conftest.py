"""One hub, one portal and one Chromium for all browser tests; a fresh profile for each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.customers import Customers
from tests.browser.running import RunningSystem
from tests.browser.shopping import Shopper
from tests.browser.visits import Visitor
from tests.browser.watching import watched
from tests.demo.folders import open_folder
from tests.simulated_ccu.account_files import Case, account_files

CHROMIUM: Final = "/usr/bin/chromium-headless-shell"
"""Debian's Chromium without the window around the page, which costs as much again as the page."""

PICTURES: Final = Path(os.environ.get("CLOUDMATIC_PICTURES", "test-results"))
_QUIET: Final = [
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def today() -> date:
    return datetime.now(ZoneInfo("Europe/Berlin")).date()


@pytest.fixture(scope="session")
def running(today: date) -> Iterator[RunningSystem]:
    with open_folder("browser") as folder, RunningSystem(folder, today) as running:
        running.do(running.system.addon.until_enrolled())
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.fail(f"{CHROMIUM} is missing: apt-get install {Path(CHROMIUM).name}")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_QUIET + sandbox)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def customers(running: RunningSystem, today: date) -> Customers:
    """Makes new customers of the portal."""
    return Customers(running, today)


@pytest.fixture
def context(browser: Browser, running: RunningSystem, hub: None) -> Iterator[BrowserContext]:
    """A fresh profile, German; see `watched`."""
    with watched(browser, running.system) as context:
        yield context


@pytest.fixture
def hub(running: RunningSystem, today: date) -> Iterator[None]:
    """The hub, which is as it was before when the test has ended."""
    yield
    running.system.ccu.fs.write_account_files(account_files(Case.LINKED, today))
    running.system.ccu.engine.sessions.end_all()
    assert running.system.ccu.engine.foreign_scripts == []


@pytest.fixture
def visitor(context: BrowserContext, running: RunningSystem) -> Visitor:
    """Somebody at a browser."""
    return Visitor(context, running.system)


@pytest.fixture
def shopper(context: BrowserContext, running: RunningSystem) -> Shopper:
    """Somebody at the website, not logged in."""
    return Shopper(context.new_page(), running.system.portal.origin)


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Keep a picture of a page for people to look at."""

    def take(page: Page, name: str) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)

    return take
