from __future__ import annotations

from pathlib import Path

import pytest

from cloudmatic_portal.domain.due import Rules
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
        ("GRACE_DAYS", "91"),
        ("NOTE_DAYS", "10,3"),
        ("NOTE_DAYS", "3;10"),
        ("LEGAL_FOLDER", "/does/not/exist"),
        ("SAMPLE_TEXTS", "yes"),
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


def test_mails_lie_beside_a_sqlite_file_unless_told_otherwise() -> None:
    settings = from_environment(GOOD)
    assert (settings.smtp, settings.maildir) == (None, Path("/var/lib/mail"))
    assert settings.sender == "CloudMatic <noreply@portal.example>"
    elsewhere = from_environment(GOOD | {"CLOUDMATIC_PORTAL_MAIL_FOLDER": "/mails"})
    assert elsewhere.maildir == Path("/mails")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("smtps://me%40here:p%2Fw@mx.example", ("mx.example", 465, "tls", "me@here", "p/w")),
        ("smtp+starttls://mx.example:2525/", ("mx.example", 2525, "starttls", None, None)),
        ("smtp://localhost", ("localhost", 25, "none", None, None)),
        ("smtp://[::1]:1025", ("::1", 1025, "none", None, None)),
    ],
)
def test_the_mail_server_is_an_address(address: str, expected: tuple[object, ...]) -> None:
    settings = from_environment(GOOD | {"CLOUDMATIC_PORTAL_SMTP": address})
    server = settings.smtp
    assert server is not None
    assert (server.host, server.port, server.security, server.user, server.password) == expected
    assert settings.maildir is None
    assert "p/w" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMTP", "smtp://mx.example"),
        ("SMTP", "mx.example:25"),
        ("SMTP", "smtps://:25"),
        ("SMTP", "smtps://mx.example:port"),
        ("SMTP", "smtps://mx.example/folder"),
        ("SMTP", "smtps://me@mx.example"),
        ("SMTP", "smtps://me:SECRET@mx.example:70000"),
        ("MAIL_FROM", "nobody"),
        ("MAIL_FROM", "a@b.example, c@d.example"),
        ("MAIL_REPLY_TO", "a@b.example\r\nBcc: c@d.example"),
    ],
)
def test_a_wrong_way_for_mails_is_told_without_repeating_it(name: str, value: str) -> None:
    with pytest.raises(SettingsWrong) as wrong:
        from_environment(GOOD | {f"CLOUDMATIC_PORTAL_{name}": value})
    [problem] = wrong.value.problems
    assert problem.startswith(f"CLOUDMATIC_PORTAL_{name}")
    assert value not in problem
    assert "SECRET" not in problem


def test_without_a_sqlite_file_mails_need_a_way_and_one_is_enough() -> None:
    server = GOOD | {"CLOUDMATIC_PORTAL_DATABASE": "postgresql://here/db"}
    with pytest.raises(SettingsWrong, match="CLOUDMATIC_PORTAL_SMTP is missing"):
        from_environment(server)
    with pytest.raises(SettingsWrong, match="one of them"):
        from_environment(
            GOOD
            | {
                "CLOUDMATIC_PORTAL_SMTP": "smtp://localhost",
                "CLOUDMATIC_PORTAL_MAIL_FOLDER": "/mails",
            }
        )


def test_grace_and_notes_can_be_set() -> None:
    assert from_environment(GOOD).rules == Rules(7, (3, 10))
    few = {"CLOUDMATIC_PORTAL_GRACE_DAYS": "14", "CLOUDMATIC_PORTAL_NOTE_DAYS": "5, 12, 20"}
    assert from_environment(GOOD | few).rules == Rules(14, (5, 12, 20))
    assert from_environment(GOOD | {"CLOUDMATIC_PORTAL_NOTE_DAYS": "-"}).rules.note_days == ()


def config(folder: Path, text: str) -> dict[str, str]:
    """Settings from a file alone."""
    file = folder / "portal.toml"
    file.write_text(text, "utf-8")
    return {"CLOUDMATIC_PORTAL_CONFIG": str(file)}


FILE = """
origin = "https://portal.example"
database = "/var/lib/portal.db"
secret = "ssssssssssssssssssssssssssssssss"
port = 8001
note_days = [2, 9]
sample_prices = true
"""


def test_a_file_holds_the_settings_under_the_same_names(tmp_path: Path) -> None:
    settings = from_environment(config(tmp_path, FILE))
    assert (settings.port, settings.sample_prices) == (8001, True)
    assert settings.rules == Rules(note_days=(2, 9))


def test_a_variable_goes_before_the_file(tmp_path: Path) -> None:
    found = from_environment(config(tmp_path, FILE) | {"CLOUDMATIC_PORTAL_PORT": "9000"})
    assert found.port == 9000


