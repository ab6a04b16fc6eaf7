"""The API for hubs: JSON, versioned, errors as RFC 9457 problems."""
