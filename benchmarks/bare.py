"""The yardstick: an aiohttp service that answers with the content of a file, whatever is asked.

python -m benchmarks.bare SOCKET FILE
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from aiohttp import web


def main() -> None:
    socket, file = sys.argv[1:]
    body = Path(file).read_bytes()

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="text/html", charset="utf-8")

    app = web.Application()
    app.router.add_get("/{rest:.*}", answer)
    # Its first line tells that it listens.
    web.run_app(app, path=socket, access_log=None, print=partial(print, flush=True))


if __name__ == "__main__":
    main()
