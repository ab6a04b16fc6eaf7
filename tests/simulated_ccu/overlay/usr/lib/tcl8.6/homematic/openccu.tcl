# What OpenCCU adds to the HomeMatic package.

proc ::HomeMatic::Addon::RemoveConfigPage {id} {
    array set pages [GetAll]
    unset -nocomplain pages($id)
    ::HomeMatic::Util::SaveFile $::HomeMatic::Addon::list_file [array get pages]
}
