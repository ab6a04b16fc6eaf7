"""The whole system on one machine: simulated hub with the add-on installed, and the portal.

`./run.sh` runs it for people, the browser tests and benchmarks use it as their ground.
"""
