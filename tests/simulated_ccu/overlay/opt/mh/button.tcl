# button.tcl add|remove: the vendor's entry in Systemsteuerung.

package require HomeMatic

if {[lindex $argv 0] eq "add"} {
    ::HomeMatic::Addon::AddConfigPage mh /addons/mh/index.cgi CloudMatic \
        {de {<li>Fernzugriff</li>} en {<li>Remote access</li>}}
} else {
    array set pages [::HomeMatic::Addon::GetAll]
    unset -nocomplain pages(mh)
    ::HomeMatic::Util::SaveFile $::HomeMatic::Addon::list_file [array get pages]
}
