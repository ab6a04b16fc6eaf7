"""What doctor says of updates, and when nobody is waited for."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ccu_dashboard import cli, privileges
from ccu_dashboard import settings as settings_module
from ccu_dashboard.domain.contact import Contact, Outcome
from ccu_dashboard.domain.finding import State
from ccu_dashboard.services import doctor_updates, leaving
from ccu_dashboard.settings import RELEASE_KEYS, Settings
from ccu_dashboard.storage import release_memory
from ccu_dashboard.storage.release_memory import Asked, ReleaseMemory
from tests.factories import NOW, download, release
from tests.unit.ccu_dashboard.portal_server import Portal, Reply, problem
from tests.unit.ccu_dashboard.releases.hubs import (
    FOLLOWER,
    Time,
    feed,
    look,
    made_for,
)


def finding(hub: Settings, time: Time) -> tuple[State, str, str]:
    found = doctor_updates.examine(hub, time.clock())
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


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_portal_that_was_not_reached_or_is_kept_away_from_is_not_asked_for_releases(
    hub: Settings, portal: Portal, time: Time, outcome: Outcome
) -> None:
    cli._look_for_release(hub, time.clock(), Contact(outcome))
    asked = outcome not in {Outcome.UNREACHABLE, Outcome.SILENT}
    assert bool(portal.requests) is asked


def test_a_hub_that_keeps_away_from_the_portal_asks_it_nothing_at_all(
    hub: Settings,
    portal: Portal,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    leaving.erase(hub)
    monkeypatch.setattr(settings_module, "load", lambda _: hub)
    monkeypatch.setattr(privileges, "prepare_folder", lambda *_: None)
    monkeypatch.setattr(privileges, "drop", lambda _: None)
    assert cli.main(["status", "--refresh", "--json"], {}) == cli.EXIT_OK
    cli.main(["doctor", "--json"], {})
    said = capfd.readouterr().out
    assert portal.requests == []
    assert [path.name for path in hub.state_folder.iterdir()] == ["silent"]
    refreshed, examined = (json.loads(line) for line in said.splitlines())
    assert refreshed["contact"]["outcome"] == "silent"
    found = {each["subject"]: each for each in examined["findings"]}
    for subject in ("Portal", "Known to the portal", "Updates"):
        assert found[subject]["state"] == "warning"
        assert "personal data were deleted here" in found[subject]["found"]["text"]
    assert "Clock" not in found
