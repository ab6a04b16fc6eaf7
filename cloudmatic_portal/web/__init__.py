"""HTTP in, HTTP out: handlers translate, they do not decide."""
