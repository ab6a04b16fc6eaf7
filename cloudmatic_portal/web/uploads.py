"""Read a form that brings a file: ours, token first, the file after it, and no more of it."""

from __future__ import annotations

from typing import Final

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from cloudmatic_portal.domain.errors import FormRefused
from cloudmatic_portal.web import csrf, forms

_MOST_TOKEN: Final = 1024
_CHUNK: Final = 64 * 1024


async def read(request: web.Request, field: str, most: int) -> tuple[str, bytes]:
    """Name and content of the file in `field`; both are empty if none was chosen.

    Raises FormRefused unless the form is one of ours, and HTTPRequestEntityTooLarge for a file of
    more than `most` bytes. The token is checked before anything of the file is read.
    """
    forms.check_origin(request)
    if request.content_type != "multipart/form-data":
        raise FormRefused("content-type")
    try:
        reader = await request.multipart()
        token = await reader.next()
        if not isinstance(token, BodyPartReader) or token.name != csrf.FIELD:
            raise FormRefused("token")
        if not csrf.holds(request, (await _content(token, _MOST_TOKEN)).decode("ascii")):
            raise FormRefused("token")
        file = await reader.next()
        if not isinstance(file, BodyPartReader) or file.name != field:
            raise FormRefused("fields")
        return file.filename or "", await _content(file, most)
    except (ValueError, AssertionError, RuntimeError, HttpProcessingError) as error:
        # What aiohttp raises where a body is not what its header says.
        raise FormRefused("encoding") from error


async def _content(part: BodyPartReader, most: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(_CHUNK):
        content += chunk
        if len(content) > most:
            raise web.HTTPRequestEntityTooLarge(max_size=most, actual_size=len(content))
    return bytes(content)
