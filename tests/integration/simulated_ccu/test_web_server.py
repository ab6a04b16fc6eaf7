"""The real lighttpd behaves as the contract says, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tests.integration.simulated_ccu.conftest import TODAY
from tests.simulated_ccu.ccu import SimulatedCcu
from tests.simulated_ccu.host_programs import ProgramMissingError
from tests.simulated_ccu.web_server import WebServerFailedError, https_is_available

# As an add-on ships it, with a real hub's path.
SNIPPET = """\
$HTTP["url"] =~ "^/addons/demo/" {
  proxy.server = ( "" => (( "host" => "/var/run/demo.sock" )) )
}
"""


@asynccontextmanager
async def service(socket: Path) -> AsyncIterator[list[web.Request]]:
    """An aiohttp server on a Unix socket; gives the requests it got."""
    requests: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        requests.append(request)
        return web.Response(text="here", headers={"X-Own": "1"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.UnixSite(runner, str(socket)).start()
    try:
        yield requests
    finally:
        await runner.cleanup()


async def test_a_snippet_with_a_hubs_path_reaches_the_service_on_its_socket(
    ccu: SimulatedCcu, client: aiohttp.ClientSession
) -> None:
    ccu.web.install_snippet("demo.conf", SNIPPET)
    assert ccu.web.check().ok
    await ccu.web.reload()
    async with (
        service(ccu.fs.var_run / "demo.sock") as requests,
        client.get(f"{ccu.url}/addons/demo/page?x=1") as response,
    ):
        assert (response.status, await response.text()) == (200, "here")
        assert response.headers["X-Own"] == "1"
        assert response.headers["Referrer-Policy"] == "no-referrer"
    got = requests[0].headers
    authority = ccu.url.removeprefix("http://")
    assert requests[0].path_qs == "/addons/demo/page?x=1"
    assert got["Host"] == got["X-Forwarded-Host"] == got["X-Host"] == authority
    assert (got["X-Forwarded-For"], got["X-Forwarded-Proto"]) == ("127.0.0.1", "http")
    assert got["Connection"] == "close"


async def test_a_service_that_is_not_there_is_a_503(
    ccu: SimulatedCcu, client: aiohttp.ClientSession
) -> None:
    ccu.web.install_snippet("demo.conf", SNIPPET)
    await ccu.web.reload()
    async with client.get(f"{ccu.url}/addons/demo/") as response:
        assert response.status == 503
        assert "noch nicht bereit" in await response.text()


async def test_adopting_a_snippet_again_changes_nothing(ccu: SimulatedCcu) -> None:
    snippet = ccu.web.install_snippet("demo.conf", SNIPPET)
    adopted = snippet.read_text()
    assert f'"{ccu.fs.root}/var/run/demo.sock"' in adopted
    assert '"^/addons/demo/"' in adopted
    ccu.web.adopt_snippets()
    assert snippet.read_text() == adopted


async def test_two_snippets_with_the_same_global_key_stop_the_web_server(
    ccu: SimulatedCcu, client: aiohttp.ClientSession
) -> None:
    ccu.web.install_snippet("one.conf", 'url.redirect = ( "^/one" => "/" )\n')
    assert ccu.web.check().ok
    ccu.web.install_snippet("two.conf", 'url.redirect = ( "^/two" => "/" )\n')
    outcome = ccu.web.check()
    assert outcome.exit_code == 255
    assert "Duplicate config variable in conditional 0 global: url.redirect" in outcome.output
    with pytest.raises(WebServerFailedError, match="Duplicate config variable"):
        await ccu.web.reload()
    with pytest.raises(aiohttp.ClientConnectorError):
        await client.get(ccu.url)


async def test_without_the_include_no_snippet_is_read(
    tmp_path: Path, client: aiohttp.ClientSession
) -> None:
    async with SimulatedCcu(tmp_path, today=TODAY, product="CCU3", includes_snippets=False) as ccu3:
        ccu3.web.install_snippet("broken.conf", "this is no configuration")
        assert ccu3.web.check().ok
        await ccu3.web.reload()
        async with client.get(f"{ccu3.url}/addons/demo/") as response:
            assert response.status == 404


async def test_the_add_ons_page_is_run_by_the_hubs_tclsh_without_a_session(
    ccu: SimulatedCcu, client: aiohttp.ClientSession
) -> None:
    async with client.get(f"{ccu.url}/addons/mh/index.cgi") as response:
        assert "Seite der Firmware" in await response.text()


async def test_pages_and_images_get_the_firmwares_headers(
    ccu: SimulatedCcu, client: aiohttp.ClientSession
) -> None:
    (ccu.fs.addons_www / "dot.png").write_bytes(b"png")
    async with client.get(f"{ccu.url}/login.htm") as page:
        assert page.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Cache-Control"].startswith("private, no-cache, must-revalidate")
    async with client.get(f"{ccu.url}/addons/dot.png") as image:
        assert image.headers["Cache-Control"] == "max-age=120"
        assert image.headers["X-Frame-Options"] == "SAMEORIGIN"


async def test_the_whole_way_from_login_to_systemsteuerung(
    ccu: SimulatedCcu, client: aiohttp.ClientSession
) -> None:
    form = {"tbUsername": "Admin", "tbPassword": "admin-demo"}
    async with client.post(f"{ccu.url}/login.htm", data=form) as response:
        assert response.url.path == "/pages/index.htm"
        link = (await response.text()).split('href="/config/')[1].split('"')[0]
    async with client.get(f"{ccu.url}/config/{link}") as response:
        assert "Systemsteuerung" in await response.text()


def processes_naming(path: Path) -> list[str]:
    """Command lines that name `path`; a dead process has none."""
    lines = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            lines.append(process.read_text(errors="replace"))
    return [line for line in lines if str(path) in line]


async def test_no_web_server_is_left_after_the_hub_stopped(
    tmp_path: Path, client: aiohttp.ClientSession
) -> None:
    async with SimulatedCcu(tmp_path, today=TODAY) as ccu:
        # A request under way makes the reload leave the old process behind to finish it.
        ccu.engine.hang()
        waiting = asyncio.create_task(client.get(f"{ccu.url}/login.htm"))
        await asyncio.sleep(0.05)
        await ccu.web.reload()
        assert len(processes_naming(tmp_path)) == 2
    await asyncio.wait([waiting])
    assert isinstance(waiting.exception(), aiohttp.ClientError)
    for _ in range(100):
        if not processes_naming(tmp_path):
            break
        await asyncio.sleep(0.02)
    assert processes_naming(tmp_path) == []


async def test_https_answers_or_names_the_missing_package(
    tmp_path: Path, client: aiohttp.ClientSession
) -> None:
    ccu = SimulatedCcu(tmp_path, today=TODAY, https_port=0)
    if not https_is_available():
        with pytest.raises(ProgramMissingError, match="apt-get install lighttpd-mod-openssl"):
            await ccu.start()
        return
    async with ccu:
        trusting = ssl.create_default_context(cafile=str(ccu.web.certificate))
        async with client.get(f"{ccu.web.https_url}/login.htm", ssl=trusting) as response:
            assert response.status == 200


async def test_the_environment_names_root_programs_and_engine(ccu: SimulatedCcu) -> None:
    environment = ccu.environment()
    assert environment["CCU_ROOT"] == str(ccu.fs.root)
    assert environment["CLOUDMATIC_ENGINE_URL"] == ccu.engine.url
    assert ccu.fs.engine_url_file.read_text().strip() == ccu.engine.url
