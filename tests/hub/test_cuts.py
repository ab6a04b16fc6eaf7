"""Whatever cuts an installation, the WebUI stands and one whole version runs after the next start.

Two knives: every process of the hub dies at a random instant, and the card is full at a random
point. (What is lost of what had been written but not synced, no test here can show; chroot.py.)
"""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hub.archives import content_of, version_of
from tests.hub.chroot import ChrootHub
from tests.hub.hubs import MakeHub

pytestmark = pytest.mark.needs_root
PROGRAM = "usr/local/addons/cloudmatic"


def assert_one_whole_version(hub: ChrootHub, archives: tuple[Path, Path]) -> str:
    """Return the version that runs."""
    assert hub.webui_stands()
    shown = hub.version_shown()
    whole = {version_of(archive): content_of(archive) for archive in archives}
    assert shown in whole
    program = hub.inside / PROGRAM
    assert {path.name for path in program.iterdir()} <= {"current", "versions", "kept"}
    versions = list((program / "versions").iterdir())
    assert [path.name for path in versions] == [(program / "current").readlink().name]
    content = _content(versions[0])
    # What a Python keeps for itself is no part of the archive, unless it brings it along.
    extra = {name for name in content.keys() - whole[shown].keys() if "__pycache__" not in name}
    assert extra == set()
    assert {name: content.get(name) for name in whole[shown]} == whole[shown]
    assert shown is not None
    return shown


def _content(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".nobackup"
    }


def seconds_of(hub: ChrootHub, archive: Path) -> float:
    begun = time.monotonic()
    assert hub.install(archive) == 0
    return time.monotonic() - begun


@pytest.mark.fault("power cut", "an update leaves the old version or the new one, whole")
def test_an_update_cut_at_any_instant_leaves_the_old_version_or_the_new_one(
    make_hub: MakeHub,
    archives: tuple[Path, Path],
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    seed = random.randrange(10**6)  # noqa: S311
    print(f"seed {seed}")
    chance = random.Random(seed)  # noqa: S311
    hub = make_hub()
    hub.power_on()
    assert hub.install(archives[0]) == 0
    length = seconds_of(hub, archives[1])
    ran = {version_of(archives[1])}
    wanted = {version_of(archive) for archive in archives}
    cuts, tried = request.config.getoption("--cuts"), 0
    # Some cut must come late enough to leave the new version, however slow the machine has become.
    while tried < cuts or ran != wanted:
        assert tried < 10 * cuts
        hub.upload(archives[tried % 2])
        installing = hub.start("/bin/install_addon")
        time.sleep(chance.uniform(0, length * max(1, tried / cuts)))
        hub.power_cut()
        installing.communicate()
        hub.power_on()
        ran.add(assert_one_whole_version(hub, archives))
        tried += 1
    record_property("tried", tried)


@pytest.mark.fault("power cut", "a first installation is whole or not there")
def test_a_first_installation_cut_at_any_instant_is_whole_or_not_there(
    make_hub: MakeHub,
    archive: Path,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    chance = random.Random()  # noqa: S311
    hub = make_hub()
    hub.power_on()
    length = seconds_of(hub, archive)
    cuts = max(1, request.config.getoption("--cuts") // 5)
    record_property("tried", cuts)
    for _ in range(cuts):
        hub.run("/bin/sh", "/usr/local/etc/config/rc.d/cloudmatic", "uninstall", check=True)
        hub.run("rm", "-f", "/usr/local/etc/config/rc.d/cloudmatic")
        hub.upload(archive)
        installing = hub.start("/bin/install_addon")
        time.sleep(chance.uniform(0, length))
        hub.power_cut()
        installing.communicate()
        hub.power_on()
        assert hub.webui_stands()
        # The second try ends it either way.
        assert hub.install(archive) == 0
        assert_one_whole_version(hub, (archive, archive))


@pytest.mark.fault(
    "disk full",
    "a hub's card full at any point of an update: the old version stays",
)
def test_a_card_that_is_full_at_any_point_keeps_the_old_version(
    make_hub: MakeHub,
    archives: tuple[Path, Path],
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    chance = random.Random()  # noqa: S311
    old, new = archives
    hub = make_hub(usr_local_size="200m")
    hub.power_on()
    assert hub.install(old) == 0
    used = _used_kilobytes(hub)
    # Unpacking needs as much again; the update itself only little: cut mostly there.
    unpacked = sum(path.stat().st_size for path in _files(hub)) // 1024
    refused = 0
    cuts = max(1, request.config.getoption("--cuts") // 2)
    record_property("tried", cuts)
    for _ in range(cuts):
        spare = chance.choice([chance.randint(0, 2 * unpacked), unpacked + chance.randint(0, 4000)])
        hub.upload(new)
        upload = new.stat().st_size // 1024
        _resize(hub, used + upload + spare)
        refused += hub.install(new) != 0
        hub.power_cut()
        hub.power_on()
        _resize(hub, 200 * 1024)
        hub.run("sh", "-c", "rm -rf /usr/local/tmp/*", check=True)
        assert_one_whole_version(hub, archives)
        assert hub.install(old) == 0
    assert refused


def _files(hub: ChrootHub) -> list[Path]:
    return [path for path in (hub.inside / PROGRAM).rglob("*") if path.is_file()]


def _used_kilobytes(hub: ChrootHub) -> int:
    printed = hub.run("df", "-Pk", "/usr/local", check=True).stdout
    return int(printed.splitlines()[-1].split()[2])


def _resize(hub: ChrootHub, kilobytes: int) -> None:
    """From outside: the hub's own mount namespace would keep it to itself."""
    subprocess.run(
        ["/usr/bin/nsenter", "-t", str(hub.mounts), "-m", "mount", "-o",
         f"remount,size={kilobytes}k", f"{hub.root}/usr/local"],
        check=True,
    )  # fmt: skip


@pytest.mark.fault("disk full", "a hub's card that cannot be written keeps what runs")
def test_a_card_that_cannot_be_written_refuses_an_update_and_keeps_what_runs(
    make_hub: MakeHub, archives: tuple[Path, Path]
) -> None:
    old, new = archives
    hub = make_hub(usr_local_size="200m")
    hub.power_on()
    assert hub.install(old) == 0
    shutil.copyfile(new, hub.inside / "tmp/new.tar.gz")
    hub.run("sh", "-c", "mkdir /tmp/new && tar -C /tmp/new -xzf /tmp/new.tar.gz", check=True)
    _read_only(hub)
    finished = hub.run("sh", "/tmp/new/update_script", "HM-RASPBERRYMATIC")
    assert finished.returncode == 5, finished.stdout
    assert hub.version_shown() == version_of(old)
    # And a boot with such a card starts what is there.
    hub.power_cut()
    hub.power_on(boot=False)
    _read_only(hub)
    hub.run("/usr/sbin/lighttpd", "-f", "/etc/lighttpd/lighttpd.conf", check=True)
    hub.run("/etc/init.d/rcS", "start")
    assert hub.webui_stands()
    assert hub.version_shown() == version_of(old)


def _read_only(hub: ChrootHub) -> None:
    subprocess.run(
        ["/usr/bin/nsenter", "-t", str(hub.machine), "-m", "mount", "-o", "remount,ro,bind",
         f"{hub.root}/usr/local"],
        check=True,
    )  # fmt: skip
