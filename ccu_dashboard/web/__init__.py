"""Requests in, pages out. Handlers translate, they do not decide."""
