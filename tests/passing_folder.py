"""A folder that goes however the tests end."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The end of its input comes with the end of the tests. What they started may still write then, but
# not for long: it is being killed.
_REMOVE = 'read -r never; until rm -rf "$1" 2>/dev/null; do sleep 0.1; done'


@contextmanager
def passing_folder(prefix: str) -> Iterator[Path]:
    """A folder that all users may enter; it goes in the end, and also when this process is killed.

    Below /tmp, because the path of a Unix socket has at most 107 characters.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    folder.chmod(0o755)
    with subprocess.Popen(
        ["/bin/sh", "-c", _REMOVE, "sh", str(folder)], stdin=subprocess.PIPE, start_new_session=True
    ):
        yield folder
        shutil.rmtree(folder)
