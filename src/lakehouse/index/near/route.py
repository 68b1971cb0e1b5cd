"""[pure] Exact or graph: which way a search with a filter goes, and how far the graph is followed.

A graph is walked over all vectors, so of the candidates it gathers only the allowed share counts. Where the
share is small, more candidates are needed than looking at every allowed vector would cost. And a filter that
has to do with the question (its own neighbourhood is forbidden) makes the far end of the candidates matter,
where a graph errs most: so only the head of the candidates is trusted (`trusted`), and where the head has
too few the index looks at every allowed vector instead.
"""

from dataclasses import dataclass
from math import ceil, sqrt
from typing import Final

from lakehouse.index.ann import Config

MAX_EF: Final = 4096
"""More candidates than this cost as much as looking at thousands of vectors one by one."""

HARDLY_FILTERED: Final = 0.9
"""From this share on a filter only leaves out what was deleted."""

PATIENCE_MS: Final = 1.5
"""An exact answer that costs no more is preferred to the graph's: about 20,000 vectors x 768."""

FILTERED_PATIENCE_MS: Final = 5.0
"""The same under a filter: all that such a search may take. The graph's recall was measured without one, and
under filters that went with the vectors' direction it fell to 0.988 (8 % of 100,000 x 768)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What a search costs on this machine, measured when the index was built."""

    scan_ns: float = 2.0
    """For each vector of the index, to see whether the filter allows it."""

    exact_ns: float = 250.0
    """For each allowed vector that is compared. 768 members, fp16, scattered: measured on two cores."""

    whole_ns: float = 70.0
    """For each vector where all of them are compared, one after the other as they lie in memory."""

    candidate_ns: float = 3000.0
    """For each candidate of the graph, its neighbours included."""


@dataclass(frozen=True, slots=True)
class Exact:
    """Look at every allowed vector."""

    reason: str


@dataclass(frozen=True, slots=True)
class Graph:
    """Follow the graph."""

    ef_search: int
    """Candidates, widened as the filter asks for."""

    reason: str


def decide(*, allowed: int, size: int, k: int, config: Config, costs: Costs) -> Exact | Graph:
    """Which way to search.

    Args:
        allowed: how many positions may be found.
        size: of the index.
        k: how many are wanted.
        config: `ef_search` is the least that is used.
        costs: of this index, on this machine.
    """
    if allowed <= k:
        return Exact(f"{allowed:,} allowed, {k:,} wanted: all are looked at")
    share = allowed / size
    ef = max(config.ef_search, widened(k, share))
    scattered = costs.scan_ns * size + costs.exact_ns * allowed
    exact_ms = (costs.whole_ns * size if share >= HARDLY_FILTERED else scattered) / 1e6
    graph_ms = costs.candidate_ns * ef / 1e6
    either = f"{allowed:,} of {size:,} allowed: exact {exact_ms:.2g} ms, graph {graph_ms:.2g} ms"
    patience = PATIENCE_MS if share >= HARDLY_FILTERED else FILTERED_PATIENCE_MS
    if exact_ms <= max(patience, graph_ms):
        return Exact(either)
    if ef > MAX_EF:
        return Exact(f"{either}, but more than {MAX_EF:,} candidates")
    return Graph(ef, either)


def widened(k: int, share: float) -> int:
    """Candidates after which the trusted head of them has `k` allowed ones, two deviations sure.

    Args:
        k: how many are wanted.
        share: of the vectors that are allowed, above 0 to 1, taken to be spread evenly.
    """
    needed = k / share + 2 * sqrt(k * (1 - share)) / share
    return ceil(needed * _caution(share))


def trusted(candidates: int, share: float) -> int:
    """How many of the candidates, the nearest first, are sure to have none missing between them."""
    return ceil(candidates / _caution(share))


def _caution(share: float) -> float:
    # 1 without a filter, 4 under a narrow one. Measured at 100,000 x 768 under filters that went with the
    # vectors' direction: the whole list gave recall 0.96, its first quarter 0.999.
    return 1 + 3 * (1 - share)
