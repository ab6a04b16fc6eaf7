"""The hub asks for a release once a day and tells the firmware what it was told."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from ccu_dashboard.services import releases
from ccu_dashboard.services.clock import this_boot
from ccu_dashboard.services.releases import known
from ccu_dashboard.settings import Settings
from ccu_dashboard.storage import release_memory
from ccu_dashboard.storage.release_memory import Asked
from tests.factories import NOW, release
from tests.unit.ccu_dashboard.portal_server import Portal, Reply, problem
from tests.unit.ccu_dashboard.releases.hubs import (
    ASK,
    LONG_AGO,
    TOLD,
    Time,
    feed,
    look,
    told,
    written,
)


def test_a_signed_release_is_told_to_the_firmware(
    hub: Settings, portal: Portal, time: Time
) -> None:
    look(hub, time)
    assert portal.asked == [ASK]
    assert told(hub) == TOLD
    assert known(hub).release == release()
    assert known(hub).trouble == ""
    assert stat.S_IMODE(hub.releases.stat().st_mode) == 0o600


def test_the_question_says_nothing_of_the_hub(hub: Settings, portal: Portal, time: Time) -> None:
    look(hub, time)
    assert "Authorization" not in portal.requests[0].headers


def test_it_is_asked_once_a_day(hub: Settings, portal: Portal, time: Time) -> None:
    for _ in range(24):
        look(hub, time)
        time.passes(hours=3)
    assert len(portal.requests) == 3


@pytest.mark.parametrize(
    "reply", [problem(503, "busy"), problem(404, "no-release"), Reply(200, {})]
)
def test_a_question_that_brought_nothing_counts_too(
    hub: Settings, portal: Portal, time: Time, reply: Reply
) -> None:
    portal.replies = [reply]
    for _ in range(10):
        look(hub, time)
        time.passes(minutes=10)
    assert len(portal.requests) == 1
    assert told(hub) is None


def test_within_one_boot_no_clock_makes_a_day_shorter_or_longer(
    hub: Settings, portal: Portal, time: Time
) -> None:
    look(hub, time)
    for wrong in (LONG_AGO, NOW + timedelta(days=9000), NOW - timedelta(days=1), NOW):
        time.system = wrong
        look(hub, time)
    assert len(portal.requests) == 1
    time.system = LONG_AGO
    time.uptime += 86_400
    look(hub, time)
    assert len(portal.requests) == 2


@pytest.mark.parametrize(
    ("at", "asks"),
    [
        (NOW + timedelta(hours=2), 1),
        (NOW + timedelta(hours=25), 2),
        (LONG_AGO, 2),
        (NOW + timedelta(days=9000), 2),
    ],
)
@pytest.mark.fault("clock", "a hub's that went back never keeps it from asking for updates")
def test_over_a_restart_the_clock_tells_and_one_that_went_back_never_blocks(
    hub: Settings, portal: Portal, time: Time, at: datetime, asks: int
) -> None:
    look(hub, time)
    time.reboot(at)
    look(hub, time)
    look(hub, time)
    assert len(portal.requests) == asks


def test_a_time_years_ahead_that_was_written_down_is_got_over(
    hub: Settings, portal: Portal, time: Time
) -> None:
    time.system = NOW + timedelta(days=9000)
    look(hub, time)
    time.reboot(NOW + timedelta(hours=1))
    look(hub, time)
    assert len(portal.requests) == 2


def test_a_kernel_that_does_not_name_its_boots_leaves_the_clock(time: Time) -> None:
    last = Asked(NOW, "", 100.0)
    assert not releases.is_due(last, Asked(NOW + timedelta(hours=1), "", 90_000.0))
    assert releases.is_due(last, Asked(NOW + timedelta(hours=25), "", 101.0))
    assert this_boot() == this_boot() != ""


@pytest.mark.parametrize("wrong", [LONG_AGO, NOW + timedelta(days=9000)])
def test_a_feed_is_judged_by_the_portals_clock(
    hub: Settings, portal: Portal, time: Time, wrong: datetime
) -> None:
    time.system = wrong
    look(hub, time)
    assert told(hub) == TOLD


def test_an_unchanged_feed_is_not_sent_again_and_nothing_else_is_written(
    hub: Settings, portal: Portal, time: Time
) -> None:
    portal.replies = [feed(release()), Reply(304, date=NOW + timedelta(days=1))]
    look(hub, time)
    latest = hub.latest.stat().st_ino
    time.passes(days=1)
    look(hub, time)
    assert portal.requests[1].headers["If-None-Match"] == '"1.2.3"'
    assert hub.latest.stat().st_ino == latest
    assert known(hub).trouble == ""
    before = written(hub)
    look(hub, time)
    assert written(hub) == before


def test_a_feed_that_runs_out_unchanged_counts_no_more(
    hub: Settings, portal: Portal, time: Time
) -> None:
    portal.replies = [feed(release()), Reply(304, date=NOW + timedelta(days=200))]
    look(hub, time)
    time.passes(days=200)
    look(hub, time)
    assert known(hub).trouble == "expired"


def test_nobody_says_unchanged_who_was_not_told_what(
    hub: Settings, portal: Portal, time: Time
) -> None:
    portal.replies = [Reply(304)]
    look(hub, time)
    assert known(hub).trouble == "unknown"
    assert known(hub).release is None


def test_a_hub_that_cannot_write_down_that_it_asked_does_not_ask(
    hub: Settings, portal: Portal, time: Time
) -> None:
    hub.state_folder.rmdir()
    look(hub, time)
    assert portal.requests == []


def test_an_answer_that_cannot_be_kept_is_no_failure(
    hub: Settings, portal: Portal, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(release_memory, "save_latest", full)
    look(hub, time)
    assert told(hub) is None
    monkeypatch.undo()
    portal.replies = [Reply(304, date=NOW + timedelta(days=1))]
    time.passes(days=1)
    look(hub, time)
    assert told(hub) == TOLD


def kept(**changes: Any) -> bytes:
    asked = {"at": NOW.isoformat(), "boot": "first", "elapsed": 100.0} | changes
    return json.dumps({"asked": asked, "feed": "x", "etag": None, "trouble": ""}).encode()


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff", b"{}", b"null", b"[" * 100_000,
     kept(at="2026-11-23T12:00:00"), kept(elapsed=float("nan")), kept(elapsed=1e308),
     kept(at=5), kept(boot=None), kept(elapsed="1")],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
def test_a_damaged_memory_is_as_good_as_none(
    hub: Settings, portal: Portal, time: Time, content: bytes
) -> None:
    hub.releases.write_bytes(content)
    look(hub, time)
    assert told(hub) == TOLD


def test_a_portal_that_is_gone_is_told_as_the_reason(hub: Settings, time: Time) -> None:
    gone = replace(hub, portal="http://127.0.0.1:9")
    look(gone, time)
    assert known(gone).trouble == "no-connection"
