"""The buttons in Systemsteuerung (`hm_addons.cfg`), read and written by the hub's own Tcl."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass

from tests.simulated_ccu.file_system import SimulatedFileSystem

_SCRIPTS = "usr/lib/simulated-ccu"


@dataclass(frozen=True)
class ConfigPage:
    """One button: its address, its text, and its tooltip (HTML) by language."""

    id: str
    url: str
    name: str
    descriptions: dict[str, str]


def config_pages(fs: SimulatedFileSystem) -> dict[str, ConfigPage]:
    """All buttons by id, as Tcl reads them; CalledProcessError if the list is malformed."""
    pages = {}
    for record in _run(fs, "list-config-pages.tcl").split("\x1e")[:-1]:
        page_id, url, name, *texts = record.split("\x1f")[:-1]
        descriptions = dict(zip(texts[::2], texts[1::2], strict=True))
        pages[page_id] = ConfigPage(page_id, url, name, descriptions)
    return pages


def add_config_page(fs: SimulatedFileSystem, page: ConfigPage) -> None:
    """Call the vendor's AddConfigPage."""
    texts = [word for pair in page.descriptions.items() for word in pair]
    _run(fs, "add-config-page.tcl", page.id, page.url, page.name, *texts)


def _run(fs: SimulatedFileSystem, script: str, *words: str) -> str:
    command = [str(fs.bin / "tclsh"), str(fs.root / _SCRIPTS / script)]
    finished = subprocess.run(
        [*command, *(word.encode("iso-8859-1") for word in words)],
        env=fs.environment(),
        check=True,
        capture_output=True,
    )
    return finished.stdout.decode("iso-8859-1")
