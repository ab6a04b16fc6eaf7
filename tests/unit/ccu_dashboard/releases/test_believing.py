"""The hub believes the publisher only, whatever the portal hands on."""

from __future__ import annotations

import json
import platform
from dataclasses import replace
from datetime import timedelta

import pytest

from ccu_dashboard.services.releases import Obstacle, known
from ccu_dashboard.settings import RELEASE_KEYS, Settings
from ccu_dashboard.storage import release_keys
from cloudmatic_link.keys import KeyUnusable
from cloudmatic_link.releases import Release
from tests.factories import NOW, compact, download, header, private_key, release
from tests.unit.ccu_dashboard.portal_server import Portal, Reply, problem
from tests.unit.ccu_dashboard.releases.hubs import (
    FOLLOWER,
    PUBLISHER,
    TOLD,
    Time,
    feed,
    look,
    made_for,
    told,
    trust,
    written,
)

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
