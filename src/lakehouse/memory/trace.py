"""[pure] One remembered trace as it stands, and what people may read of it."""

from dataclasses import dataclass

from lakehouse.base.clock import iso
from lakehouse.memory.limits import parsed
from lakehouse.memory.path import Path
from lakehouse.store.streams import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One version of what is remembered. Nobody can change what is stored through it."""

    uid: str
    text: bytes
    """The content as JSON; the store does not read it unless it is a rich trace."""

    tags: tuple[str, ...] = ()
    version: int = 1
    """From 1, along a chain of revisions."""

    predecessor_uid: str | None = None
    superseded_by: str | None = None
    """The revision of this one; None: this is the tip of its chain."""

    created_ms: int = 0
    updated_ms: int = 0
    retired_ms: int | None = None
    retired_reason: str = ""
    replay_count: int = 0
    """How often it was used or added again, whatever came of it."""

    replays_succeeded: int = 0
    replays_failed: int = 0
    """Only replays with an outcome say something about the success rate."""

    path: Path | None = None
    """What its content says, where that is a rich trace."""

    @property
    def content(self) -> Json:
        """What it holds: a new value at each call, so that changing it changes nothing."""
        return parsed(self.text)

    @property
    def is_retired(self) -> bool:
        """Was it taken out of use?"""
        return self.retired_ms is not None

    @property
    def is_tip(self) -> bool:
        """Is there no revision of it?"""
        return self.superseded_by is None

    @property
    def is_current(self) -> bool:
        """May searches find it: the tip of its chain, and not retired."""
        return self.is_tip and not self.is_retired

    def told(self) -> dict[str, Json]:
        """The trace as JSON, as every door shows it."""
        return {
            "uid": self.uid,
            "content": self.content,
            "tags": list(self.tags),
            "version": self.version,
            "predecessor_uid": self.predecessor_uid,
            "superseded_by": self.superseded_by,
            "created_at": iso(self.created_ms),
            "updated_at": iso(self.updated_ms),
            "retired": self.is_retired,
            "retired_at": iso(self.retired_ms) if self.retired_ms is not None else None,
            "retired_reason": self.retired_reason,
            "replay_count": self.replay_count,
            "replays_succeeded": self.replays_succeeded,
            "replays_failed": self.replays_failed,
            "pathway_id": self.path.pathway_id if self.path else None,
            "file_prefix": self.path.file_prefix if self.path else None,
        }
