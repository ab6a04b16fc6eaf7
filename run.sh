#!/bin/sh
# Runs hub and portal on this machine, to try them:
#   ./run.sh            until Ctrl-C; prints the addresses and the demo logins
#   ./run.sh --check    walks the main path once and ends with 0 or 1
# Sets up everything it needs by itself (Debian 12; as root it installs what is missing).
set -eu

HERE=$(cd "$(dirname "$0")" && pwd)
cd "$HERE"
# shellcheck source=build/prepare.sh
. "$HERE/build/prepare.sh"

need_packages python3=python3 python:ensurepip=python3-venv \
    busybox=busybox-static tclsh=tcl lighttpd=lighttpd setpriv=util-linux
need_python portal
exec "$VENV/bin/python" -m tests.demo "$@"
