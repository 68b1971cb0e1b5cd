"""[pure] What an ingest came to, for people and scripts: the figures, the columns, the proof."""

from dataclasses import asdict, dataclass
from typing import Literal

Status = Literal["created", "appended", "replaced", "upserted", "skipped", "quarantined"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnReport:
    """One column as it was stored."""

    name: str
    type: str
    pii: str = ""
    """The kind of personal data it holds; empty when none was found."""

    evidence: str = ""
    """Why it is taken for that, without any value of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What became of one source."""

    source: str
    table: str
    status: Status
    rows: int = 0
    """Rows of the source that were written."""

    gave_way: int = 0
    """Of these, rows that a later one of the same source with the same key replaced."""

    rejected: int = 0
    rows_read: int = 0
    """Rows in the source, counted apart from the conversion."""

    snapshot_id: int | None = None
    columns: tuple[ColumnReport, ...] = ()
    reason: str = ""
    """Why it was skipped or quarantined, or what else a person should know."""

    hint: str = ""
    """What to do about it."""

    changes: tuple[str, ...] = ()
    """The differences to the table as it was before, one a line."""

    counted_by: str = ""
    sha256: str = ""
    elapsed_ms: int = 0

    @property
    def is_complete(self) -> bool:
        """Is every row that was read either in the table or rejected?"""
        return self.rows_read == self.rows + self.rejected

    @property
    def proof(self) -> str:
        """The sum, as a person checks it."""
        sign = "=" if self.is_complete else "≠"
        doubles = f" + {self.gave_way:,} replaced by later ones" if self.gave_way else ""
        rest = f"{self.rows - self.gave_way:,} in the table{doubles} + {self.rejected:,} rejected"
        return f"{self.rows_read:,} read {sign} {rest}"

    def to_json(self) -> dict[str, object]:
        """The members that the command line and HTTP promise, and the proof."""
        return {**asdict(self), "columns": [asdict(c) for c in self.columns], "proof": self.proof}
