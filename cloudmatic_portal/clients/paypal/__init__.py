"""PayPal's REST API: HTTP outside, our domain inside; every error is wrapped here, once."""
