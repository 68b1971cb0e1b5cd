"""[pure] A bucket as engines are told of it: where it is, and the words that open it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Remote object storage that DuckDB may read, and, for the writer, write."""

    root: str
    """Everything below it is ours: s3://bucket/prefix/, with the closing slash."""

    options: Mapping[str, str] = field(repr=False)
    """Of DuckDB's `CREATE SECRET (TYPE s3, …)`: KEY_ID, SECRET, ENDPOINT, REGION, URL_STYLE, USE_SSL."""

    def to_json(self) -> dict[str, object]:
        """The same as plain JSON, for a child's first frame; never logged."""
        return {"root": self.root, "options": dict(self.options)}


def from_json(members: object) -> Bucket | None:
    """The inverse of `Bucket.to_json`; None for anything else."""
    if not isinstance(members, Mapping):
        return None
    options = members["options"]
    given = {str(k): str(v) for k, v in options.items()} if isinstance(options, Mapping) else {}
    return Bucket(root=str(members["root"]), options=given)
