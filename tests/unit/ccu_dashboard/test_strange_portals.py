"""Whatever answers in the portal's place, the hub keeps what it knows and is soon free again."""

from __future__ import annotations

import gzip
import json
import time
from dataclasses import replace
from typing import Any

import pytest

from ccu_dashboard.clients import portal as portal_client
from ccu_dashboard.domain.contact import Contact, Outcome
from ccu_dashboard.settings import Settings
from ccu_dashboard.storage import status_cache
from tests.unit.ccu_dashboard.portal_server import Portal, Reply
from tests.unit.ccu_dashboard.refreshing import STATUS, ask, remember

ASK = "GET /api/v1/hub/status"
ENROLLED = Reply(201, {"key_id": "x"})
HTML = {"Content-Type": "text/html"}


def slowly(part: bytes, times: int) -> Any:
    def write(stream: Any) -> None:
        for _ in range(times):
            stream.write(part)
            stream.flush()
            time.sleep(0.02)

    return write


STRANGE = {
    "captive portal": Reply(200, "<html>Willkommen im Gast-WLAN</html>", HTML),
    "redirect": Reply(302, None, {"Location": "http://127.0.0.1:1/login"}),
    "redirect with json": Reply(307, {}, {"Location": "/api/v1/hub/status"}),
    "error page": Reply(502, "Bad Gateway", HTML),
    "no date": Reply(200, STATUS.to_json(), date=None),
    "strange date": Reply(200, STATUS.to_json(), {"Date": "yesterday"}, date=None),
    "date at the end of time": Reply(
        200, STATUS.to_json(), {"Date": "Fri, 31 Dec 9999 23:59:59 -1200"}, date=None
    ),
    "list": Reply(200, [STATUS.to_json()]),
    "another document": Reply(200, {"account": None}),
    "no json": Reply(200, None, {"Content-Length": "1"}, write=lambda stream: stream.write(b"x")),
    "no text": Reply(200, None, {"Content-Length": "2"}, write=lambda s: s.write(b"\xff\xfe")),
    "nested without end": Reply(
        200, None, {"Content-Length": "200000"}, write=lambda s: s.write(b"[" * 200_000)
    ),
    "too long": Reply(
        200, None, {"Content-Length": str(10**9)}, write=lambda s: s.write(b" " * 1_000_000)
    ),
    "broken off": Reply(200, None, {"Content-Length": "500"}, write=lambda s: s.write(b"{")),
    "broken gzip": Reply(
        200, None, {"Content-Encoding": "gzip", "Content-Length": "3"},
        write=lambda s: s.write(b"abc"),
    ),
    "broken chunks": Reply(
        200, None, {"Transfer-Encoding": "chunked", "Content-Length": ""},
        write=lambda s: s.write(b"zz\r\nabc"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", STRANGE)
@pytest.mark.fault("portal away", "something else in its place: what the hub knows stays as it was")
def test_something_else_in_the_portals_place_changes_nothing(
    hub: Settings, portal: Portal, kind: str
) -> None:
    kept = remember(hub)
    portal.replies = [STRANGE[kind]]
    contact = ask(hub)
    refused = {Outcome.REFUSED} if kind == "redirect with json" else {Outcome.UNREACHABLE}
    assert contact.outcome in refused
    assert status_cache.load(hub.status) == kept
    assert portal.asked == [ASK]


def test_a_chunked_and_a_zipped_answer_are_read(hub: Settings, portal: Portal) -> None:
    zipped = gzip.compress(json.dumps(STATUS.to_json()).encode())
    headers = {"Content-Encoding": "gzip", "Content-Length": str(len(zipped))}
    portal.replies = [ENROLLED, Reply(200, None, headers, write=lambda s: s.write(zipped))]
    assert ask(hub).outcome is Outcome.HEARD
    assert status_cache.load(hub.status).status == STATUS


DRIPPING = {
    "chunked": Reply(
        200, headers={"Transfer-Encoding": "chunked"}, write=slowly(b"1\r\n \r\n", 200)
    ),
    "one piece": Reply(200, headers={"Content-Length": "9000"}, write=slowly(b" ", 200)),
    "redirect": Reply(
        302, headers={"Content-Length": "9000", "Location": "/x"}, write=slowly(b" ", 200)
    ),
}


@pytest.mark.parametrize("kind", DRIPPING)
@pytest.mark.fault("portal away", "one that drips does not hold the hub")
def test_a_portal_that_drips_does_not_hold_the_hub(
    hub: Settings, portal: Portal, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(portal_client, "_TOTAL_SECONDS", 0.2)
    remember(hub)
    portal.replies = [DRIPPING[kind]]
    begun = time.monotonic()
    assert ask(hub) == Contact(Outcome.UNREACHABLE, "timeout")
    assert time.monotonic() - begun < 1.5


@pytest.mark.fault("portal away", "a silent one is given up")
def test_a_silent_portal_is_given_up(
    hub: Settings, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portal_client, "_TIMEOUT", (0.2, 0.2))
    portal.replies = [Reply(200, None, {"Content-Length": "5"}, write=lambda _: time.sleep(0.6))]
    assert ask(hub) == Contact(Outcome.UNREACHABLE, "timeout")


def test_nobody_there_is_no_connection(settings: Settings) -> None:
    assert ask(replace(settings, portal="http://127.0.0.1:1")) == Contact(
        Outcome.UNREACHABLE, "no-connection"
    )


def test_a_name_that_does_not_exist_is_told(settings: Settings) -> None:
    assert ask(replace(settings, portal="https://portal.invalid")).reason == "name-not-found"
