"""Paying by PayPal.

Calls of PayPal lie between transactions, never in one. What is to be asked or told is a row with a
time (`check_at`), claimed by putting that time off: whoever dies in between leaves it to the next
one, and since PayPal does each request once, doing it again does no harm.
"""
