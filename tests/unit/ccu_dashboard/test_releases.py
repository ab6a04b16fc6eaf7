"""The hub asks for a release once a day, believes the publisher only, and tells the firmware."""

from __future__ import annotations

import json
import platform
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ccu_dashboard import cli
from ccu_dashboard.clients.portal import PortalClient
from ccu_dashboard.domain.contact import Contact, Outcome
from ccu_dashboard.services import releases
from ccu_dashboard.services.clock import HubClock, this_boot
from ccu_dashboard.services.doctor import State, _updates
from ccu_dashboard.services.releases import Obstacle, known
from ccu_dashboard.settings import RELEASE_KEYS, Settings
from ccu_dashboard.storage import release_keys, release_memory
from ccu_dashboard.storage.release_memory import Asked, ReleaseMemory
from cloudmatic_link import signing
from cloudmatic_link.keys import HubKey, KeyUnusable
from cloudmatic_link.releases import Release
from tests.factories import NOW, compact, download, header, hub_key, private_key, release
from tests.unit.ccu_dashboard.portal_server import Portal, Reply, problem

ASK = "GET /api/v1/releases/latest"
PUBLISHER, FOLLOWER = hub_key(), hub_key(1)
LONG_AGO = datetime(1970, 1, 1, 0, 1, tzinfo=UTC)
TOLD = "version=1.2.3\ndownload=https://downloads.example/cloudmatic-ccu-1.2.3-armv7l.tar.gz\n"


class Time:
    """What a hub's clock and uptime say, and which boot it is."""

    def __init__(self) -> None:
        self.system = NOW
        self.uptime = 100.0
        self.boot = "first"

    def clock(self) -> HubClock:
        """As a process has it that was just started."""
        return HubClock(lambda: self.system, lambda: self.uptime, lambda: self.boot)

    def passes(self, **amount: float) -> None:
        self.system += timedelta(**amount)
        self.uptime += timedelta(**amount).total_seconds()

    def reboot(self, system: datetime) -> None:
        self.system, self.uptime, self.boot = system, 100.0, self.boot + "'"


@pytest.fixture
def time() -> Time:
    return Time()


def trust(hub: Settings, *keys: HubKey) -> None:
    hub.release_keys.write_text(json.dumps([each.public.to_jwk() for each in keys]))


@pytest.fixture
def hub(settings: Settings, portal: Portal, tmp_path: Path) -> Settings:
    """A CCU3 whose program trusts the publisher."""
    hub = replace(settings, portal=portal.url, release_keys=tmp_path / "release_keys.json")
    trust(hub, PUBLISHER)
    made_for(hub, "armv7l\n")
    portal.replies = [feed(release())]
    return hub


def made_for(hub: Settings, processor: str) -> None:
    hub.architecture.parent.mkdir(parents=True, exist_ok=True)
    hub.architecture.write_text(processor)


def feed(said: Release, key: HubKey = PUBLISHER, date: datetime = NOW) -> Reply:
    return Reply(200, {"feed": signing.sign(said, key)}, {"ETag": f'"{said.version}"'}, date)


def look(hub: Settings, time: Time) -> None:
    releases.look(hub, time.clock(), PortalClient(hub.portal))


def told(hub: Settings) -> str | None:
    return hub.latest.read_text() if hub.latest.exists() else None


def written(hub: Settings) -> list[tuple[str, int]]:
    return sorted((each.name, each.stat().st_ino) for each in hub.state_folder.iterdir())


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


LATER = release(issued_at=NOW + timedelta(hours=1), version="1.3.0")


@pytest.mark.parametrize(
    ("reply", "trouble"),
    [
        (feed(release(issued_at=NOW - timedelta(days=9), version="9.0.0")), "older-feed"),
        (feed(LATER, FOLLOWER), "untrusted-key"),
        (feed(LATER, date=NOW + timedelta(days=300)), "expired"),
        (feed(replace(LATER, issued_at=NOW + timedelta(days=9))), "not-yet-valid"),
        (Reply(200, {"feed": compact(
            head=header(typ=Release.TYPE), payload=LATER.to_payload(), key=private_key(1))}),
         "bad-signature"),
        (Reply(200, {"feed": compact(head=header(), payload=LATER.to_payload())}), "wrong-type"),
        (Reply(200, {"feed": "no feed"}), "malformed"),
        (Reply(200, {"feed": 1}), "not-the-portal"),
        (Reply(200, {}), "not-the-portal"),
        (Reply(200, []), "not-the-portal"),
        (Reply(200, {"feed": "x"}, {"Content-Type": "text/html"}), "not-the-portal"),
        (problem(404, "no-release"), "no-release"),
        (problem(500, "internal-error"), "internal-error"),
    ],
)  # fmt: skip
def test_a_bad_feed_changes_nothing_but_the_reason(
    hub: Settings, portal: Portal, time: Time, reply: Reply, trouble: str
) -> None:
    look(hub, time)
    time.passes(days=1, hours=1)
    portal.replies = [reply]
    latest = hub.latest.stat().st_ino
    look(hub, time)
    assert known(hub).trouble == trouble
    assert known(hub).release == release()
    assert (told(hub), hub.latest.stat().st_ino) == (TOLD, latest)


def test_a_later_release_follows_also_one_that_takes_the_last_one_back(
    hub: Settings, portal: Portal, time: Time
) -> None:
    look(hub, time)
    for version in ("1.3.0", "1.2.3"):
        time.passes(days=1)
        portal.replies = [feed(release(issued_at=time.system, version=version), date=time.system)]
        look(hub, time)
        assert f"version={version}\n" in (told(hub) or "")


