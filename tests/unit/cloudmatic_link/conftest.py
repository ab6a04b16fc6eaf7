"""Hypothesis, on a machine that may be busy."""

from hypothesis import HealthCheck, settings

# Under load, time says nothing about a strategy; every example still counts.
settings.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("any machine")
