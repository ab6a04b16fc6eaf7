"""The operators' pages, below `/admin`."""
