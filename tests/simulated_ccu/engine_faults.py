"""What can go wrong with the logic engine, as wrappers around its handlers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Fault = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]


async def healthy(request: web.Request, handler: Handler) -> web.StreamResponse:
    """No fault."""
    return await handler(request)


def slow(seconds: float) -> Fault:
    """Answers are right, but come `seconds` later."""

    async def wait_first(request: web.Request, handler: Handler) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return await handler(request)

    return wait_first


def rubbish(body: bytes) -> Fault:
    """Status 200, and `body` instead of what was asked for."""

    async def answer_rubbish(_request: web.Request, _handler: Handler) -> web.StreamResponse:
        return web.Response(body=body, headers={"Content-Type": "text/xml; charset=iso-8859-1"})

    return answer_rubbish


def no_http(data: bytes) -> Fault:
    """`data` on the wire instead of an HTTP response, then the connection closes."""

    async def write_raw(request: web.Request, _handler: Handler) -> web.StreamResponse:
        if request.transport is not None:
            request.transport.write(data)
            request.transport.close()
        return web.Response()

    return write_raw


async def http_500(_request: web.Request, _handler: Handler) -> web.StreamResponse:
    """An internal server error."""
    return web.Response(status=500, text="Internal Server Error")


def hang(until: asyncio.Event) -> Fault:
    """Takes requests and does not answer before `until` is set."""

    async def wait(request: web.Request, handler: Handler) -> web.StreamResponse:
        await until.wait()
        return await handler(request)

    return wait
