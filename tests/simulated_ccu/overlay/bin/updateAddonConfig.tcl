#!/usr/bin/env tclsh
# OpenCCU's command line for the buttons in Systemsteuerung, with its options:
#   -a ID -url URL -name NAME -de TEXT -en TEXT   add or replace (texts become one <li> each)
#   -d ID                                         remove
# Exit code 1 for an unknown option, or where one is missing.

package require HomeMatic

proc refuse {message} {
    puts stderr $message
    puts stderr "usage: -a ID -url URL -name NAME -de TEXT -en TEXT | -d ID"
    exit 1
}

foreach {option value} $argv {
    switch -- $option {
        -a - -d {
            set action $option
            set page(id) $value
        }
        -url - -name { set page($option) $value }
        -de - -en { set description([string range $option 1 end]) "<li>$value</li>" }
        default { refuse "error: invalid argument: $option" }
    }
}
if {![info exists page(id)] || $page(id) eq ""} {
    refuse "error: no id"
}
if {$action eq "-d"} {
    ::HomeMatic::Addon::RemoveConfigPage $page(id)
    exit 0
}
foreach needed {page(-url) page(-name) description(de) description(en)} {
    if {![info exists $needed]} {
        refuse "error: missing $needed"
    }
}
::HomeMatic::Addon::AddConfigPage $page(id) $page(-url) $page(-name) [array get description]
