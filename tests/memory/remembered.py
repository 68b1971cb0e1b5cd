"""Traces and memories for tests: rich content, and a memory over a store of its own."""

from collections.abc import Mapping

from lakehouse.base.clock import Clock, FixedClock
from lakehouse.memory.params import DEFAULTS, PathwayParams
from lakehouse.memory.pathway import PathwayMemory
from lakehouse.store.journal import Journal
from lakehouse.store.memory import MemoryStore
from lakehouse.store.objects import ObjectStore
from lakehouse.store.turns import MemoryTurns, Turns

TASK: Mapping[str, object] = {
    "task_class": "review",
    "file_path": "crates/vectord/src/index.rs",
    "signal_class": "perf",
    "kb_chunks": [{"source": "adr", "doc_id": "adr-021", "cosine": 0.7, "rank": 1}],
    "semantic_flags": ["UnitMismatch"],
    "type_hints_used": [{"source": "ast", "symbol": "row_count", "type_repr": "usize"}],
    "bug_fingerprints": [
        {
            "flag": "UnitMismatch",
            "pattern_key": "UnitMismatch:file_count-row_count",
            "example": "`row_count` is compared with `file_count`",
            "occurrences": 2,
        }
    ],
}
"""What is known of a task before it is tried."""

RICH: Mapping[str, object] = {
    **TASK,
    "schema": "pathway/1",
    "ladder_attempts": [
        {"rung": 1, "model": "small", "latency_ms": 900, "accepted": False, "reject_reason": "vague"},
        {"rung": 2, "model": "large", "latency_ms": 4000, "accepted": True, "reject_reason": None},
    ],
    "observer_signals": ["slow"],
    "audit_consensus": {"passed": True},
    "reducer_summary": "two units mixed up",
    "final_verdict": "accepted",
}


def memory(
    store: ObjectStore | None = None,
    *,
    turns: Turns | None = None,
    clock: Clock | None = None,
    params: PathwayParams = DEFAULTS,
) -> PathwayMemory:
    """A memory over a store, in memory where none is named."""
    clock = clock or FixedClock()
    journal = Journal(store or MemoryStore(), clock=clock)
    return PathwayMemory(journal, turns=turns or MemoryTurns(), clock=clock, params=params)
