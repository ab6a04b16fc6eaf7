"""The publisher of the add-on, who runs the tool that signs release feeds."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from cloudmatic_link.releases import ARCHITECTURES
from tests.demo.portal_process import REPOSITORY

TOOL = (sys.executable, "-W", "error", str(REPOSITORY / "build" / "release_feed.py"))
BASE = "https://downloads.example/cloudmatic"


async def run(*words: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(*words, stdout=PIPE, stderr=PIPE)
    output, errors = await process.communicate()
    return process.returncode, output.decode(), errors.decode()


class Publisher:
    """Runs the tool as docs/releasing.md says."""

    def __init__(self, folder: Path) -> None:
        self.key = folder / "publisher.pem"
        self.trusted = folder / "release_keys.json"
        self.archives = [
            folder / f"cloudmatic-ccu-1.2.3-{processor}.tar.gz" for processor in ARCHITECTURES
        ]
        for archive in self.archives:
            archive.write_bytes(archive.name.encode())
        self.trusted.write_text("[]")

    async def make_key(self) -> None:
        code, printed, errors = await run(*TOOL, "keygen", str(self.key))
        assert (code, errors) == (0, "")
        self.trusted.write_text(json.dumps([json.loads(printed)]))

    async def sign(self, out: Path, *options: str) -> tuple[int | None, str, str]:
        words = ["sign", "--key", str(self.key), "--base", f"{BASE}/", "--out", str(out)]
        words += ["--trusted", str(self.trusted), *options, *map(str, self.archives)]
        return await run(*TOOL, *words)


def content(file: Path) -> bytes | None:
    return file.read_bytes() if file.exists() else None
