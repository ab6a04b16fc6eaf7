"""`./run.sh`: the demo system as people start it."""
