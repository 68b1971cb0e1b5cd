"""[pure] What an ingest may use up."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestParams:
    """Bounds of the jailed child that reads files."""

    memory_bytes: int = 1 << 30
    """Of DuckDB's buffers; with the rest of the child, 1.5 GB for a file of any size."""

    threads: int = 2
    timeout_s: float = 3600.0
    """Wall clock for one file."""
