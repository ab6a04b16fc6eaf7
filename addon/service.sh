#!/bin/sh
# What the start script does, for the version that this lies in.

ROOT=${CCU_ROOT:-}
HERE=${0%/*}
# shellcheck source=addon/places.sh
. "$HERE/places.sh"
# shellcheck source=addon/common.sh
. "$HERE/common.sh"
# shellcheck source=addon/versions.sh
. "$HERE/versions.sh"
# shellcheck source=addon/web_server.sh
. "$HERE/web_server.sh"
# shellcheck source=addon/process.sh
. "$HERE/process.sh"

main() {
    case "${1:-}" in
        init) ;;
        start) start ;;
        stop) stop ;;
        restart) stop && start ;;
        info) info ;;
        info.de) info_in_german ;;
        info.en) info_in_english ;;
        uninstall) uninstall ;;
        *)
            echo "usage: cloudmatic {init|start|stop|restart|info|info.de|info.en|uninstall}" >&2
            exit 1
            ;;
    esac
}

# The house boots meanwhile: nothing here waits for the service.
start() {
    if [ -e "$SAFE_MODE" ]; then
        note "the hub is in safe mode: not started"
        return 0
    fi
    if ! has_program; then
        say "the program is not complete (a restored backup does not hold it): install the add-on again"
        return 0
    fi
    if lock; then
        start_service
        unlock
    elif [ ! -L "$LOCK" ]; then
        say "$VAR_RUN cannot be written: not started"
    fi
    # Else somebody is starting or installing it at this very moment.
}

stop() {
    lock_within 20 || say "stopping although another script is at work"
    stop_service
    unlock
}

# A backup leaves out what an installation brings anyway.
has_program() {
    [ -x "$CURRENT/bin/ccu-dashboard" ]
}

# The page puts the lines of `info` and of `info.<language>` together: no key in both.
info() {
    echo "Name: CloudMatic"
    echo "Version: $(cat "$CURRENT/VERSION")"
    echo "Operations: uninstall restart"
    echo "Config-Url: $(cat "$RUN/url" 2>/dev/null || echo /addons/cloudmatic/)"
    echo "Update: /addons/cloudmatic/update.cgi"
}

# Pasted into a page in ISO-8859-1 as HTML.
info_in_german() {
    echo "Info: Der CloudMatic-Zugang dieser Zentrale: ansehen und buchen. $(
        if ! has_program; then
            echo "Das Programm fehlt, eine Sicherung enth&auml;lt es nicht: bitte das Add-on erneut installieren."
        elif [ -e "$SAFE_MODE" ]; then
            echo "Die Zentrale ist im abgesicherten Modus: CloudMatic ist nicht gestartet."
        elif running; then
            echo "CloudMatic l&auml;uft."
        else
            echo "CloudMatic l&auml;uft nicht."
        fi
    )"
}

info_in_english() {
    echo "Info: The CloudMatic access of this hub: see it and book it. $(
        if ! has_program; then
            echo "The program is missing, a backup does not hold it: please install the add-on again."
        elif [ -e "$SAFE_MODE" ]; then
            echo "The hub is in safe mode: CloudMatic is not started."
        elif running; then
            echo "CloudMatic is running."
        else
            echo "CloudMatic is not running."
        fi
    )"
}

# Only where it was ever wanted: the logic engine is the house's, and may not even run. Whoever
# deleted all personal data deleted the wish, too, perhaps while the engine did not answer.
forget_variable() {
    [ -e "$STATE/silent" ] ||
        grep -qs '^[[:blank:]]*days_variable[[:blank:]]*=[[:blank:]]*true' "$STATE/settings.toml" ||
        return 0
    "$CURRENT/bin/ccu-dashboard" signal --remove >/dev/null 2>&1 ||
        say "the logic engine does not answer: delete the system variable CloudMatic-Tage in the WebUI, if there is one"
}

# The firmware deletes the start script itself, afterwards. The program goes last: cut before
# that, "Deinstallieren" can be pressed again.
uninstall() {
    lock_within 20 || say "uninstalling although another script is at work"
    if [ -e "$MONIT_FILE" ]; then
        rm -f "$MONIT_FILE"
        ! command -v monit >/dev/null || monit reload >/dev/null 2>&1
    fi
    stop_service
    forget_variable
    tclsh "$HERE/button.tcl" give || say "the button could not be given back"
    remove_snippet
    rm -rf "$PAGES" "$STATE" "$RUN"
    rm -rf "$VERSIONS" "$INCOMING" "$OUTGOING" "$NEXT" "$CURRENT"
    remove_made_folders
    rm -rf "$PROGRAM" "$TRIAL" "$LOCK"
    sync
}

main "$@"
exit
