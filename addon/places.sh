# Where the add-on lives on a hub. Sourced with ROOT set: empty on a hub, a folder in tests.
# shellcheck shell=sh disable=SC2034,SC2154  # used, and ROOT set, by the scripts that source this

# The installed versions, and the link that says which one counts. `versions/` holds whole ones
# only: they come there from `incoming` and leave to `outgoing` by one rename.
PROGRAM=$ROOT/usr/local/addons/cloudmatic
VERSIONS=$PROGRAM/versions
CURRENT=$PROGRAM/current
NEXT=$PROGRAM/current.next
INCOMING=$PROGRAM/incoming
OUTGOING=$PROGRAM/outgoing
# Root's notes for the uninstallation. Not in STATE, which belongs to the service.
KEPT=$PROGRAM/kept

CONFIG=$ROOT/usr/local/etc/config
STATE=$CONFIG/addons/cloudmatic
PAGES=$CONFIG/addons/www/cloudmatic
SNIPPETS=$CONFIG/lighttpd
SNIPPET=$SNIPPETS/cloudmatic.conf
RC_SCRIPT=$CONFIG/rc.d/cloudmatic
SAFE_MODE=$CONFIG/safemode
MONIT_FILE=$ROOT/usr/local/etc/monit-cloudmatic.cfg

# Below /var everything is gone after a reboot.
VAR_RUN=$ROOT/var/run
RUN=$VAR_RUN/cloudmatic
SOCKET=$RUN/dashboard.sock
PID_FILE=$VAR_RUN/cloudmatic.pid
LOCK=$VAR_RUN/cloudmatic.lock

LIGHTTPD_CONF=$ROOT/etc/lighttpd/lighttpd.conf
LIGHTTPD_INIT=$ROOT/etc/init.d/S50lighttpd
LIGHTTPD_PID=$VAR_RUN/lighttpd.pid
