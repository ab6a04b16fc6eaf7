"""A processor that is not this machine's, for the processes of one hub only.

Since Linux 6.7 each user namespace has its own table of emulators (binfmt_misc). The hub gets a
namespace whose table names qemu for its processor: its programs are started by the kernel as on a
hub of that processor, `uname` included. This machine's table is not touched, and what is in the
namespace's one goes with its last process. The emulator is opened when it is entered, so it need
not lie in the hub's file system.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path
from typing import IO

from tests.simulated_ccu.host_programs import host_program

# As Debian's qemu-user-static registers them where they are meant for the whole machine.
_REGISTRATIONS = {
    "armv7l": Path("/usr/lib/binfmt.d/qemu-arm.conf"),
    "aarch64": Path("/usr/lib/binfmt.d/qemu-aarch64.conf"),
    "x86_64": Path("/usr/lib/binfmt.d/qemu-x86_64.conf"),
}
# The same numbers inside as outside: what the hub's root and the service write is theirs.
_ALL_IDS = f"0 0 {2**32 - 1}\n"
_HOLD = """\
set -e
echo separate
read -r mapped
mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
cat "$1" >/proc/sys/fs/binfmt_misc/register
echo registered
# Until the input ends, which it does however the tests end.
exec cat
"""


class NoSuchProcessorError(RuntimeError):
    """This machine cannot have such a processor; the text says what it lacks."""


class Processor:
    """Holds the namespace until `close`, or until the tests end in whatever way."""

    def __init__(self, name: str) -> None:
        registration = _REGISTRATIONS[name]
        if not registration.exists():
            raise NoSuchProcessorError(f"needs {registration} (apt-get install qemu-user-static)")
        self._holder = subprocess.Popen(
            [host_program("unshare", "util-linux"), "--user", "--mount",
             "sh", "-c", _HOLD, "sh", str(registration)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        try:
            self._register()
        except BaseException:
            self.close()
            raise

    def _register(self) -> None:
        self._expect("separate")
        for name in ("uid_map", "gid_map"):
            Path(f"/proc/{self._holder.pid}/{name}").write_text(_ALL_IDS, "ascii")
        _pipe(self._holder.stdin).write("mapped\n")
        _pipe(self._holder.stdin).flush()
        self._expect("registered")

    def _expect(self, word: str) -> None:
        if _pipe(self._holder.stdout).readline().strip() != word:
            said = _pipe(self._holder.stderr).read().strip()
            raise NoSuchProcessorError(
                f"needs a table of emulators per user namespace (Linux 6.7 or newer): {said}"
            )

    def entering(self) -> str:
        """The option of `nsenter` that gives a process this processor."""
        return f"--user=/proc/{self._holder.pid}/ns/user"

    def close(self) -> None:
        self._holder.communicate()


def processor(name: str) -> Processor | None:
    """Return the processor `name`, or None if it is this machine's. Raises NoSuchProcessorError."""
    return None if name == platform.machine() else Processor(name)


def main() -> int:
    """For test.sh: 0 if hubs of all other processors can be made here, else say why not."""
    try:
        for name in _REGISTRATIONS:
            if (found := processor(name)) is not None:
                found.close()
    except (NoSuchProcessorError, PermissionError) as error:
        print(f"a hub of another processor {error}", file=sys.stderr)
        return 1
    return 0


def _pipe(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


if __name__ == "__main__":
    sys.exit(main())