def test_what_a_key_signed_goes_with_the_key(hub: Settings, portal: Portal, time: Time) -> None:
    look(hub, time)
    trust(hub, FOLLOWER)
    assert known(hub).release is None
    time.passes(days=1)
    portal.replies = [feed(release(issued_at=NOW - timedelta(days=1)), FOLLOWER)]
    look(hub, time)
    assert "If-None-Match" not in portal.requests[-1].headers
    assert known(hub).release is not None


def test_a_release_without_this_hubs_processor_leaves_what_was_told(
    hub: Settings, portal: Portal, time: Time
) -> None:
    look(hub, time)
    time.passes(days=1)
    later = release(issued_at=time.system, version="1.3.0", downloads={"x86_64": download()})
    portal.replies = [feed(later, date=time.system)]
    look(hub, time)
    assert known(hub).release == later
    assert known(hub).download is None
    assert told(hub) == TOLD


@pytest.mark.parametrize("processor", ["riscv64", "", "armv7l aarch64", "../x"])
def test_a_hub_of_a_processor_without_releases_does_not_ask(
    hub: Settings, portal: Portal, time: Time, processor: str
) -> None:
    made_for(hub, processor)
    look(hub, time)
    assert portal.requests == []
    assert written(hub) == []
    assert known(hub).obstacle is Obstacle.ARCHITECTURE_UNKNOWN


def test_a_checkout_goes_by_the_machine(hub: Settings) -> None:
    hub.architecture.unlink()
    assert known(hub).architecture == platform.machine()


def test_the_program_trusts_nobody_yet_and_does_not_ask(
    hub: Settings, portal: Portal, time: Time
) -> None:
    assert release_keys.load(RELEASE_KEYS) == ()
    as_packaged = replace(hub, release_keys=RELEASE_KEYS)
    look(as_packaged, time)
    assert portal.requests == []
    assert known(as_packaged).obstacle is Obstacle.NO_KEYS


PRIVATE = json.dumps([PUBLISHER.jwk.as_dict(private=True)])


@pytest.mark.parametrize("content", ["", "{}", "[1]", "null", '[{"kty": "RSA"}]', PRIVATE])
def test_a_damaged_list_of_keys_counts_for_nothing(
    hub: Settings, portal: Portal, time: Time, content: str
) -> None:
    hub.release_keys.write_text(content)
    look(hub, time)
    assert portal.requests == []
    assert known(hub).obstacle is Obstacle.KEYS_UNUSABLE
    with pytest.raises(KeyUnusable):
        release_keys.load(hub.release_keys)


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


def finding(hub: Settings, time: Time) -> tuple[State, str, str]:
    found = _updates(hub, time.clock())
    said = [each.translated(str) if each else "" for each in (found.found, found.advice)]
    return found.state, said[0], said[1]


def test_doctor_says_why_it_was_not_asked(hub: Settings, time: Time) -> None:
    assert finding(hub, time)[1] == "not asked for yet"
    made_for(hub, "mips")
    assert finding(hub, time)[1] == "not asked for: no release is made for mips"
    hub.release_keys.write_text("damaged")
    assert finding(hub, time)[0] is State.FAILED
    state, said, _ = finding(replace(hub, release_keys=RELEASE_KEYS), time)
    assert state is State.WARNING
    assert "trusts no publisher's key yet" in said


def test_doctor_names_a_newer_version_and_where_it_is(
    hub: Settings, portal: Portal, time: Time
) -> None:
    look(hub, time)
    state, said, advice = finding(hub, time)
    assert (state, said) == (State.WARNING, "version 1.2.3 is available")
    assert download().address in advice
    assert download().sha256 in advice
    time.passes(days=4)
    assert finding(hub, time)[1] == "not asked for since 2026-11-23"


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (feed(release(version="0.0.1")), (State.OK, "none newer than 0.0.1")),
        (problem(404, "no-release"), (State.OK, "the portal has no release to tell of")),
        (problem(404, "not-found"), (State.OK, "the portal has no release to tell of")),
        (feed(release(), FOLLOWER),
         (State.WARNING, "the portal's last word on them does not count: untrusted-key")),
        (feed(release(downloads={})), (State.OK, "version 1.2.3 is available")),
    ],
)  # fmt: skip
def test_doctor_says_how_it_stands(
    hub: Settings, portal: Portal, time: Time, reply: Reply, expected: tuple[State, str]
) -> None:
    portal.replies = [reply]
    look(hub, time)
    assert finding(hub, time)[:2] == expected


def test_a_question_that_was_cut_by_a_power_failure_is_not_taken_for_an_answer(
    hub: Settings, time: Time
) -> None:
    release_memory.save(hub.releases, ReleaseMemory(Asked(NOW, "first", 100.0)))
    assert finding(hub, time)[0] is State.WARNING


@pytest.mark.parametrize(
    ("outcome", "asked"),
    [(each, each is not Outcome.UNREACHABLE) for each in Outcome],
)
def test_a_portal_that_was_not_reached_a_moment_ago_is_not_waited_for_again(
    hub: Settings, portal: Portal, time: Time, outcome: Outcome, asked: bool
) -> None:
    cli._look_for_release(hub, time.clock(), Contact(outcome))
    assert bool(portal.requests) is asked
