"""The real programs of the machine that the simulation runs: busybox, tclsh, lighttpd."""

from __future__ import annotations

import shutil

# Not only PATH: inside a simulated hub PATH names its own wrappers, and services' PATHs lack sbin.
_SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class ProgramMissingError(RuntimeError):
    """A program is not installed; `package` is the Debian package that brings it."""

    def __init__(self, program: str, package: str) -> None:
        super().__init__(f"{program} is missing; install it with: apt-get install {package}")
        self.program = program
        self.package = package


def host_program(program: str, package: str) -> str:
    """Absolute path of an installed program; ProgramMissingError if there is none."""
    found = shutil.which(program, path=_SEARCH_PATH)
    if found is None:
        raise ProgramMissingError(program, package)
    return found
