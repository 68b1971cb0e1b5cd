"""[acts] Counters and levels for Prometheus: routes, statuses, sizes; no values, and labels with an end."""

from collections.abc import Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from lakehouse import __version__
from lakehouse.lake.facade import Lakehouse

LATENCIES: Final = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64)
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PATCH", "DELETE", "PUT", "OPTIONS"})
MOST_TABLES: Final = 50
"""Tables with a level of their own; the rest are one."""

MOST_INDEXES: Final = 50


class Meters:
    """What this server counts; a registry of its own, so that two servers in one process do not mix."""

    def __init__(self, lake: Lakehouse) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "lakehouse_http_requests", "Requests", ("method", "route", "status"), registry=registry
        )
        self._seconds = Histogram(
            "lakehouse_http_seconds", "Seconds to answer", ("route",), buckets=LATENCIES, registry=registry
        )
        self._queries = Histogram(
            "lakehouse_query_seconds", "Seconds to rows", buckets=LATENCIES, registry=registry
        )
        self._searches = Histogram(
            "lakehouse_search_seconds", "Seconds to hits", buckets=LATENCIES, registry=registry
        )
        self._texts = Counter("lakehouse_embedded_texts", "Texts made vectors of", registry=registry)
        self._rows = Counter("lakehouse_ingest_rows", "Rows of uploads", ("outcome",), registry=registry)
        build = Gauge("lakehouse_build_info", "The version that runs", ("version",), registry=registry)
        build.labels(__version__).set(1)
        registry.register(_Levels(lake))

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request that is over."""
        self._requests.labels(method if method in METHODS else "other", route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def query(self, elapsed_ms: float) -> None:
        """A query that gave rows."""
        self._queries.observe(elapsed_ms / 1000)

    def search(self, elapsed_ms: float) -> None:
        """A search that gave hits, or found none."""
        self._searches.observe(elapsed_ms / 1000)

    def embed(self, texts: int) -> None:
        """Texts that were made vectors of; those of indexes do not count."""
        self._texts.inc(texts)

    def ingest(self, *, rows: int, rejected: int) -> None:
        """An upload that was read."""
        self._rows.labels("stored").inc(rows)
        self._rows.labels("rejected").inc(rejected)

    def text(self) -> bytes:
        """Everything in Prometheus' text format. Cost: see `Running.gauges`."""
        return generate_latest(self._registry)


class _Levels(Collector):
    """The lake's own levels, read when someone looks."""

    def __init__(self, lake: Lakehouse) -> None:
        self._lake = lake

    def describe(self) -> list[Metric]:
        """Nothing: registering must not read the lake."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Every level."""
        levels = self._lake.running.gauges()
        yield GaugeMetricFamily("lakehouse_workers", "Query workers", levels.workers)
        yield GaugeMetricFamily("lakehouse_cache_bytes", "Hot copies", levels.cache_bytes)
        yield GaugeMetricFamily("lakehouse_cache_hits", "Reads served hot", levels.cache_hits)
        yield GaugeMetricFamily("lakehouse_cache_misses", "Pinned reads served cold", levels.cache_misses)
        yield GaugeMetricFamily("lakehouse_journal_segments", "Unfolded journal files", levels.segments)
        yield GaugeMetricFamily("lakehouse_journal_waiting", "Records not yet durable", levels.posted)
        small = GaugeMetricFamily("lakehouse_small_files", "Files that upkeep may fold", labels=["table"])
        ranked = sorted(levels.small_files.items(), key=lambda pair: (-pair[1], pair[0]))
        for table, files in ranked[:MOST_TABLES]:
            small.add_metric([table], files)
        small.add_metric(["(others)"], sum(files for _, files in ranked[MOST_TABLES:]))
        yield small
        yield from self._indexes()

    def _indexes(self) -> Iterator[Metric]:
        """The indexes that someone looked at; being asked must make nobody look at a table."""
        fresh = _per_index("fresh", "Passages newer than the serving generation, searched exactly")
        dead = _per_index("dead", "Passages of the serving generation that their table no longer has")
        waiting = _per_index("waiting", "Rows without a vector yet")
        recall = _per_index("recall", "recall@10 of the serving generation, mean of a sample")
        for name, view in sorted(self._lake.index.seen().items())[:MOST_INDEXES]:
            fresh.add_metric([name], view.fresh)
            dead.add_metric([name], view.dead)
            waiting.add_metric([name], len(view.waiting))
            if view.generation:
                recall.add_metric([name], view.generation.facts.recall.mean)
        yield from (fresh, dead, waiting, recall)


def _per_index(what: str, text: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"lakehouse_index_{what}", text, labels=["index"])
