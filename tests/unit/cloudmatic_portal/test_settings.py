from __future__ import annotations

from pathlib import Path

import pytest

from cloudmatic_portal.settings import SettingsWrong, from_environment

GOOD = {
    "CLOUDMATIC_PORTAL_ORIGIN": "https://Portal.example:443/",
    "CLOUDMATIC_PORTAL_DATABASE": "/var/lib/portal.db",
    "CLOUDMATIC_PORTAL_SECRET": "s" * 32,
}


def test_three_settings_are_enough() -> None:
    settings = from_environment(GOOD)
    assert settings.origin == "https://portal.example"
    assert settings.secure
    assert (settings.host, settings.port, settings.socket) == ("127.0.0.1", 8080, None)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(SettingsWrong) as wrong:
        from_environment({"CLOUDMATIC_PORTAL_PORT": "http", "CLOUDMATIC_PORTAL_SECRET": "short"})
    assert [problem.split(":")[0].split(" ")[0] for problem in wrong.value.problems] == [
        "CLOUDMATIC_PORTAL_ORIGIN",
        "CLOUDMATIC_PORTAL_DATABASE",
        "CLOUDMATIC_PORTAL_SECRET",
        "CLOUDMATIC_PORTAL_PORT",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ORIGIN", "http://portal.example"),
        ("ORIGIN", "https://portal.example/path"),
        ("DATABASE", "mysql://user:password@host/db"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PASSWORD_MEMORY_KIB", "7"),
        ("SECRET_FILE", "/does/not/exist"),
    ],
)
def test_a_wrong_setting_is_named_but_not_repeated(name: str, value: str) -> None:
    with pytest.raises(SettingsWrong) as wrong:
        from_environment(GOOD | {f"CLOUDMATIC_PORTAL_{name}": value})
    assert f"CLOUDMATIC_PORTAL_{name}" in str(wrong.value)
    assert value not in str(wrong.value)


def test_a_release_feed_may_be_laid_down_later() -> None:
    assert from_environment(GOOD).release_feed is None
    later = "/does/not/exist/yet"
    assert from_environment(GOOD | {"CLOUDMATIC_PORTAL_RELEASE_FEED": later}).release_feed == Path(
        later
    )


def test_the_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("f" * 40 + "\n")
    settings = from_environment(GOOD | {"CLOUDMATIC_PORTAL_SECRET_FILE": str(file)})
    assert settings.secret == b"f" * 40


def test_settings_do_not_show_their_secrets() -> None:
    shown = repr(from_environment(GOOD))
    assert "s" * 32 not in shown
    assert "portal.db" not in shown
