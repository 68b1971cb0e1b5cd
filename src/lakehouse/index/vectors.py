"""[acts] The table of vectors behind an index: Iceberg like any other, so every engine reads it.

One row is one chunk of one source row. The table's properties keep what the index is and which of its
generations serves: moving that pointer is a commit of the catalog, so it happens wholly or not at all.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.table.update import SetPropertiesUpdate
from pyiceberg.types import ListType

from lakehouse.base.errors import Conflict, Corrupt, Invalid, NotFound
from lakehouse.index import definition as defined
from lakehouse.index.ann import Vectors
from lakehouse.index.definition import DEFINITION, POINTER, Definition, Pointer
from lakehouse.index.source import LIMITS, Sql, numbers
from lakehouse.query.engine import Version
from lakehouse.table import staged
from lakehouse.table.catalog import Catalog, Change
from lakehouse.table.heads import Head
from lakehouse.table.names import TableName
from lakehouse.table.schema import Column, new_schema
from lakehouse.table.writer import Batch, Writer, require_same

NAMESPACE: Final = "_vectors"
COLUMNS: Final = (
    Column(name="row_key", type="VARCHAR"),
    Column(name="chunk", type="INTEGER"),
    Column(name="start_char", type="INTEGER"),
    Column(name="end_char", type="INTEGER"),
    Column(name="text_hash", type="VARCHAR"),
    Column(name="model", type="VARCHAR"),
    Column(name="vector", type="FLOAT[]"),
)
ROWS: Final = ("row_key", "chunk", "start_char", "end_char", "text_hash")
"""What says which passage a vector is of."""

PASSAGES: Final = pa.schema(
    [(name, pa.int32() if name in {"chunk", "start_char", "end_char"} else pa.string()) for name in ROWS]
)

GROUP_BYTES: Final = 64 << 20
"""Of vectors in one row group; readers take groups side by side."""

MOVES: Final = 20
"""Tries to move a pointer while others commit to the same table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The vectors of one model at one snapshot."""

    rows: pa.Table
    """Of the schema `PASSAGES`, one for each vector."""

    vectors: Vectors
    snapshot_id: int | None
    table_uuid: str
    """Of their table: an index of the same name that was made later has another."""


class VectorTable:
    """The vectors of one index, and what its properties say."""

    def __init__(self, catalog: Catalog, writer: Writer, sql: Sql, *, name: str, staging: Path) -> None:
        self._catalog, self._writer, self._sql = catalog, writer, sql
        self._staging = staging
        self.name = TableName(NAMESPACE, name)

    def create(self, definition: Definition) -> None:
        """An empty table for a new index; where it is there already, it gets the new definition.

        Vectors stay as long as they are of the same passages.
        """
        properties = {DEFINITION: defined.write(definition)}
        self._catalog.pointers.create_namespace(NAMESPACE)
        try:
            made = self._catalog.stage_create(self.name, new_schema(COLUMNS), properties=properties)
            self._catalog.create(self.name, made)
        except Conflict:
            before = self.definition()
            if before.cutting == definition.cutting:
                kept = {"model": before.model, "dimension": before.dimension, "weight": before.weight}
                definition = replace(definition, **kept)  # type: ignore[arg-type]  # its own members
            else:
                self._writer.delete(self.name, "true")
                self.repoint(lambda _: Pointer())
            self.redefine(lambda _: definition)

    def head(self) -> Head:
        """The table's newest state.

        Raises:
            NotFound: there is no such index.
        """
        try:
            return self._catalog.head(self.name)
        except NotFound as error:
            known = [n.table for n in self._catalog.names() if n.namespace == NAMESPACE]
            hint = (
                f"there are: {', '.join(known)}" if known else "lakehouse index build NAME --table T --text C"
            )
            raise NotFound(f"there is no index {self.name.table!r}", hint=hint) from error

    def definition(self) -> Definition:
        """What the index is.

        Raises:
            NotFound: there is no such index.
            Corrupt: the table says nothing of an index.
        """
        return defined.read(self.head().metadata.properties.get(DEFINITION, ""))

    def redefine(self, change: Callable[[Definition], Definition]) -> Definition:
        """Replace the definition; nobody else's change in between is lost."""
        return defined.read(self._set(DEFINITION, lambda text: defined.write(change(defined.read(text)))))

    def pointer(self) -> Pointer:
        """Which generation serves."""
        return defined.read_pointer(self.head().metadata.properties.get(POINTER, ""))

    def repoint(self, change: Callable[[Pointer], Pointer]) -> Pointer:
        """Move the pointer in one atomic step; nobody else's move in between is lost."""
        said = self._set(POINTER, lambda text: defined.write_pointer(change(defined.read_pointer(text))))
        return defined.read_pointer(said)

    def add(self, rows: pa.Table, vectors: Vectors, *, model: str, base: Head) -> Head:
        """Add the vectors of these passages, in one commit; the table's state after it.

        Args:
            rows: of the schema `PASSAGES`.
            vectors: (n, d), unit length, in the same order.
            base: the state in which they were not there.

        Raises:
            Conflict: the table has another snapshot by now; nothing was added.
        """
        require_same(base, self.head())  # before anything is written for nothing
        path = self._staging / f"{uuid.uuid4()}.parquet"
        table = _table(rows, vectors, model, _arrow_schema(base))
        # Embeddings are noise to a compressor: zstd takes 8 % off them, and as long as writing them.
        pq.write_table(
            table, path, row_group_size=max(1, GROUP_BYTES // (4 * vectors.shape[1])),
            compression="none", use_dictionary=["text_hash", "model"], write_statistics=["model", *ROWS],
        )  # fmt: skip
        try:
            return self._writer.append(self.name, Batch(files=(path,), base=base, is_exact=True))
        finally:
            path.unlink(missing_ok=True)

    def remove(self, keys: pa.Array) -> None:
        """Let the vectors of these rows go, in one commit."""
        path = staged.stage(pa.table({"row_key": keys}), self._staging)
        try:
            self._writer.delete_keys(self.name, [path], key=("row_key",))
        finally:
            path.unlink(missing_ok=True)

    def remove_other_models(self, model: str) -> None:
        """Let every vector go that another model made."""
        said = model.replace("'", "''")
        self._writer.delete(self.name, f"model <> '{said}'")

    def known(self, *, model: str, at: Version = None) -> pa.Table:
        """The rows that have vectors of this model.

        Returns:
            `key`, `digest` ('' where they are of two texts), `is_doubled`: a passage stands more than once.
        """
        return self._sql.sql(
            "SELECT row_key AS key, CASE WHEN min(text_hash) = max(text_hash) THEN min(text_hash)"
            " ELSE '' END AS digest, count(*) > max(chunk) + 1 AS is_doubled"
            f" FROM {self.name.sql} WHERE model = $model GROUP BY row_key",
            {"model": model}, at=at, limits=LIMITS,
        ).to_arrow()  # fmt: skip

    def rows(self, *, model: str) -> tuple[pa.Table, int | None]:
        """The passages that have vectors of this model, and the snapshot that says so."""
        answer = self._sql.sql(
            f"SELECT {', '.join(ROWS)} FROM {self.name.sql} WHERE model = $model",
            {"model": model},
            limits=LIMITS,
        )
        return answer.to_arrow(), next(iter(answer.snapshots.values()), None)

    def read(self, *, model: str, keys: pa.Array | None = None, at: Version = None) -> Stored:
        """Vectors with their passages; with `keys`, of those rows only.

        Cost: the vectors are in memory twice while they are read.

        Raises:
            Corrupt: vectors of one model differ in length.
        """
        condition = " AND row_key IN (SELECT unnest($keys))" if keys is not None else ""
        table_uuid = str(self.head().metadata.table_uuid)
        params: dict[str, object] = {"model": model}
        if keys is not None:
            params["keys"] = keys.to_pylist()
        answer = self._sql.sql(
            f"SELECT {', '.join(ROWS)}, vector FROM {self.name.sql} WHERE model = $model{condition}",
            params, at=at, limits=LIMITS,
        )  # fmt: skip
        snapshot_id = next(iter(answer.snapshots.values()), None)
        rows: list[pa.RecordBatch] = []
        vectors: Vectors | None = None
        filled = 0
        for batch in answer:
            made = _matrix(batch.column("vector"))
            if vectors is None:
                vectors = np.empty((answer.row_count, made.shape[1]), np.float32)
            if made.shape[1] != vectors.shape[1]:
                raise _mixed()
            vectors[filled : filled + len(made)] = made
            filled += len(made)
            rows.append(batch.drop_columns(["vector"]))
        if vectors is None:
            rows, vectors = PASSAGES.empty_table().to_batches(), np.zeros((0, 0), np.float32)
        return Stored(
            rows=pa.Table.from_batches(rows, rows[0].schema if rows else PASSAGES),
            vectors=vectors,
            snapshot_id=snapshot_id,
            table_uuid=table_uuid,
        )

    def drop(self) -> None:
        """Forget the index; its vectors go like any dropped table's."""
        self.head()
        self._catalog.drop(self.name)

    def _set(self, key: str, change: Callable[[str], str]) -> str:
        for _ in range(MOVES):
            head = self.head()
            said = change(head.metadata.properties.get(key, ""))
            update = SetPropertiesUpdate(updates={key: said})
            wanted = Change(name=self.name, requirements=(), updates=(update,), only_on=head.location)
            try:
                self._catalog.commit((wanted,))
            except Conflict:
                continue
            return said
        raise Conflict(f"the index {self.name.table} is changing too fast", hint="try again")


def _mixed() -> Corrupt:
    return Corrupt(
        "vectors of one model differ in length", hint="lakehouse index build NAME … embeds the rows anew"
    )


def _matrix(lists: pa.Array) -> Vectors:
    """(n, d) out of a list array whose members have one length."""
    flat, n = numbers(lists), len(lists)
    dimension = len(flat) // n if n else 0
    offsets = lists.offsets.to_numpy()
    if n and (np.diff(offsets) != dimension).any():
        raise _mixed()
    return flat.reshape(n, dimension)


def _table(rows: pa.Table, vectors: Vectors, model: str, schema: pa.Schema) -> pa.Table:
    if len(rows) != len(vectors):
        raise Invalid("a vector is missing", hint="give one for each passage")
    n, dimension = vectors.shape
    plain = np.ascontiguousarray(vectors, np.float32)
    values = pa.Array.from_buffers(pa.float32(), plain.size, [None, pa.py_buffer(plain)])
    offsets = pa.Array.from_buffers(
        pa.int32(), n + 1, [None, pa.py_buffer(np.arange(n + 1, dtype=np.int32) * np.int32(dimension))]
    )
    lists = pa.ListArray.from_arrays(offsets, values, type=schema.field("vector").type)
    return pa.table([*rows.columns, pa.repeat(model, n), lists], schema=schema)


def _arrow_schema(head: Head) -> pa.Schema:
    """The table's columns in Arrow, with the field ids that Iceberg's readers go by."""
    kinds = {"VARCHAR": pa.string(), "INTEGER": pa.int32()}
    schema = head.metadata.schema()
    members = []
    for field in schema.fields:
        if isinstance(field.field_type, ListType):
            inner = _ided("element", pa.float32(), field.field_type.element_id)
            members.append(_ided("vector", pa.list_(inner), field.field_id))
        else:
            kind = next(kinds[c.type] for c in COLUMNS if c.name == field.name)
            members.append(_ided(field.name, kind, field.field_id))
    return pa.schema(members)


def _ided(name: str, kind: pa.DataType, field_id: int) -> pa.Field:
    return pa.field(name, kind, metadata={"PARQUET:field_id": str(field_id)})
