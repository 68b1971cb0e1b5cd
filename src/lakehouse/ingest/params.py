"""[pure] What an ingest may use up."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestParams:
    """Bounds of the jailed child that reads files."""

    memory_bytes: int = 3 << 30
    """Address space, bound by the kernel: a gigabyte of CSV takes 0.5 GB, 4,000 columns take 1.2 GB."""

    timeout_s: float = 3600.0
    """Wall clock for one file."""
