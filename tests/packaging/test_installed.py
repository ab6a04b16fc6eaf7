"""The archives for other processors, installed on hubs of those processors.

Uploaded, checked, installed and uninstalled by the firmware's steps, on a hub whose every program,
from the shell to the web server, is one of that processor (tests/hub/processor.py). The archive for
this machine's processor lives through the same and more in tests/hub/test_life_in_a_chroot.py.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import requests

from cloudmatic_link import __version__
from tests.hub.chroot import ChrootHub
from tests.hub.hubs import MakeHub
from tests.hub.listing import without_runtime
from tests.packaging.conftest import Build
from tests.simulated_ccu import additional_software
from tests.simulated_ccu.logic_engine import LogicEngine

_NOT_THIS_PROCESSOR = 3
# As the header of a program names its processor.
_MACHINES = {"armv7l": 40, "aarch64": 183}

pytestmark = [pytest.mark.needs_root, pytest.mark.other_processors]


@pytest.mark.parametrize("processor", ["armv7l", "aarch64"])
async def test_it_is_installed_shows_the_account_and_leaves_nothing_behind(
    processor: str, build: Build, make_hub: MakeHub
) -> None:
    hub = make_hub(processor=processor)
    engine = LogicEngine(port=hub.engine_port)
    await engine.start()
    try:
        await asyncio.to_thread(_live, hub, build(processor), engine.login())
    finally:
        await engine.stop()


def _live(hub: ChrootHub, archive: Path, sid: str) -> None:
    assert _machines_of_programs(hub.root) == {_MACHINES[hub.processor]}
    hub.power_on()
    assert hub.run("uname", "-m").stdout.strip() == hub.processor
    before = hub.listing()

    assert hub.install(archive) == 0
    assert_the_account_is_shown(hub, sid)
    hub.power_cut()
    hub.power_on()
    assert_the_account_is_shown(hub, sid)

    assert additional_software.uninstall(hub.run, "", "cloudmatic") == 0
    hub.power_cut()
    hub.power_on()
    assert hub.webui_stands()
    assert without_runtime(hub.listing()) == without_runtime(before)


def assert_the_account_is_shown(hub: ChrootHub, sid: str) -> None:
    """Systemsteuerung's button, clicked."""
    assert hub.version_shown() == __version__
    address = f"http://127.0.0.1:{hub.port}/addons/cloudmatic/?sid={sid}"
    page = requests.get(address, timeout=60)
    assert page.status_code == 200
    assert "maxmuster" in page.text


def _machines_of_programs(root: Path) -> set[int]:
    """The processors of all programs and libraries on the hub."""
    files = (path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    heads = (path.read_bytes()[:20] for path in files)
    return {int.from_bytes(head[18:], "little") for head in heads if head.startswith(b"\x7fELF")}


def test_an_archive_for_another_processor_is_refused(build: Build, make_hub: MakeHub) -> None:
    hub = make_hub(processor="aarch64")
    hub.power_on()
    before = hub.listing()
    assert hub.install(build("armv7l")) == _NOT_THIS_PROCESSOR
    assert hub.listing() == before
