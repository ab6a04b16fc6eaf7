# Set-up that run.sh and test.sh share. Sourced, with HERE set to the repository.
# shellcheck shell=sh disable=SC2154  # HERE is set by the scripts that source this

VENV=$HERE/.venv

# Install Debian packages that are missing: as root by apt-get, else say exactly what to install.
#   need_packages PROGRAM=PACKAGE ...
# PROGRAM is a command, a file if it begins with a slash, lib:FILE or python:MODULE.
need_packages() {
    missing=
    for pair in "$@"; do
        present "${pair%%=*}" || missing="$missing ${pair#*=}"
    done
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "Es fehlen Programme. Bitte als root installieren und erneut starten:" >&2
        echo "    apt-get install --no-install-recommends$missing" >&2
        return 1
    fi
    echo "Installiere:$missing" >&2
    install_without_starting "$missing"
}

present() {
    case "$1" in
        /*) [ -e "$1" ] ;;
        lib:*) set -- /usr/lib/*/"${1#lib:}" && [ -e "$1" ] ;;
        python:*) python3 -c "import ${1#python:}" 2>/dev/null ;;
        *) command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ] ;;
    esac
}

# Debian starts a service right after installing it; a web server on port 80 is not what anybody
# asked for here. policy-rc.d is Debian's own means to forbid that.
install_without_starting() (
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        trap 'rm -f "$policy"' EXIT
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # shellcheck disable=SC2086  # a list of package names
    apt-get install -y -qq --no-install-recommends $1 >/dev/null
)

# A virtual environment with our packages; done again only if what it is made from has changed.
#   need_python EXTRAS
need_python() {
    made_from=$(cat "$HERE/setup.py" "$HERE/pyproject.toml" "$HERE"/*/locale/*/*/*.po | cksum)
    stamp="$VENV/.made-for-$1"
    # Whoever made the complete one needs no second.
    for done_for in "$stamp" "$VENV/.made-for-portal,test"; do
        [ "$(cat "$done_for" 2>/dev/null)" != "$made_from" ] || return 0
    done
    echo "Richte die Python-Umgebung ein (.venv) ..." >&2
    [ -x "$VENV/bin/pip" ] || python3 -m venv --clear "$VENV" || return 1
    "$VENV/bin/pip" install --quiet --disable-pip-version-check -e "${HERE}[$1]" || return 1
    echo "$made_from" >"$stamp"
}
