# The session check of the WebUI's CGI pages: the logic engine's word counts.

package require http

# The sid of the query string, decoded; empty where it has not the form of one. Only this form
# may get into a script of the logic engine.
proc requested_sid {} {
    set query ""
    catch {set query $::env(QUERY_STRING)}
    if {[regexp {(?:^|&)sid=((?:@|%40)[A-Za-z0-9]{10}(?:@|%40))(?:&|$)} $query -> sid]} {
        return [string map {%40 @} $sid]
    }
    return ""
}

# Where the simulated engine listens; the real one has a fixed port.
proc engine_url {} {
    return [string trim [::HomeMatic::Util::LoadFile [::HomeMatic::Util::Path /var/etc/engine_url]]]
}

# The engine's answer before its XML trailer: "id;level;name;first;last;", or empty.
proc session_user {sid} {
    set bare [string trim $sid @]
    if {$bare eq ""} {
        return ""
    }
    set script "Write(system.GetSessionVarStr(\"$bare\"));"
    if {[catch {::http::geturl [engine_url]/rega.exe -query $script -timeout 5000} token]} {
        return ""
    }
    set body [::http::data $token]
    ::http::cleanup $token
    if {![regexp {^(.*?)<xml>} $body -> user]} {
        return ""
    }
    return $user
}
