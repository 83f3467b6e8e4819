"""What the server counts about itself, as Prometheus reads it."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import Scope

from edupulse_core.config import Settings
from edupulse_core.errors import EduPulseError
from edupulse_core.queries import readiness

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Meters:
    """The counters of one server."""

    def __init__(self, settings: Settings) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "edupulse_http_requests",
            "Requests that were answered.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "edupulse_http_request_seconds",
            "How long an answer took.",
            ["method", "route"],
            registry=self.registry,
        )
        self.predictions = Counter(
            "edupulse_predictions",
            "Predictions that were told, from the store or computed.",
            ["source"],
            registry=self.registry,
        )
        self.registry.register(_Standing(settings))

    def answered(self, scope: Scope, status: int, seconds: float) -> None:
        """Count one request. Addresses without a route share a line: anyone can invent them."""
        route = getattr(scope.get("route"), "path", "none")
        method = scope["method"] if scope["method"] in METHODS else "other"
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(method, route).observe(seconds)

    def told(self, *, stored: int, computed: int) -> None:
        """Count predictions."""
        self.predictions.labels("stored").inc(stored)
        self.predictions.labels("computed").inc(computed)

    def text(self) -> bytes:
        """Everything that is counted, in the text format."""
        return generate_latest(self.registry)


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class _Standing(Collector):
    """What stands in the store now: jobs by status, alerts that nobody has closed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def collect(self) -> Iterator[Metric]:
        """Count the rows at the moment when they are asked for."""
        by_status = GaugeMetricFamily("edupulse_jobs", "Jobs by status.", labels=["status"])
        by_severity = GaugeMetricFamily(
            "edupulse_alerts_open", "Alerts that are not closed.", labels=["severity"]
        )
        try:
            for status, n in readiness.jobs_by_status(self.settings).items():
                by_status.add_metric([status], n)
            for severity, n in readiness.open_alerts(self.settings).items():
                by_severity.add_metric([severity], n)
        except EduPulseError:
            return  # what the process counted itself is told all the same
        yield by_status
        yield by_severity
