"""One line in the log for each event, and nothing in it that opens a door."""

from __future__ import annotations

import logging

from ccu_dashboard.logs import OneLine


def written(message: str, *arguments: object, error: Exception | None = None) -> str:
    record = logging.LogRecord("x", logging.INFO, "x.py", 1, message, arguments, None)
    if error is not None:
        record.exc_info = (type(error), error, error.__traceback__)
    return OneLine("%(levelname)s %(message)s").format(record)


def test_a_traceback_stays_on_the_line_of_its_event() -> None:
    try:
        int("first\nsecond")
    except ValueError as error:
        line = written("failed", error=error)
    assert "\n" not in line
    assert line.startswith("INFO failed | Traceback")
    assert "ValueError: invalid literal" in line


def test_a_request_cannot_write_lines_of_its_own() -> None:
    assert (
        written("GET %s", "/x\nroot: logged in\r\x1b[2J\x00")
        == "INFO GET /x | root: logged in |  [2J "
    )


def test_session_ids_do_not_get_into_the_log() -> None:
    assert written("GET /?sid=@vJTeQPbTwS@&a=1") == "INFO GET /?sid=@…@&a=1"
    assert "vJTeQPbTwS" not in written("GET /?sid=%40vJTeQPbTwS%40")


def test_links_and_tokens_do_not_get_into_the_log() -> None:
    token = "eyJhbGciOiJFZDI1NTE5In0.eyJpc3MiOiJ4In0.c2lnbmF0dXJl"
    assert (
        written("to %s", f"https://p.example/entry#{token}")
        == "INFO to https://p.example/entry#eyJ…"
    )
