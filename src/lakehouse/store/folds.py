"""[pure] Which files of a stream count, which can go, and which to fold into Parquet next.

A Parquet file names the files it replaces (its claims), inside itself. So the moment it appears, all
readers switch to it at once; deleting what it replaced can wait, stop half way, or be done twice.

- A file that another claims is dead.
- A Parquet file whose claims are a part of another's is dead too: two processes folded side by side,
  and the other one holds every row.
- Two Parquet files that share a part of their claims both count; a reader drops repeated ids, and the
  next fold joins them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lakehouse.store.segments import JournalFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a Parquet file says about itself."""

    replaces: frozenset[str]
    """Names of files whose rows it holds."""

    written_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The files of one stream, sorted out."""

    live: tuple[JournalFile, ...]
    """Oldest first; together they hold each record."""

    dead: tuple[tuple[JournalFile, int], ...]
    """What may be deleted, in this order, and since when (milliseconds since 1970) it has been dead."""

    overlapping: bool
    """Whether live files repeat records."""


def survey(files: Sequence[JournalFile], claims: Mapping[str, Claims]) -> Survey:
    """Sort out a stream's files; `claims` are those of its Parquet files, by name."""
    since: dict[str, int] = {}
    for name, claim in claims.items():
        for replaced in claim.replaces:
            since[replaced] = min(claim.written_ms, since.get(replaced, claim.written_ms))
        for other, wider in claims.items():
            if other != name and claim.replaces < wider.replaces:
                since.setdefault(name, wider.written_ms)
    live = sorted((file for file in files if file.name not in since), key=lambda file: file.name)
    # Segments go before the Parquet files that claim them, old ones first: whatever a deletion leaves
    # behind when it is cut short is still claimed by a file that is still there.
    dead = sorted((file for file in files if file.name in since), key=lambda file: (file.kind, file.ulid))
    claimed = [name for file in live if file.kind == "parquet" for name in claims[file.name].replaces]
    return Survey(
        live=tuple(live),
        dead=tuple((file, since[file.name]) for file in dead),
        overlapping=len(claimed) != len(set(claimed)),
    )


def plan(live: Sequence[JournalFile], *, target_bytes: int) -> tuple[tuple[JournalFile, ...], ...]:
    """Groups of neighbouring files to fold into one Parquet file each.

    Neighbours only, so that folding keeps the order. A Parquet file that has reached `target_bytes`
    stays as it is. A group ends with a segment, whose name the new file takes over.
    """
    groups: list[list[JournalFile]] = [[]]
    for file in live:
        if file.kind == "parquet" and file.size >= target_bytes:
            groups.append([])
            continue
        if groups[-1] and sum(f.size for f in groups[-1]) + file.size > target_bytes:
            groups.append([])
        groups[-1].append(file)
    return tuple(group for files in groups if (group := _up_to_the_last_segment(files)))


def _up_to_the_last_segment(files: Sequence[JournalFile]) -> tuple[JournalFile, ...]:
    ends = [place for place, file in enumerate(files, 1) if file.kind == "jsonl"]
    return tuple(files[: ends[-1]]) if ends else ()
