"""A simulated HomeMatic CCU: file system, logic engine, WebUI pages and a real lighttpd.

Used by the tests and by `run.sh`; imports nothing of pytest. See docs/simulated-ccu.md.
"""
