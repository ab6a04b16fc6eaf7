"""`python -m ccu_dashboard`, and the `ccu-dashboard` command."""

from __future__ import annotations

import os
import sys

from ccu_dashboard import cli


def main() -> None:
    sys.exit(cli.main(sys.argv[1:], os.environ))


if __name__ == "__main__":
    main()
