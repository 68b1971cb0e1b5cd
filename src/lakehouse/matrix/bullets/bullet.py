"""[pure] One entry of the playbook as it stands, and what people may read of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from lakehouse.base.clock import iso
from lakehouse.store.streams import Json

Status = Literal["active", "shadow", "quarantined", "retired"]
"""active: may be served. shadow: only where it is tried out. quarantined: a person must look at it. retired:
kept for its history only."""

STATUSES: Final[tuple[Status, ...]] = ("active", "shadow", "quarantined", "retired")

Scope = tuple[tuple[str, str], ...]
"""Facets and values, in order of facets; none: it holds everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocRef:
    """A row that an entry rests on."""

    table: str
    row: str
    digest: str
    """Of the row's text when the entry was written; empty: unknown, which never makes it stale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Votes:
    """What calls that were served an entry say of it, for its present text."""

    helpful: int = 0
    harmful: int = 0
    pairs: int = 0
    """Audited calls that were run with the entry and without it."""

    total: float = 0.0
    """Of their differences, with minus without; each -1 to 1."""

    squares: float = 0.0


NONE: Final = Votes()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullet:
    """One entry, at one version."""

    entry_id: str
    section: str
    content: str
    scope: Scope = ()
    evidence: tuple[str, ...] = ()
    """Ids of searches or traces that show it."""

    doc_refs: tuple[DocRef, ...] = ()
    status: Status = "active"
    rule: str = ""
    """Which rule of hygiene keeps it in quarantine."""

    reason: str = ""
    """Of the latest change."""

    source: str = ""
    """Who wrote it; whoever did has no vote on it."""

    version: int = 1
    op: str = "add"
    """What made this version."""

    merged_into: str = ""
    """The entry that says what this one said."""

    votes: Votes = NONE
    uses: int = 0
    """Calls that were served it, at any version."""

    created_ms: int = 0
    updated_ms: int = 0

    @property
    def helpful(self) -> int:
        """Votes for it."""
        return self.votes.helpful

    @property
    def harmful(self) -> int:
        """Votes against it."""
        return self.votes.harmful

    @property
    def is_in_use(self) -> bool:
        """May prompts get it, or is it tried out?"""
        return self.status in {"active", "shadow"}

    def holds_for(self, facets: Mapping[str, str]) -> bool:
        """Does its scope match: is every facet of it asked with the same value?"""
        asked = {facet: value.casefold() for facet, value in facets.items()}
        return all(asked.get(facet) == value.casefold() for facet, value in self.scope)

    def told(self) -> dict[str, Json]:
        """The entry as JSON, as every door shows it."""
        votes = self.votes
        return {
            "id": self.entry_id,
            "section": self.section,
            "content": self.content,
            "scope": dict(self.scope),
            "evidence": list(self.evidence),
            "doc_refs": [{"table": r.table, "row": r.row, "digest": r.digest} for r in self.doc_refs],
            "status": self.status,
            "rule": self.rule,
            "reason": self.reason,
            "source": self.source,
            "version": self.version,
            "op": self.op,
            "merged_into": self.merged_into or None,
            "helpful": votes.helpful,
            "harmful": votes.harmful,
            "pairs": votes.pairs,
            "mean_difference": round(votes.total / votes.pairs, 6) if votes.pairs else None,
            "uses": self.uses,
            "created_at": iso(self.created_ms),
            "updated_at": iso(self.updated_ms),
        }
