"""A local server that behaves like PayPal's sandbox, as far as the portal uses it."""