@pytest.mark.parametrize("name", ["SECRET", "PAYPAL_SECRET"])
def test_a_secret_of_the_environment_goes_before_the_files_in_either_form(
    tmp_path: Path, name: str
) -> None:
    texts = {
        word: f"{word}-{'x' * 40}" for word in ("variable", "variable_file", "key", "key_file")
    }
    for word in ("variable_file", "key_file"):
        (tmp_path / word).write_text(texts[word])
    key = name.lower()
    base = FILE.replace("secret =", "# secret =") if name == "SECRET" else FILE
    paypal = 'paypal_client_id = "AYSq3RDGsmBLJE"\npaypal_webhook_id = "9XL90610J3647323C"\n'
    file = f"{base}{paypal}{key} = '{texts['key']}'\n"
    if name == "SECRET":
        file += "paypal_secret = 'EGnHDxD_qRPdaLdZz8iCr8N7'\n"

    def used(text: str, **variables: str) -> str:
        given = {f"CLOUDMATIC_PORTAL_{word}": value for word, value in variables.items()}
        settings = from_environment(config(tmp_path, text) | given)
        assert settings.paypal is not None
        found = settings.secret.decode() if name == "SECRET" else settings.paypal.secret
        return found.partition("-")[0]

    both = f"{file}{key}_file = '{tmp_path / 'key_file'}'\n"
    variable = {name: texts["variable"]}
    variable_file = {f"{name}_FILE": str(tmp_path / "variable_file")}
    assert used(file) == "key"
    assert used(both) == "key_file"
    assert used(both, **variable) == "variable"
    assert used(both, **variable_file) == "variable_file"
    assert used(both, **variable, **variable_file) == "variable_file"
    assert used(both, **variable, **{f"{name}_FILE": ""}) == "variable"
    assert used(both, **{name: "", f"{name}_FILE": ""}) == "key_file"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (FILE + "prot = 80\n", "CLOUDMATIC_PORTAL_CONFIG: there is no setting prot"),
        (FILE + "host = { a = 1 }\n", "CLOUDMATIC_PORTAL_CONFIG: host is neither"),
        (FILE + "smtp = \n", "CLOUDMATIC_PORTAL_CONFIG: not TOML"),
        (
            FILE + f"drain_seconds = 0x{'f' * 5000}\n",
            "CLOUDMATIC_PORTAL_CONFIG: drain_seconds is too",
        ),
        (FILE + "smtp = " + "[" * 3000, "CLOUDMATIC_PORTAL_CONFIG: not TOML that anybody writes"),
        (FILE.replace("8001", "80000"), "CLOUDMATIC_PORTAL_PORT: expected a port number"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(SettingsWrong) as wrong:
        from_environment(config(tmp_path, text))
    assert [each for each in wrong.value.problems if each.startswith(problem)]


def test_a_file_that_is_not_there_is_said() -> None:
    with pytest.raises(SettingsWrong, match="CLOUDMATIC_PORTAL_CONFIG: No such file"):
        from_environment({"CLOUDMATIC_PORTAL_CONFIG": "/does/not/exist"})


def test_health_has_an_address_of_its_own() -> None:
    found = from_environment(GOOD | {"CLOUDMATIC_PORTAL_STATUS": "[::1]:9100"})
    assert found.status == ("::1", 9100)


@pytest.mark.parametrize(
    ("name", "value"),
    [("STATUS", "9100"), ("STATUS", "host:http"), ("LOG_FORMAT", "xml"), ("DRAIN_SECONDS", "121")],
)
def test_a_wrong_setting_of_the_operation_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsWrong, match=f"CLOUDMATIC_PORTAL_{name}: expected"):
        from_environment(GOOD | {f"CLOUDMATIC_PORTAL_{name}": value})


PAYPAL = {
    "CLOUDMATIC_PORTAL_PAYPAL_CLIENT_ID": "AYSq3RDGsmBLJE-otTkBtM",
    "CLOUDMATIC_PORTAL_PAYPAL_SECRET": "EGnHDxD_qRPdaLdZz8iCr8N7",
    "CLOUDMATIC_PORTAL_PAYPAL_WEBHOOK_ID": "9XL90610J3647323C",
}


def test_without_settings_paypal_is_not_offered() -> None:
    assert from_environment(GOOD).paypal is None
    assert from_environment({**GOOD, "CLOUDMATIC_PORTAL_PAYPAL_BASE": ""}).paypal is None


def test_paypal_needs_three_settings_and_its_secret_is_not_shown(tmp_path: Path) -> None:
    site = from_environment({**GOOD, **PAYPAL}).paypal
    assert site is not None
    assert site.base == "https://api-m.paypal.com"
    assert (site.certificates, site.approval) == (
        "https://api.paypal.com",
        "https://www.paypal.com",
    )
    assert PAYPAL["CLOUDMATIC_PORTAL_PAYPAL_SECRET"] not in repr(from_environment(GOOD | PAYPAL))
    secret = tmp_path / "secret"
    secret.write_text("another-secret-of-ours\n")
    filed = {**GOOD, **PAYPAL, "CLOUDMATIC_PORTAL_PAYPAL_SECRET_FILE": str(secret)}
    assert from_environment(filed).paypal.secret == "another-secret-of-ours"  # type: ignore[union-attr]


@pytest.mark.parametrize("missing", PAYPAL)
def test_half_of_paypal_is_a_mistake(missing: str) -> None:
    with pytest.raises(SettingsWrong, match=f"{missing} is missing"):
        from_environment({**GOOD, **PAYPAL, missing: ""})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BASE", "https://paypal.example.org"),
        ("BASE", "http://192.168.0.7:8080"),
        ("CLIENT_ID", "with blanks in it"),
        ("SECRET", "short"),
        ("AUTHORITIES", "/tmp/ca.pem"),
    ],
)
def test_paypal_settings_that_will_not_do(name: str, value: str) -> None:
    with pytest.raises(SettingsWrong) as wrong:
        from_environment({**GOOD, **PAYPAL, f"CLOUDMATIC_PORTAL_PAYPAL_{name}": value})
    [problem] = wrong.value.problems
    assert problem.startswith(f"CLOUDMATIC_PORTAL_PAYPAL_{name}: ")
    assert value not in problem or name == "AUTHORITIES"
