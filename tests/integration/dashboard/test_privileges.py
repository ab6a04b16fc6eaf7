"""The service gives up root for good, and takes nothing from elsewhere with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from ccu_dashboard import privileges
from ccu_dashboard.settings import SERVICE_UID

pytestmark = pytest.mark.needs_root

# All that the program needs is imported before root is given up: the interpreter may lie where
# nobody else may read.
_PROGRAM = """
import json, os, sys
from pathlib import Path
from ccu_dashboard import privileges
privileges.drop(int(sys.argv[1]))
found = {"uids": os.getresuid(), "gids": os.getresgid(), "groups": os.getgroups()}
found["capabilities"] = [
    line.split()[1] for line in Path("/proc/self/status").read_text().splitlines()
    if line.startswith(("CapEff", "CapPrm"))
]
try:
    os.setuid(0)
    found["back"] = True
except PermissionError:
    found["back"] = False
print(json.dumps(found))
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name) / "state"


def test_root_is_given_up_with_all_groups_and_capabilities_and_does_not_come_back() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(SERVICE_UID)],
        capture_output=True,
        check=True,
        text=True,
    )
    found = json.loads(done.stdout)
    assert found["uids"] == found["gids"] == [SERVICE_UID] * 3
    assert found["groups"] == []
    assert set(found["capabilities"]) == {"0000000000000000"}
    assert found["back"] is False


def test_what_roots_command_line_left_becomes_the_services(folder: Path) -> None:
    folder.mkdir()
    (folder / "status.json").write_text("{}")
    privileges.prepare_folder(folder, SERVICE_UID)
    assert folder.stat().st_uid == (folder / "status.json").stat().st_uid == SERVICE_UID
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_link_in_the_folder_gives_nothing_of_roots_away(folder: Path) -> None:
    folder.mkdir()
    secret = folder.parent / "secret"
    secret.write_text("root's own")
    (folder / "symbolic").symlink_to(secret)
    (folder / "hard").hardlink_to(secret)
    os.mkfifo(folder / "pipe")
    privileges.prepare_folder(folder, SERVICE_UID)
    assert secret.stat().st_uid == 0
