"""`python -m cloudmatic_portal` and the command `cloudmatic-portal`."""

from __future__ import annotations

import sys

from cloudmatic_portal.cli import main

if __name__ == "__main__":
    sys.exit(main())

__all__ = ["main"]
