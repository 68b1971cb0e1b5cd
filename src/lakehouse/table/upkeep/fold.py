"""[acts] Folding: the statements that write several files' live rows into one, and their deletes into one."""

import uuid
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq
from pyiceberg.manifest import DataFile, ManifestEntry

from lakehouse.base.duck import quote_text
from lakehouse.table.catalog import Catalog
from lakehouse.table.files.datafile import PATH_ID, POSITION_ID, delete_file
from lakehouse.table.heads import Head
from lakehouse.table.manifests import Live
from lakehouse.table.names import quoted
from lakehouse.table.schema import Column, columns_of, field_ids
from lakehouse.table.writer import adopt

PATH, ROW = "_lakehouse_path", "file_row_number"


class Folding:
    """One fold of one snapshot's files: first the statements, then, once they ran, the new entries."""

    def __init__(self, catalog: Catalog, head: Head, staging: Path, files: Live) -> None:
        self._catalog, self._head, self._files = catalog, head, files
        stem = uuid.uuid4()
        self._rows, self._deletes = staging / f"{stem}.parquet", staging / f"{stem}-deletes.parquet"

    def statements(self, chosen: Sequence[ManifestEntry], kept: Sequence[ManifestEntry]) -> list[str]:
        """The SQL that writes the chosen files' live rows, and what stays deleted in the kept ones."""
        return [*self._copy_rows(_paths(chosen)), *self._copy_deletes(_paths(kept))]

    def adopt(self) -> tuple[tuple[DataFile, ...], tuple[DataFile, ...]]:
        """Data and delete entries for what the statements wrote; a file without rows is dropped."""
        schema = self._head.metadata.schema()
        data = tuple(adopt(self._catalog, self._head, p, schema) for p in (self._rows,) if _has_rows(p))
        return data, tuple(self._adopt_deletes(p) for p in (self._deletes,) if _has_rows(p))

    def _copy_rows(self, paths: list[str]) -> list[str]:
        if not paths:
            return []
        schema = self._head.metadata.schema()
        columns = columns_of(schema)
        fields = ", ".join(
            f"{c.field_id}: {{name: '{_neutral(c)}', type: {quote_text(c.type)}, default_value: NULL}}"
            for c in columns
        )
        source = (
            f"read_parquet({_list(paths)}, schema = MAP {{{fields}}}, filename = '{PATH}', {ROW} = true) AS r"
        )
        deletes = _paths(self._files.deletes)
        alive = (
            f" WHERE NOT EXISTS (FROM read_parquet({_list(deletes)}) AS d "
            f"WHERE d.file_path = r.{PATH} AND d.pos = r.{ROW})"
            if deletes
            else ""
        )
        names = ", ".join(f"r.{_neutral(c)} AS {quoted(c.name)}" for c in columns)
        target = f"{quote_text(str(self._rows))} (FORMAT parquet, FIELD_IDS {field_ids(schema)})"
        return [f"COPY (SELECT {names} FROM {source}{alive}) TO {target}"]

    def _copy_deletes(self, kept: list[str]) -> list[str]:
        deletes = _paths(self._files.deletes)
        if not deletes or not kept:
            return []
        query = (
            f"SELECT DISTINCT file_path, pos FROM read_parquet({_list(deletes)}) "
            f"WHERE file_path IN ({', '.join(map(quote_text, kept))}) ORDER BY file_path, pos"
        )
        ids = f"{{file_path: {PATH_ID}, pos: {POSITION_ID}}}"
        return [f"COPY ({query}) TO {quote_text(str(self._deletes))} (FORMAT parquet, FIELD_IDS {ids})"]

    def _adopt_deletes(self, path: Path) -> DataFile:
        location = f"{self._head.metadata.location}/data/{path.name}"
        entry = delete_file(path, location)
        if location.startswith("/"):
            path.rename(location)
        else:
            self._catalog.io.store.put(self._catalog.io.key(location), path.read_bytes())
            path.unlink()
        return entry


def deleted_rows(catalog: Catalog, deletes: Sequence[ManifestEntry]) -> Counter[str]:
    """How many rows of each data file are deleted.

    Cost: reads those delete files that touch several data files.
    """
    counts: Counter[str] = Counter()
    for entry in deletes:
        if only := _only_path(entry.data_file):
            counts[only] += entry.data_file.record_count
            continue
        with catalog.io.new_input(entry.data_file.file_path).open() as stream:
            paths = pq.read_table(stream, columns=["file_path"])["file_path"]
        for item in paths.value_counts().to_pylist():
            counts[str(item["values"])] += int(item["counts"])
    return counts


def _neutral(column: Column) -> str:
    """What a column is called while it is read: its own name may be one that DuckDB adds, such as ROW."""
    return f"column_{column.field_id}"


def _only_path(deletes: DataFile) -> str:
    """The one data file that a delete file touches, by its bounds; empty if they differ or are absent."""
    lowest, highest = deletes.lower_bounds or {}, deletes.upper_bounds or {}
    is_one = len(lowest) == 1 and lowest == highest
    return next(iter(lowest.values())).decode(errors="replace") if is_one else ""


def _has_rows(path: Path) -> bool:
    if not path.exists():
        return False
    if pq.read_metadata(path).num_rows:
        return True
    path.unlink()
    return False


def _paths(entries: Sequence[ManifestEntry]) -> list[str]:
    return [e.data_file.file_path for e in entries]


def _list(paths: Sequence[str]) -> str:
    return f"[{', '.join(map(quote_text, paths))}]"
