"""Every browser of the tests is watched: whom it asks, and what it complains about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Request

from tests.demo.system import System

_PATIENCE_MS: Final = 10_000


@dataclass
class Watch:
    """What was seen in one browser. `ours` are the hosts that it may ask."""

    ours: frozenset[str]
    elsewhere: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    pages: set[str] = field(default_factory=set)
    """What was asked for as a page, and so may be refused."""

    def on(self, context: BrowserContext) -> None:
        context.on("request", self._asked)
        context.on("console", self._told)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def _asked(self, request: Request) -> None:
        if request.is_navigation_request():
            self.pages.add(request.url)
        if request.url.startswith("http") and urlsplit(request.url).netloc not in self.ours:
            self.elsewhere.append(request.url)

    def _told(self, message: ConsoleMessage) -> None:
        # The browser notes each page whose status is 4xx or 5xx; what a page needs must be there.
        refused = message.text.startswith("Failed to load resource: the server responded with")
        if refused and message.location["url"] in self.pages:
            return
        if message.type == "error" or "Content Security Policy" in message.text:
            self.complaints.append(f"{message.text} ({message.location['url']})")


@contextmanager
def watched(browser: Browser, system: System, **options: Any) -> Iterator[BrowserContext]:
    """A fresh profile, German unless `options` say otherwise.

    Afterwards fails if any page asked for anything elsewhere, broke its CSP or had an error.
    """
    usual = {"locale": "de-DE", "viewport": {"width": 1280, "height": 900}}
    addresses = [system.ccu.url, system.portal.origin]
    addresses += [system.paypal.base] if system.paypal else []
    ours = frozenset(urlsplit(each).netloc for each in addresses)
    # The WebUI has no picture of its own, and the browser asks for one.
    watch = Watch(ours, pages={f"{system.ccu.url}/favicon.ico"})
    with browser.new_context(**(usual | {"reduced_motion": "reduce"} | options)) as context:
        context.set_default_timeout(_PATIENCE_MS)
        watch.on(context)
        yield context
    assert not watch.elsewhere, watch.elsewhere
    assert not watch.complaints, watch.complaints
