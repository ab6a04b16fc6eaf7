"""Log lines as a hub's syslog wants them: one line for each event, and no secrets."""

from __future__ import annotations

import logging
import re
from typing import Final

_SECRETS: Final = (
    # A WebUI session; whoever reads it is logged in.
    (re.compile(r"(?:@|%40)[A-Za-z0-9]{10}(?:@|%40)"), "@…@"),
    # A booking link or a token of the hub's.
    (re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+"), "eyJ…"),
)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]+")


class OneLine(logging.Formatter):
    """Writes a traceback, and whatever a request smuggled in, on the event's own line."""

    def format(self, record: logging.LogRecord) -> str:
        line = " | ".join(part.strip() for part in super().format(record).splitlines())
        for secret, shown in _SECRETS:
            line = secret.sub(shown, line)
        return _CONTROL.sub(" ", line)


def to_standard_error(form: str) -> None:
    """Log to standard error; the start script passes that on to syslog."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine(form))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
