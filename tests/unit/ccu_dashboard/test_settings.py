"""Settings are refused with every problem at once, never half understood."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccu_dashboard.settings import (
    DEFAULT_ENGINE,
    DEFAULT_PORTAL,
    RELEASE_KEYS,
    SERVICE_UID,
    Settings,
    SettingsInvalid,
    load,
)


def write(root: Path, text: str | bytes) -> dict[str, str]:
    """Lay settings.toml; returns the environment that leads to it."""
    folder = Settings(root=root).state_folder
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_bytes(text.encode() if isinstance(text, str) else text)
    return {"CCU_ROOT": str(root)}


def problems(environment: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsInvalid) as invalid:
        load(environment)
    return invalid.value.problems


def test_a_hub_needs_no_settings(tmp_path: Path) -> None:
    assert load({"CCU_ROOT": str(tmp_path)}) == Settings(tmp_path, DEFAULT_PORTAL, DEFAULT_ENGINE)
    assert load({}).root == Path("/")


def test_the_file_is_read_and_the_environment_goes_before_it(tmp_path: Path) -> None:
    environment = write(tmp_path, 'portal = "HTTPS://One.Example/"\n')
    assert load(environment).portal == "https://one.example"
    environment["CLOUDMATIC_PORTAL"] = "https://two.example"
    assert load(environment).portal == "https://two.example"


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    environment = write(tmp_path, 'portal = "http://one.example"\ncolour = 1\nengine = 5\n')
    environment |= {"CLOUDMATIC_CA_BUNDLE": str(tmp_path / "none"), "CLOUDMATIC_SERVICE_UID": "x"}
    found = problems(environment)
    assert len(found) == 5
    for word in ("portal: expected https", "engine", "CA_BUNDLE", "SERVICE_UID", "'colour'"):
        assert sum(word in problem for problem in found) == 1


@pytest.mark.parametrize(
    "content", [b"portal", b"\xff", b'portal = "a"\nportal = "b"', b"[", b"\x00"]
)
def test_a_damaged_file_is_one_problem_that_names_it(tmp_path: Path, content: bytes) -> None:
    found = problems(write(tmp_path, content))
    assert len(found) == 1
    assert "settings.toml" in found[0]


def test_a_folder_in_the_files_place_is_a_problem(tmp_path: Path) -> None:
    (Settings(root=tmp_path).state_folder / "settings.toml").mkdir(parents=True)
    assert len(problems({"CCU_ROOT": str(tmp_path)})) == 1


@pytest.mark.parametrize(
    "engine",
    ["https://127.0.0.1:8183", "http://192.168.1.2:8183", "127.0.0.1:8183", "", "http://[::1",
     "http://127.0.0.1:abc", "http://127.0.0.1:99999", "http://127.0.0.1@evil.example",
     "http://user@127.0.0.1:8183", "http://127.0.0.1:8183/x", "http://127.0.0.1:8183?x",
     "http://127.0.0.1:8183#x"],
)  # fmt: skip
def test_the_engine_is_on_this_hub(tmp_path: Path, engine: str) -> None:
    found = problems({"CCU_ROOT": str(tmp_path), "CLOUDMATIC_ENGINE_URL": engine})
    assert [each.partition(":")[0] for each in found] == ["engine"]


@pytest.mark.parametrize("engine", ["http://127.0.0.1:8181", "http://localhost:8183/"])
def test_an_engine_on_this_hub_is_taken(tmp_path: Path, engine: str) -> None:
    environment = {"CCU_ROOT": str(tmp_path), "CLOUDMATIC_ENGINE_URL": engine}
    assert load(environment).engine == engine.rstrip("/")


@pytest.mark.parametrize("uid", ["", "-1", "1.5", "root", "²"])
def test_a_user_of_the_service_is_a_number(tmp_path: Path, uid: str) -> None:
    found = problems({"CCU_ROOT": str(tmp_path), "CLOUDMATIC_SERVICE_UID": uid})
    assert len(found) == 1


def test_the_service_is_nobody_else_by_default() -> None:
    assert load({}).service_uid == SERVICE_UID > 60_000


def test_nothing_on_the_hub_adds_to_the_keys_whose_releases_count(tmp_path: Path) -> None:
    environment = write(tmp_path, 'release_keys = "/tmp/keys.json"\n')
    assert problems(environment) == [
        f"{Settings(root=tmp_path).state_folder}/settings.toml: unknown setting 'release_keys'"
    ]
    elsewhere = {"CLOUDMATIC_RELEASE_KEYS": str(tmp_path / "keys.json")}
    assert load(elsewhere).release_keys == RELEASE_KEYS


def test_all_paths_lie_below_the_root(tmp_path: Path) -> None:
    settings = Settings(root=tmp_path)
    paths = [settings.vendor_folder, *settings.serial_files, settings.state_folder]
    paths += [settings.hub_key, settings.status, settings.socket]
    paths += [settings.releases, settings.latest, settings.architecture]
    assert all(path.is_relative_to(tmp_path) for path in paths)
