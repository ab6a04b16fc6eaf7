#!/bin/tclsh
# The relay: where lighttpd takes no part of ours (eQ-3's CCU3), it passes requests on to the
# service, which then listens on loopback too, and the answers back. It decides nothing: the
# session is checked by the service, as for every other request.
# Tcl 8.2: no dict, no lassign, no `eq`, no {*}.

set root ""
if {[info exists env(CCU_ROOT)]} { set root $env(CCU_ROOT) }
set port_file $root/var/run/cloudmatic/relay.port
set most_body 65536
set most_answer 4194304
set patience 30000

proc variable_or {name other} {
    if {[info exists ::env($name)]} { return $::env($name) }
    return $other
}

# Page shown by us: the service is not there, or the request is none that we pass on.
proc answer {status body {headers {}}} {
    fconfigure stdout -translation binary
    puts -nonewline "Status: $status\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n"
    foreach header $headers { puts -nonewline "$header\r\n" }
    puts -nonewline "\r\n$body"
    flush stdout
    exit 0
}

# The same page that lighttpd shows where it is the one to ask the service; it loads itself again.
proc answer_starting {} {
    set body "<!DOCTYPE html><title>CloudMatic</title><p>CloudMatic startet &hellip;"
    catch {
        set channel [open [file join [file dirname [info script]] static error-503.html] r]
        fconfigure $channel -translation binary
        set body [read $channel]
        close $channel
    }
    answer "503 Service Unavailable" $body {{Retry-After: 2}}
}

# One line of a header cannot hold a line break, whatever arrives.
proc one_line {text} {
    regsub -all "\[\r\n\]" $text " " text
    return $text
}

proc request_text {method target body} {
    set lines [list "$method $target HTTP/1.0" "Connection: close"]
    foreach name [array names ::env HTTP_*] {
        regsub -all _ [string tolower [string range $name 5 end]] - header
        if {[lsearch -exact {connection keep-alive proxy te trailer transfer-encoding upgrade expect
                content-length content-type} $header] >= 0} { continue }
        if {[string match x-forwarded-* $header]} { continue }
        lappend lines "$header: [one_line $::env($name)]"
    }
    set scheme http
    if {[string compare [string tolower [variable_or HTTPS off]] on] == 0} { set scheme https }
    if {[string compare [variable_or REQUEST_SCHEME ""] https] == 0} { set scheme https }
    lappend lines "X-Forwarded-Proto: $scheme" "X-Forwarded-For: [one_line [variable_or REMOTE_ADDR ""]]"
    if {[string length [variable_or CONTENT_TYPE ""]] > 0} {
        lappend lines "Content-Type: [one_line $::env(CONTENT_TYPE)]"
    }
    if {[string length $body] > 0 || [string compare $method POST] == 0} {
        lappend lines "Content-Length: [string length $body]"
    }
    return "[join $lines \r\n]\r\n\r\n$body"
}

proc request_body {} {
    set length [variable_or CONTENT_LENGTH 0]
    if {![regexp {^[0-9]+$} $length] || [string length $length] > 9} { set length 0 }
    regsub {^0+(.)} $length {\1} length
    if {$length > $::most_body} { answer "413 Content Too Large" "<!DOCTYPE html><title>413</title>" }
    fconfigure stdin -translation binary
    return [read stdin $length]
}

proc exchange {port request} {
    global received state
    set received ""
    set state ""
    set channel [socket 127.0.0.1 $port]
    fconfigure $channel -translation binary -blocking 0
    fileevent $channel readable [list take_up $channel]
    set timer [after $::patience {set ::state late}]
    puts -nonewline $channel $request
    flush $channel
    vwait ::state
    after cancel $timer
    catch {close $channel}
    return $state
}

proc take_up {channel} {
    if {[catch {read $channel} piece]} {
        set ::state done
        return
    }
    append ::received $piece
    if {[eof $channel] || [string length $::received] > $::most_answer} { set ::state done }
}

# The answer as CGI wants it: `Status:` instead of the first line, without what concerns only the
# connection between the two of us. Everything else, each cookie on its own line, stays.
proc pass_back {answer method} {
    set end [string first "\r\n\r\n" $answer]
    if {$end < 0} { answer_starting }
    set lines [split [string range $answer 0 [expr {$end - 1}]] \n]
    if {![regexp {^HTTP/1\.[01] ([0-9][0-9][0-9] ?[^\r\n]*)} [lindex $lines 0] all status]} { answer_starting }
    fconfigure stdout -translation binary
    puts -nonewline "Status: $status\r\n"
    foreach line [lrange $lines 1 end] {
        set line [string trimright $line \r]
        regexp {^[^:]*} $line name
        if {[lsearch -exact {connection keep-alive transfer-encoding server date} [string tolower $name]] < 0} {
            puts -nonewline "$line\r\n"
        }
    }
    puts -nonewline "\r\n"
    if {[string compare $method HEAD] != 0} {
        puts -nonewline [string range $answer [expr {$end + 4}] end]
    }
    flush stdout
}

set method [variable_or REQUEST_METHOD GET]
if {[lsearch -exact {GET HEAD POST} $method] < 0} {
    answer "405 Method Not Allowed" "<!DOCTYPE html><title>405</title>" {{Allow: GET, HEAD, POST}}
}
if {[catch {
    set channel [open $port_file r]
    set port [string trim [read $channel 16]]
    close $channel
}] || ![regexp {^[1-9][0-9]*$} $port] || [string length $port] > 5} {
    answer_starting
}
# As the browser sent it; what CGI makes of it is decoded already.
set target [variable_or REQUEST_URI ""]
if {![regexp "^\[\x21-\x7e\x80-\xff\]+\$" $target]} { answer "400 Bad Request" "<!DOCTYPE html><title>400</title>" }
set own [variable_or SCRIPT_NAME /addons/cloudmatic/index.cgi]
if {[string first $own/ $target] != 0} {
    # Called as the folder's index, or without the slash that the pages' cookie needs.
    set query ""
    regexp {\?.*$} $target query
    answer "302 Found" "" [list "Location: $own/$query"]
}
set body [request_body]
if {[catch {exchange $port [request_text $method $target $body]} outcome]} { answer_starting }
if {[string compare $outcome late] == 0} {
    answer "504 Gateway Timeout" "<!DOCTYPE html><title>504</title><p>CloudMatic antwortet nicht. Bitte erneut versuchen."
}
pass_back $received $method
