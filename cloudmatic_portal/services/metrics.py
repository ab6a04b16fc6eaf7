"""What monitoring is told, in the text format of Prometheus."""

from __future__ import annotations

from dataclasses import fields
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

from cloudmatic_portal.services.vitals import Vitals

_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_PREFIX: Final = "cloudmatic_portal"


class Metrics:
    """The counters of one process. No label holds anything of a customer's."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            f"{_PREFIX}_requests",
            "Requests that were answered",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            f"{_PREFIX}_request_seconds",
            "Time until the answer was there",
            ("route",),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._vitals = {
            each.name: Gauge(
                f"{_PREFIX}_{each.name}",
                f"{each.name.replace('_', ' ').capitalize()}, in the database that all share",
                registry=self._registry,
            )
            for each in fields(Vitals)
        }

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Note a request; `route` is the pattern of its address, never the address."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self, vitals: Vitals) -> bytes:
        """All of it, with what the database says just now."""
        for name, gauge in self._vitals.items():
            gauge.set(getattr(vitals, name))
        return generate_latest(self._registry)
