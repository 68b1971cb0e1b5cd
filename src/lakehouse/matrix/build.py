"""[acts] Corpora are built: from a table, from a folder of Markdown and text files, from the rows of a query.

A folder and a query become a table of their own, which is kept equal to them: what is gone there goes here.
Such a table carries the corpus's tag, and a table without it is never written to. Several builds run side by
side; each is whole or failed by itself, and all of them are reported.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from lakehouse.base.errors import Conflict, Invalid, LakehouseError, NotFound
from lakehouse.matrix.corpus import Corpus
from lakehouse.matrix.sections import split
from lakehouse.query.result import Result
from lakehouse.table.card import ColumnCard

SUFFIXES: Final = {".md": True, ".markdown": True, ".txt": False, ".text": False}
"""Of files that are read, and whether they are Markdown."""

LARGEST: Final = 20 << 20
"""Bytes of a file; what is larger is no text that a person wrote."""

MOST_ROWS: Final = 5_000_000
"""Of a query that becomes a table."""

THREADS: Final = 4
TAG: Final = "corpus:{}"

COLUMNS: Final = pa.schema(
    [("id", pa.string()), ("path", pa.string()), ("heading", pa.string()), ("text", pa.string())]
)


class Info(Protocol):
    """What is known of an index that was built."""

    @property
    def rows(self) -> int:
        """That can be searched."""
        ...

    @property
    def waiting(self) -> int:
        """Of those, without a vector yet."""
        ...


class Builder(Protocol):
    """Builds indexes: `lake.index` does."""

    @property
    def build(self) -> Callable[..., Info]:
        """Makes an index over a table, whole: name, table, text, id."""
        ...


class Described(Protocol):
    """A table's card."""

    @property
    def tags(self) -> tuple[str, ...]:
        """Words that were put on it."""
        ...

    @property
    def columns(self) -> Mapping[str, ColumnCard]:
        """What is known of columns, by field id."""
        ...


class Shown(Protocol):
    """A table."""

    @property
    def card(self) -> Described:
        """What is known about it."""
        ...


