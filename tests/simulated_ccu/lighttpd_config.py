"""The web server's configuration, in the structure of OpenCCU's public one.

Same modules, directives, order and include at the very end. Different: paths lie below the root,
ports are free ones on loopback, and basic authentication and the remote-API ports are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_COMMON_HEADERS = {
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
    "X-XSS-Protection": "1; mode=block",
    "X-Robots-Tag": "none",
    "X-Download-Options": "noopen",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Referrer-Policy": "no-referrer",
}
_MIME_TYPES = {
    ".html": "text/html",
    ".htm": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".txt": "text/plain",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".gif": "image/gif",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    "": "application/octet-stream",
}


@dataclass(frozen=True)
class LighttpdSettings:
    """What a configuration depends on. Without `https_port` there is no TLS."""

    root: Path
    host: str
    port: int
    engine_host: str
    engine_port: int
    https_port: int | None = None
    includes_snippets: bool = True


def configuration(settings: LighttpdSettings) -> dict[str, str]:
    """File name below /etc/lighttpd to its text."""
    return {
        "lighttpd.conf": _main(settings),
        "modules.conf": _modules(with_tls=settings.https_port is not None),
        "conf.d/access.conf": _access(),
        "conf.d/cgi.conf": _cgi(settings.root),
        "conf.d/mime.conf": f"mimetype.assign = {_table(_MIME_TYPES)}\n",
        "conf.d/proxy.conf": _proxy(settings),
        "conf.d/setenv.conf": _setenv(),
        "conf.d/sslsettings.conf": _ssl(settings.root),
        "conf.d/webui.conf": _webui(settings),
    }


def _quoted(text: str | Path) -> str:
    """A lighttpd string; its only escape is for the quotation mark."""
    return '"' + str(text).replace('"', '\\"') + '"'


def _table(values: dict[str, str]) -> str:
    rows = "".join(f"  {_quoted(key)} => {_quoted(value)},\n" for key, value in values.items())
    return f"(\n{rows})"


def _main(settings: LighttpdSettings) -> str:
    root = settings.root
    text = f"""\
var.log_root    = {_quoted(root / "var/log")}
var.server_root = {_quoted(root / "www")}
var.state_dir   = {_quoted(root / "var/run")}
var.home_dir    = {_quoted(root / "var/lib/lighttpd")}
var.conf_dir    = {_quoted(root / "etc/lighttpd")}

include "modules.conf"

server.bind = {_quoted(settings.host)}
server.port = {settings.port}
server.document-root = server_root
server.tag = ""
server.pid-file = state_dir + "/lighttpd.pid"
server.feature-flags += ( "server.graceful-restart-bg" => "enable" )
server.systemd-socket-activation = "enable"
server.errorlog = log_root + "/lighttpd-error.log"
server.event-handler = "linux-sysepoll"
server.max-fds = 1024
server.stat-cache-engine = "simple"
server.max-connections = 512
server.max-keep-alive-idle = 60
server.max-keep-alive-requests = 50
server.max-request-field-size = 65536
server.stream-request-body = 1
$REQUEST_HEADER["Content-Length"] == "" {{ server.stream-request-body = 0 }}
server.stream-response-body = 1
server.http-parseopts = (
  "url-ctrls-reject" => "disable",
  "url-path-2f-decode" => "disable",
  "url-invalid-utf8-reject" => "disable"
)
index-file.names += ( "index.htm", "index.html", "index.xhtml", "default.htm", "index.cgi" )
url.access-deny = ( "~", ".inc" )
static-file.exclude-extensions = ( ".php", ".pl", ".fcgi", ".scgi" )
server.errorfile-prefix = {_quoted(root / "www/error/error-")}
include "conf.d/mime.conf"
server.follow-symlink = "enable"
server.upload-dirs = ( {_quoted(root / "usr/local/tmp")} )
"""
    if settings.includes_snippets:
        # By the real folder, as a hub's /etc/config is one: a glob does not resolve links.
        text += f"\ninclude {_quoted(root / 'usr/local/etc/config/lighttpd/*.conf')}\n"
    return text


def _modules(*, with_tls: bool) -> str:
    names = ["access", "auth", "redirect", "rewrite", "setenv", "cgi", "proxy"]
    if with_tls:
        names.append("openssl")
    listed = "".join(f'  "mod_{name}",\n' for name in names)
    includes = "".join(
        f'include "conf.d/{name}.conf"\n' for name in ("access", "setenv", "proxy", "cgi")
    )
    return f"server.modules = (\n{listed})\n{includes}"


def _access() -> str:
    """System folders are never served, should a link make them reachable."""
    blocks = (
        f'$HTTP["url"] =~ "^/{name}" {{ url.access-deny = ( "" ) }}\n'
        for name in ("etc", "bin", "boot", "usr")
    )
    return "".join(blocks)


def _cgi(root: Path) -> str:
    return f"""\
cgi.assign = ( ".cgi" => {_quoted(root / "bin/tclsh")}, ".ccc" => "" )
cgi.x-sendfile = "enable"
cgi.x-sendfile-docroot = ( {_quoted(root / "usr/local/tmp")} )
"""


def _setenv() -> str:
    pages = _COMMON_HEADERS | {"Cache-Control": "private, no-cache, must-revalidate"}
    images = _COMMON_HEADERS | {"Cache-Control": "max-age=120"}
    return f"""\
setenv.set-response-header = ( "Server" => "" )
setenv.add-response-header = {_table(pages)}
$HTTP["url"] =~ "\\.(?:png|gif|jpe?g|ico|svg)$" {{
  setenv.add-response-header = {_table(images)}
}}
"""


def _proxy(settings: LighttpdSettings) -> str:
    text = f"""\
$SERVER["socket"] == "{settings.host}:{settings.port}" {{
  include "conf.d/webui.conf"
}}
"""
    if settings.https_port is not None:
        text += f"""\
else $SERVER["socket"] == "{settings.host}:{settings.https_port}" {{
  include "conf.d/sslsettings.conf"
  include "conf.d/webui.conf"
}}
"""
    return text


def _ssl(root: Path) -> str:
    return f"""\
ssl.engine = "enable"
ssl.pemfile = {_quoted(root / "etc/config/server.pem")}
ssl.openssl.ssl-conf-cmd = ( "MinProtocol" => "TLSv1.2", "Options" => "-ServerPreference" )
"""


def _webui(settings: LighttpdSettings) -> str:
    """All but a few folders goes to the logic engine; its scripts only from the hub itself."""
    return f"""\
$HTTP["url"] =~ "\\.(?:exe|oxml|hssml)" {{
  $HTTP["remoteip"] !~ "^(127\\.0\\.0\\.1|::ffff:127\\.0\\.0\\.1|::1)$" {{
    url.access-deny = ( "" )
  }}
}}
$HTTP["url"] !~ "^/(?:config/|upnp/|webui/|ise/|api/|tools/|pda|addons|tailscale/)" {{
  proxy.server = ( "" => ( "localhost" => (
    "host" => {_quoted(settings.engine_host)}, "port" => {settings.engine_port}
  )))
}}
"""
