# The service as a process, and what belongs to it on the hub: pages, web server, button, monit.
# shellcheck shell=sh disable=SC2154  # the places are set by places.sh

# The kernel's choice when memory is short: rather us than the house.
OOM_SCORE=300

running() {
    service=$(cat "$PID_FILE" 2>/dev/null)
    [ -n "$service" ] && [ -r "$RUN/born" ] && lives "$service.$(cat "$RUN/born")"
}

# Start the service and all that belongs to it, with the lock held. Waits for nothing.
start_service() {
    remove_leftovers
    settle_in
    running || launch
}

settle_in() {
    settle_pages
    arrange_web_server
    mkdir -p "$RUN" 2>/dev/null && echo "$URL" >"$RUN/url"
    settle_monit
    tclsh "$CURRENT/addon/button.tcl" take "$URL" || say "the button could not be entered"
}

# The static pages and the small CGI programs of whichever version counts.
settle_pages() {
    make_folder "$(dirname "$PAGES")"
    wanted=../../../../addons/cloudmatic/current/www
    if [ "$(readlink "$PAGES")" != "$wanted" ]; then
        rm -rf "$PAGES" && ln -s "$wanted" "$PAGES"
    fi
} 2>/dev/null

# Where monit is, it starts the service again should it die.
settle_monit() {
    command -v monit >/dev/null || return 0
    before=$(cat "$MONIT_FILE" 2>/dev/null)
    below_root "$CURRENT/addon/monit.cfg" | put "$MONIT_FILE" 600 || return 0
    [ "$before" != "$(cat "$MONIT_FILE")" ] || return 0
    if monit -t >/dev/null 2>&1; then
        monit reload >/dev/null 2>&1
    else
        say "monit does not take its configuration with our part in it; it will not watch the service"
        rm -f "$MONIT_FILE"
    fi
}

# What the service prints goes to the log line by line. It must not wait for a log that is not
# there, and its number must be known here: a named pipe, gone as soon as both ends are open.
launch() {
    if ! mkdir -p "$RUN" 2>/dev/null; then
        say "$RUN cannot be made: not started"
        return 1
    fi
    rm -f "$RUN"/log.* "$RUN/relay.port"
    output=$RUN/log.$$
    if mkfifo "$output" 2>/dev/null; then
        logger -t cloudmatic <"$output" >/dev/null 2>&1 &
    else
        output=/dev/null
    fi
    (
        rm -f "$RUN"/log.*
        echo $OOM_SCORE >/proc/self/oom_score_adj
        exec "$CURRENT/bin/ccu-dashboard" serve ${RELAY:+--relay}
    ) </dev/null >"$output" 2>&1 &
    born $! >"$RUN/born"
    echo $! >"$PID_FILE"
}

# Whether the service came up: waits until it answers, ends, or $1 seconds are over.
comes_up() {
    left=$(($1 * 10))
    while running; do
        ! grep -q " $SOCKET\$" /proc/net/unix || return 0
        [ $left -gt 0 ] || return 0
        left=$((left - 1))
        a_moment
    done
    return 1
}

stop_service() {
    if running; then
        kill "$service" 2>/dev/null
        left=100
        while running && [ $left -gt 0 ]; do
            left=$((left - 1))
            a_moment
        done
        ! running || kill -9 "$service" 2>/dev/null
    fi
    # What it had started to ask the portal and could not end itself. A number is not used again
    # while a group bears it, and a group without its leader is the service's.
    if [ -n "$service" ] && [ -e "$RUN/born" ] && [ -z "$(born "$service")" ]; then
        kill -9 "-$service" 2>/dev/null
    fi
    rm -f "$PID_FILE" "$RUN/born" "$RUN/relay.port" "$SOCKET"
}