class Tables(Protocol):
    """What builders ask of a lake."""

    @property
    def index(self) -> Builder:
        """Its indexes."""
        ...

    def sql(self, text: str, *, limit: int | None = None) -> Result:
        """The rows of one SELECT."""
        ...

    def upsert(self, table: str, rows: object, *, key: str) -> object:
        """Make the table hold these rows."""
        ...

    def delete(self, table: str, *, keys: object, key: str) -> object:
        """Remove the rows with these keys."""
        ...

    def show(self, table: str) -> Shown:
        """One table."""
        ...

    def describe(self, table: str, given: dict[str, object]) -> object:
        """Put words on a table's card."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A corpus that can be asked."""

    corpus: Corpus
    table: str
    rows: int
    waiting: int
    """Rows that words alone find so far."""

    skipped: tuple[str, ...] = field(default=())
    """Files that were left out, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A corpus that could not be built."""

    corpus: str
    error: LakehouseError


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One build to be done: `build` is one of the functions below with its arguments."""

    corpus: Corpus
    build: Callable[[], Built]


def from_table(
    lake: Tables, corpus: Corpus, *, table: str, text: str | Sequence[str], key: str | None = None
) -> Built:
    """A corpus over a table as it is."""
    return _indexed(lake, corpus, table=table, text=text, key=key)


def from_folder(lake: Tables, corpus: Corpus, folder: Path, *, table: str = "") -> Built:
    """A corpus out of the Markdown and text files below a folder; again, it is brought up.

    Hidden files and folders are left out, and links that lead out of the folder.

    Args:
        table: that holds the sections; by default `<index>_sections`.

    Raises:
        NotFound: there is no such folder.
        Invalid: nothing in it says anything.
        Conflict: the table holds something else.
    """
    if not folder.is_dir():
        raise NotFound(f"there is no folder {folder.name[:60]!r}", hint="name a folder of .md or .txt files")
    rows: list[dict[str, str]] = []
    skipped: list[str] = []
    for path in _files(folder):
        shown = path.relative_to(folder).as_posix()
        if path.stat().st_size > LARGEST:
            skipped.append(f"{shown}: larger than {LARGEST >> 20} MiB")
            continue
        said = path.read_bytes().decode("utf-8-sig", "replace")
        if "\0" in said:
            skipped.append(f"{shown}: no text")
            continue
        sections = split(said, path=shown, is_markdown=SUFFIXES[path.suffix.lower()])
        rows += [{"id": s.id, "path": s.path, "heading": s.heading, "text": s.text} for s in sections]
    if not rows:
        raise Invalid("no file in it says anything", hint="there are read: .md, .markdown, .txt, .text")
    made = table or f"{corpus.index}_sections"
    _mirror(lake, corpus, made, pa.Table.from_pylist(rows, schema=COLUMNS), key="id")
    done = _indexed(lake, corpus, table=made, text=("heading", "text"), key="id")
    return Built(
        corpus=corpus, table=made, rows=done.rows, waiting=done.waiting, skipped=tuple(skipped)
    )  # fmt: skip


def from_sql(
    lake: Tables, corpus: Corpus, query: str, *, key: str, text: str | Sequence[str], table: str = ""
) -> Built:
    """A corpus out of the rows of a query, as they are now; again, it is brought up.

    Args:
        key: the column that identifies a row.
        table: that holds the rows; by default `<index>_rows`.

    Raises:
        Invalid: the query gives no rows, too many, or rows without a key.
        Conflict: the table holds something else.
    """
    result = lake.sql(query, limit=MOST_ROWS)
    if result.truncated:
        raise Invalid(f"the query gives more than {MOST_ROWS:,} rows", hint="make it a table, and index that")
    rows = result.to_arrow()
    if not len(rows):
        raise Invalid("the query gives no rows", hint="lakehouse sql shows what it gives")
    made = table or f"{corpus.index}_rows"
    _mirror(lake, corpus, made, rows, key=key)
    return _indexed(lake, corpus, table=made, text=text, key=key)


def side_by_side(jobs: Sequence[Job], *, threads: int = THREADS) -> tuple[Built | Failed, ...]:
    """What became of each build, in their order; one that fails stops no other."""
    with ThreadPoolExecutor(max(1, min(threads, len(jobs))), thread_name_prefix="build") as pool:
        return tuple(pool.map(_run, jobs))


def _run(job: Job) -> Built | Failed:
    try:
        return job.build()
    except LakehouseError as error:
        return Failed(corpus=job.corpus.name, error=error)


def _indexed(
    lake: Tables, corpus: Corpus, *, table: str, text: str | Sequence[str], key: str | None
) -> Built:
    info = lake.index.build(corpus.index, table=table, text=text, id=key)
    return Built(corpus=corpus, table=table, rows=info.rows, waiting=info.waiting)


def _mirror(lake: Tables, corpus: Corpus, table: str, rows: pa.Table, *, key: str) -> None:
    """Make a table hold these rows and no others."""
    if key not in rows.column_names:
        raise Invalid(
            f"there is no column {key[:60]!r}", hint=f"there are: {', '.join(rows.column_names)[:200]}"
        )
    tag = TAG.format(corpus.name)
    try:
        is_there, is_ours = True, tag in lake.show(table).card.tags
    except NotFound:
        is_there = is_ours = False
    if is_there and not is_ours:
        raise Conflict(
            f"the table {table} holds something else", hint="name another table for the corpus", table=table
        )
    lake.upsert(table, rows, key=key)
    if not is_ours:
        lake.describe(table, {"tags": [tag]})
        return
    quoted = key.replace('"', '""')
    held = lake.sql(f'SELECT "{quoted}" AS held FROM {table}', limit=MOST_ROWS).to_arrow()["held"]
    gone = held.filter(pc.invert(pc.is_in(held, value_set=rows[key].cast(held.type).combine_chunks())))
    if len(gone):
        lake.delete(table, keys=pa.table({key: gone}), key=key)


def _files(folder: Path) -> Iterator[Path]:
    """Readable files below a folder, in the order of their paths."""
    root = folder.resolve()
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(at) / name
            is_wanted = path.suffix.lower() in SUFFIXES and not name.startswith(".")
            if is_wanted and path.is_file() and path.resolve().is_relative_to(root):
                yield path
