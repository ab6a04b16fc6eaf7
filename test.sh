#!/bin/sh
# Sets up and runs everything: style, types, shell, unit, integration, packaging and browser tests.
#   ./test.sh [--thorough] [--all-processors] [PYTEST OPTION ...]
# --thorough tries the website on both databases, where else each test takes one of them by turns,
# and its screens in English, too (twelve minutes).
# --all-processors also builds the add-on for arm hubs, runs it in an emulator, and installs it on
# hubs whose programs all run in one (four minutes).
# A part that did not run is named in one line at the end; in CI (CI=true) that is a failure.
set -u

HERE=$(cd "$(dirname "$0")" && pwd)
cd "$HERE" || exit 1
# shellcheck source=build/prepare.sh
. "$HERE/build/prepare.sh"

FAILED=
LEFT_OUT=
unset CLOUDMATIC_TESTS_WITHOUT_POSTGRESQL

main() {
    processors=one marks='' thorough=
    while :; do
        case "${1:-}" in
        --all-processors) processors=all ;;
        --thorough) thorough=--thorough ;;
        *) break ;;
        esac
        shift
    done
    CHOSEN="$*"
    need_packages python3=python3 python:ensurepip=python3-venv \
        busybox=busybox-static tclsh=tcl lighttpd=lighttpd setpriv=util-linux \
        /usr/lib/lighttpd/mod_openssl.so=lighttpd-mod-openssl lib:libatomic.so.1=libatomic1 \
        haproxy=haproxy wrk=wrk || exit 1
    need_packages shellcheck=shellcheck || leave_out shellcheck
    need_packages chromium-headless-shell=chromium-headless-shell || leave_out browser
    need_packages /usr/share/fonts/truetype/dejavu=fonts-dejavu-core || leave_out browser
    need_packages /usr/lib/postgresql/15/bin/initdb=postgresql-15 || {
        leave_out postgresql
        export CLOUDMATIC_TESTS_WITHOUT_POSTGRESQL=1
    }
    need_packages git=git arm-linux-gnueabihf-strip=binutils-arm-linux-gnueabihf \
        aarch64-linux-gnu-strip=binutils-aarch64-linux-gnu \
        x86_64-linux-gnu-strip=binutils-x86-64-linux-gnu || leave_out packaging
    # As an option to pytest it is there for all steps that have such tests.
    if [ -n "$thorough" ]; then
        set -- "$thorough" "$@"
    else
        leave_out "second-database-of-the-website,english-screens(--thorough)"
    fi
    if [ $processors = one ]; then
        leave_out "other-processors(--all-processors)"
    else
        need_packages qemu-arm-static=qemu-user-static || leave_out other-processors
    fi
    [ "$(id -u)" -eq 0 ] || {
        leave_out needs_root
        marks="not needs_root"
        set -- -m "$marks" "$@"
    }
    need_python portal,test || exit 1
    PATH=$VENV/bin:/usr/sbin:$PATH
    left_out needs_root || [ $processors = one ] || left_out other-processors ||
        PYTHONPATH=$HERE/build python -m tests.hub.processor || leave_out hubs-of-other-processors

    # In a folder of few words: hubs of tests lie deep, and a socket's path may have 107 characters.
    SHORT=$(mktemp -d /tmp/cm.XXXXXX) || exit 1
    trap 'rm -rf --one-file-system "$SHORT"' EXIT
    # mypy takes one processor for half a minute; the other one goes on meanwhile.
    mypy >"$SHORT/types" 2>&1 &
    TYPES=$!
    step style ruff check .
    step format ruff format --check .
    step imports lint-imports
    step catalogues python build/catalogues.py check
    left_out shellcheck || step shell shellcheck -x run.sh test.sh package.sh .ci/run rc.d/cloudmatic \
        addon/update_script addon/*.sh build/prepare.sh tests/simulated_ccu/overlay/bin/install_addon \
        tests/simulated_ccu/overlay/etc/init.d/rcS
    # As many at once as there are processors.
    step unit pytest -n auto tests/unit tests/fuzz "$@"
    step types types
    step integration pytest -n auto tests/integration "$@"
    step scripts pytest -n auto --basetemp="$SHORT/s" tests/shell "$@"
    left_out packaging || step packaging packaging "$@"
    step hub hub "$@"
    left_out browser || step browser pytest -n auto tests/browser "$@"
    closing_line
}

step() {
    name=$1
    shift
    echo "== $name"
    began=$(date +%s)
    "$@" || {
        # pytest's 5: no test chosen, which is fine where the caller chose among them.
        [ $? -eq 5 ] && [ -n "$CHOSEN" ] || FAILED="$FAILED $name"
    }
    echo "-- $name: $(($(date +%s) - began)) s"
}

types() {
    wait "$TYPES"
    found=$?
    cat "$SHORT/types"
    return $found
}

packaging() {
    if left_out other-processors || [ $processors = one ]; then
        pytest -n auto --basetemp="$SHORT/p" tests/packaging "$@" -m "${marks:+$marks and }not other_processors"
    else
        pytest -n auto --basetemp="$SHORT/p" tests/packaging "$@"
    fi
}

# Cuts and odd conditions with a stand-in for the service, which installs in a moment; the life in
# a chroot, from installation to uninstallation, also with the very archive that people upload.
hub() {
    pytest -n auto --basetemp="$SHORT/h" tests/hub "$@" || return $?
    left_out packaging && return 0
    ./package.sh "$(uname -m)" || return 1
    archive=$(find dist -name "*-$(uname -m).tar.gz" | sort | tail -n 1)
    pytest tests/hub/test_life_in_a_chroot.py --archive "$archive" "$@"
}

leave_out() {
    left_out "$1" || LEFT_OUT="$LEFT_OUT $1"
}

left_out() {
    case " $LEFT_OUT " in *" $1 "*) return 0 ;; *) return 1 ;; esac
}

closing_line() {
    [ -z "$LEFT_OUT" ] || echo "!!! NOT RUN:$LEFT_OUT (an option in brackets adds it; else see above for what to install)"
    if [ -n "$LEFT_OUT" ] && [ "${CI:-}" = true ]; then
        FAILED="$FAILED left-out-in-CI"
    fi
    if [ -n "$FAILED" ]; then
        echo "FAILED:$FAILED"
        exit 1
    fi
    echo "everything passed"
}

main "$@"
