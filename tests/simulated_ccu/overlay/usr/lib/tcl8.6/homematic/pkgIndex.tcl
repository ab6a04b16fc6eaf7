package ifneeded HomeMatic 1.0 [list source [file join $dir homematic.tcl]]
