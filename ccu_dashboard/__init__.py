"""The add-on's service: the local CloudMatic dashboard of a HomeMatic CCU."""
