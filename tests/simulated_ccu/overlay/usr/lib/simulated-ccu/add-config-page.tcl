# add-config-page.tcl ID URL NAME ?LANGUAGE TEXT ...?

package require HomeMatic

::HomeMatic::Addon::AddConfigPage [lindex $argv 0] [lindex $argv 1] [lindex $argv 2] \
    [lrange $argv 3 end]
