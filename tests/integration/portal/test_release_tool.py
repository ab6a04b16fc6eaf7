"""The publisher's tool: keys that stay private, and no feed that hubs would refuse."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from cloudmatic_link.keys import HubKey
from cloudmatic_link.releases import ARCHITECTURES
from tests.factories import hub_key
from tests.integration.portal.publisher import TOOL, Publisher, content, run


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    return tmp_path / "feed"


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    return Publisher(tmp_path)


async def test_the_private_key_is_the_publishers_alone_and_never_overwritten(
    publisher: Publisher,
) -> None:
    await publisher.make_key()
    before = publisher.key.read_bytes()
    assert stat.S_IMODE(publisher.key.stat().st_mode) == 0o600
    code, _, errors = await run(*TOOL, "keygen", str(publisher.key))
    assert (code, "exists" in errors) == (1, True)
    assert publisher.key.read_bytes() == before
    assert b"PRIVATE" in before
    assert b"PRIVATE" not in publisher.trusted.read_bytes()


async def test_show_tells_what_hubs_read(publisher: Publisher, feed: Path) -> None:
    await publisher.make_key()
    await publisher.sign(feed)
    words = (*TOOL, "show", str(feed), "--trusted", str(publisher.trusted))
    code, shown, _ = await run(*words)
    assert code == 0
    said = json.loads(shown)
    assert (said["version"], set(said["downloads"])) == ("1.2.3", set(ARCHITECTURES))
    assert said["key"] == HubKey.from_pem(publisher.key.read_bytes()).key_id
    publisher.trusted.write_text("[]")
    code, _, errors = await run(*words)
    assert (code, "untrusted-key" in errors) == (1, True)


async def test_a_key_that_no_hub_trusts_signs_nothing(publisher: Publisher, feed: Path) -> None:
    await publisher.make_key()
    publisher.trusted.write_text(json.dumps([hub_key().public.to_jwk()]))
    code, _, errors = await publisher.sign(feed)
    assert (code, "no hub trusts this key" in errors, content(feed) is not None) == (1, True, False)


async def test_the_key_before_the_newest_signs_with_a_note(
    publisher: Publisher, feed: Path
) -> None:
    await publisher.make_key()
    keys = json.loads(publisher.trusted.read_text())
    publisher.trusted.write_text(json.dumps([*keys, hub_key().public.to_jwk()]))
    code, _, errors = await publisher.sign(feed)
    assert (code, "not the newest" in errors, content(feed) is not None) == (0, True, True)


@pytest.mark.parametrize("days", ["0", "-1", "401"])
async def test_a_feed_that_hubs_would_refuse_is_not_made(
    publisher: Publisher, feed: Path, days: str
) -> None:
    await publisher.make_key()
    code, _, errors = await publisher.sign(feed, "--days", days)
    assert (code, errors, content(feed) is not None) == (1, "bad-claim: exp\n", False)


async def test_archives_are_those_of_one_version(publisher: Publisher, feed: Path) -> None:
    await publisher.make_key()
    other = publisher.archives[0].with_name("cloudmatic-ccu-1.2.4-armv7l.tar.gz")
    publisher.archives[0].rename(other)
    publisher.archives[0] = other
    assert "one version" in (await publisher.sign(feed))[2]
    publisher.archives.pop(0)
    code, _, errors = await publisher.sign(feed)
    assert (code, errors) == (0, "note: hubs with armv7l get no download\n")
    kept = content(feed)
    publisher.archives = [publisher.key]
    assert (await publisher.sign(feed))[0] == 1
    assert content(feed) == kept
