# Where the add-on lives on a hub. Sourced with ROOT set: empty on a hub, a folder in tests.
# shellcheck shell=sh disable=SC2034,SC2154  # used, and ROOT set, by the scripts that source this

PROGRAM=$ROOT/usr/local/addons/cloudmatic
STATE=$ROOT/usr/local/etc/config/addons/cloudmatic
PAGES=$ROOT/usr/local/etc/config/addons/www/cloudmatic
SNIPPET=$ROOT/usr/local/etc/config/lighttpd/cloudmatic.conf
RC_SCRIPT=$ROOT/usr/local/etc/config/rc.d/cloudmatic
SOCKET_FOLDER=$ROOT/var/run/cloudmatic
PID_FILE=$ROOT/var/run/cloudmatic.pid
LIGHTTPD_CONF=$ROOT/etc/lighttpd/lighttpd.conf
LIGHTTPD_INIT=$ROOT/etc/init.d/S50lighttpd
