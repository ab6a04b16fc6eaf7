"""What is shown is what the files say at this moment, however often they were read before."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from ccu_dashboard.domain.account import Linked
from ccu_dashboard.services.overview import Overview, overview
from ccu_dashboard.settings import Settings
from ccu_dashboard.storage import signal_switch, status_cache
from ccu_dashboard.storage.status_cache import Enrolment, PortalMemory
from cloudmatic_link.products import PACKAGES
from tests.factories import ACCOUNT_ID, PORTAL, TODAY, hub_key, hub_status
from tests.simulated_ccu.account_files import linked
from tests.unit.ccu_dashboard.conftest import write_account_files

ENDS = TODAY + timedelta(days=20)


def shown_by(settings: Settings, days: int = 0) -> Overview:
    return asyncio.run(overview(settings, TODAY + timedelta(days=days)))


@contextmanager
def unnoticed(file: Path) -> Iterator[None]:
    """Nothing but its content tells that the file is another one."""
    before = file.stat()
    yield
    assert file.stat().st_size == before.st_size
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_another_account_of_the_same_length_is_shown_at_once(settings: Settings) -> None:
    write_account_files(settings.vendor_folder, linked(ends=ENDS, userid=4711))
    first = shown_by(settings)
    with unnoticed(settings.vendor_folder / "mhcfg"):
        write_account_files(settings.vendor_folder, linked(ends=ENDS, userid=4712))
    second = shown_by(settings)
    assert isinstance(second.account, Linked)
    assert second.account.account_id == "4712"
    assert second.mark != first.mark


def test_another_word_of_the_portal_is_shown_at_once(settings: Settings) -> None:
    enrolment = Enrolment(PORTAL, ACCOUNT_ID, hub_key().key_id)
    told = [PortalMemory(enrolment, hub_status(products=(each,))) for each in PACKAGES[:2]]
    for memory, product in zip(told * 2, PACKAGES[:2] * 2, strict=True):
        status_cache.save(settings.status, memory)
        assert shown_by(settings).offered == (product,)


def test_a_switch_of_the_same_length_is_seen_at_once(settings: Settings) -> None:
    settings.file.write_text("days_variable = true #\n")
    assert signal_switch.load(settings.file)
    with unnoticed(settings.file):
        settings.file.write_text("days_variable = false#\n")
    assert not signal_switch.load(settings.file)


def test_nothing_new_is_the_same_mark_and_another_day_another_one(settings: Settings) -> None:
    marks = [shown_by(settings, days).mark for days in (0, 0, 1, 0)]
    assert marks[0] == marks[1] == marks[3] != marks[2]
