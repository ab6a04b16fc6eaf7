"""What can go wrong while packaging. Each error's text is one sentence for whoever builds.

PackagingFailed
+- CommandFailed      a program that we need is missing or failed
+- LockFileUnusable   the lock file is missing, damaged or too old for the code
+- NoLongerOffered    a registry does not have a locked version any more
+- HashDiffers        a file is not the one that was locked
+- IndexStale         a registry's list could not be read
+- LibraryMissing     something in the tree needs a library that nothing brings
+- LicenceMissing     a component is carried without its licence
+- TooBig             the result is larger than a hub should be asked to take
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class PackagingFailed(Exception):
    """The archive cannot be built."""


class CommandFailed(PackagingFailed):
    """A program is missing or ended with an error; `output` is the end of what it said."""

    def __init__(self, command: Sequence[str], output: str) -> None:
        super().__init__(f"{command[0]} failed ({' '.join(command)[:200]}): {output[-1500:]}")
        self.output = output


class LockFileUnusable(PackagingFailed):
    """The lock file does not say what to carry."""

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(f"{file} cannot be used: {reason}; `./package.sh lock` writes it anew")


class NotOffered(PackagingFailed):
    """A registry does not give what is locked."""

    def __init__(self, names: Sequence[str], architecture: str, said: str) -> None:
        super().__init__(
            f"cannot fetch for {architecture}: {', '.join(names)}. The registry's client said: "
            f"{said[-800:].strip()} -- Unless that is a fault of the network, the version has been "
            f"replaced there: run `./package.sh lock`, look at what changes in the lock file, "
            f"commit it and build again"
        )


class HashDiffers(PackagingFailed):
    """A file arrived that is not the locked one."""

    def __init__(self, file: str, expected: str, found: str) -> None:
        super().__init__(
            f"{file} is not what was locked (SHA-256 {found}, expected {expected}). Do not build "
            f"with it: find out why, and only then run `./package.sh lock`"
        )


class IndexStale(PackagingFailed):
    """apt could not read every list; a lock made now might miss a security update."""

    def __init__(self, architecture: str, said: str) -> None:
        super().__init__(
            f"apt could not read all its lists for {architecture}, so that a security update may "
            f"be missed; try later, or add --despite-stale-lists and lock again soon: "
            f"{said[-600:].strip()}"
        )


class LibraryMissing(PackagingFailed):
    """A shared library is needed by `needed_by`, and no locked package brings it."""

    def __init__(self, name: str, needed_by: str) -> None:
        super().__init__(f"{needed_by} needs {name}, and no package in the lock file has it")


class LicenceMissing(PackagingFailed):
    """A component must not be passed on without its licence."""

    def __init__(self, component: str) -> None:
        super().__init__(f"{component} brings no licence file; the archive may not carry it so")


class TooBig(PackagingFailed):
    """A limit of size is exceeded."""

    def __init__(self, what: str, size: int, limit: int) -> None:
        super().__init__(
            f"{what} is {size / 1e6:.2f} MB, more than the limit of {limit / 1e6:.0f} MB; "
            f"`--report` shows where the bytes are"
        )
