"""A form that brings a file, as a browser encodes it (web/uploads.py, over aiohttp's reader)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from functools import cache
from typing import cast
from unittest.mock import Mock, patch

from aiohttp import StreamReader, web
from aiohttp.test_utils import make_mocked_request

from cloudmatic_portal.app_keys import SETTINGS
from cloudmatic_portal.domain.errors import FormRefused
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.web import csrf, uploads
from tests.fuzz.parts import finish, join, split

PROMISE = "any body under any content type is a name and a file, FormRefused, or too large"
_MOST = 4096


def check(data: bytes) -> None:
    content_type, body = split(data, 2)
    loop = _loop()
    payload = StreamReader(Mock(_reading_paused=False), 2**16, loop=loop)
    payload.feed_data(body)
    payload.feed_eof()
    headers = {"Content-Type": content_type.decode("latin-1")}
    request = make_mocked_request(
        "POST", "/admin/statements", headers, payload=payload, app=_app(), loop=loop
    )
    # What the token is worth other tests show; here every one that can be read will do.
    with (
        patch.object(csrf, "holds", return_value=True),
        contextlib.suppress(FormRefused, web.HTTPRequestEntityTooLarge),
    ):
        name, content = finish(uploads.read(request, "file", _MOST))
        assert isinstance(name, str)
        assert len(content) <= _MOST


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


@cache
def _app() -> web.Application:
    app = web.Application()
    app[SETTINGS] = cast("Settings", Mock(origin="https://portal.example"))
    return app


def seeds() -> Iterable[bytes]:
    head = b"multipart/form-data; boundary=b"
    token = _part(b'name="form_token"', b"token")
    file = _part(b'name="file"; filename="a.xml"\r\nContent-Type: text/xml', b"<a/>")
    yield join(head, token + file + b"--b--\r\n")
    yield join(head, token + _part(b"name=file; filename*=UTF-8''%e2%82%ac", b"x" * 5000))
    yield join(head, token + _part(b'name="file"\r\nContent-Transfer-Encoding: base64', b"YQ=="))
    yield join(head, token + _part(b'name="file"\r\nContent-Encoding: deflate', b"x\x9cK\x04\0"))
    yield join(head, token + _part(b'name="file"\r\nContent-Length: 99', b"a"))
    yield join(head, _part(b'name="form_token"\r\nContent-Type: multipart/mixed; boundary=c', b""))
    yield join(b"multipart/form-data", token)
    yield join(b"text/plain", token)


def _part(disposition: bytes, content: bytes) -> bytes:
    return (
        b"--b\r\nContent-Disposition: form-data; " + disposition + b"\r\n\r\n" + content + b"\r\n"
    )
