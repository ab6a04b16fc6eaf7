"""How the portal logs: lines for people or JSON for machines, each with its request's number."""

from __future__ import annotations

import logging
from typing import Final

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger
from aiohttp.http_exceptions import HttpProcessingError
from pythonjsonlogger.json import JsonFormatter

from cloudmatic_portal.app_keys import REQUEST_ID
from cloudmatic_portal.setting_values import LogFormat
from cloudmatic_portal.web import tracing

_TEXT: Final = "%(levelname)s %(name)s [%(request_id)s]: %(message)s"
_JSON: Final = ("levelname", "name", "request_id", "message")


def set_up(form: LogFormat) -> None:
    """Log to standard error from now on; the service manager adds the time to lines of text."""
    handler = logging.StreamHandler()
    handler.addFilter(Numbered())
    handler.addFilter(NoRequests())
    handler.setFormatter(_formatter(form))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _formatter(form: LogFormat) -> logging.Formatter:
    if form == "text":
        return logging.Formatter(_TEXT)
    return JsonFormatter(list(_JSON), rename_fields={"levelname": "level"}, timestamp=True)


class AccessLog(AbstractAccessLogger):
    """Method, path, status, size, time. No query (booking links), no cookie, no address."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        self.logger.info(
            "%s %s %d %d %.1fms",
            request.method,
            request.rel_url.raw_path,
            response.status,
            response.body_length,
            time * 1000,
            extra={"request_id": request.get(REQUEST_ID, "-")},
        )


class Numbered(logging.Filter):
    """Gives each record the number of the request that it was written in."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "request_id"):
            record.request_id = tracing.current.get()
        return True


class NoRequests(logging.Filter):
    """aiohttp quotes what it cannot parse, and that may be a booking link or a cookie."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, (HttpProcessingError, web.RequestPayloadError)):
            record.msg, record.args = "a request that is not HTTP as agreed", ()
            record.exc_info = record.exc_text = None
        return True
