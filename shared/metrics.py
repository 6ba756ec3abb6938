"""The one registry that `/metrics` shows; whoever counts something registers it here."""

from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY = CollectorRegistry()

HTTP_REQUESTS = Histogram(
    "scrutiny_http_request_seconds",
    "Time to answer, by route template and status.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
SPANS_DROPPED = Counter(
    "scrutiny_spans_dropped",
    "Spans that never reached their receiver, by receiver and reason.",
    ["receiver", "reason"],
    registry=REGISTRY,
)
