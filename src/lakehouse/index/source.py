"""[acts] The rows behind an index, read by SQL from one snapshot: fingerprints, texts, vectors, filters."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lakehouse.base.errors import Invalid, NotFound, Refused
from lakehouse.index import template
from lakehouse.index.allowed import Slots, as_slots
from lakehouse.index.ann import Vectors
from lakehouse.index.changes import Rows, require_unique
from lakehouse.index.definition import Definition
from lakehouse.query import predicate
from lakehouse.query.engine import Limits, Params, Version
from lakehouse.query.guard import Checked
from lakehouse.query.relation import SLOT, in_key_order
from lakehouse.query.result import Result
from lakehouse.table import names
from lakehouse.table.schema import Column

LIMITS: Final = Limits(rows=200_000_000, bytes=8 << 30, timeout_s=900.0)
"""Of our own reads: a person's limits would cut the corpus short."""

HELD_TYPES: Final = re.compile(
    r"(BOOLEAN|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\)|DATE|TIME.*|UUID|VARCHAR)"
)
"""Types of columns that are held for conditions: one short value in each row."""

DIGEST: Final = 32
"""Hex digits of SHA-256 that tell two texts of one row apart."""


SMALL: Final = 1e-15
"""Lengths below are computed in double precision."""


class Sql(Protocol):
    """What an index asks of a query session."""

    def sql(
        self, text: str, params: Params = None, *, at: Version = None, limits: Limits | None = None
    ) -> Result:
        """The rows of one SELECT."""
        ...

    def check(self, text: str) -> Checked:
        """Judge a statement without running it."""
        ...

    def slots(
        self,
        table: str,
        condition: str,
        *,
        key: str,
        columns: Collection[str],
        at: Version = None,
        limits: Limits | None = None,
    ) -> Result | None:
        """The rows that a condition leaves, by their place in the order of keys."""
        ...


@dataclass(frozen=True, slots=True)
class Ready:
    """Ready vectors out of a column."""

    keys: tuple[str, ...]
    vectors: Vectors
    """(n, d), unit length; rows that were no vectors are left out."""

    refused: int
    """Rows with another dimension, with NaN or infinity, or without a length."""


class Source:
    """One table as an index reads it."""

    def __init__(self, sql: Sql, definition: Definition, columns: Sequence[Column]) -> None:
        """Args: `columns` of the table, to compile the text from.

        Raises:
            Invalid: a column is not there, or is no text or no vector.
        """
        self._sql = sql
        self.definition = definition
        self.name = names.parse(definition.table)
        self._key = _known(columns, definition.id)
        self._id = names.quoted(self._key)
        made = template.compile(definition.text, columns) if definition.text else None
        text = made.sql if made else "''"
        long = {definition.vector, *(made.columns if made else ())} - {self._key}
        self._held = [c.name for c in columns if c.name not in long and HELD_TYPES.fullmatch(c.type)]
        vector = names.quoted(_known(columns, definition.vector)) if definition.vector else ""
        parts = [f"CAST({self._id} AS VARCHAR) AS key", f"{text} AS text"]
        parts += [f"{vector} AS vector"] if vector else []
        self._rows = f"(SELECT {', '.join(parts)} FROM {self.name.sql})"

    def rows(self, *, at: Version = None) -> Rows:
        """Every row's key and fingerprint.

        Raises:
            Invalid: two rows have the same id.

        Cost: 0.66 s for 100,000 texts of 700 bytes, two cores.
        """
        if self.definition.vector:
            said = "concat(text, CAST(hash(vector) AS VARCHAR))"
            is_blank = "vector IS NULL"
        else:
            said, is_blank = "text", "trim(text) = ''"
        digest = f"CASE WHEN {is_blank} THEN NULL ELSE left(sha256({said}), {DIGEST}) END"
        answer = self._sql.sql(
            f"SELECT key, {digest} AS digest, strlen(text) AS bytes FROM {self._rows}", at=at, limits=LIMITS
        )
        table = answer.to_arrow()
        full = table.filter(pc.is_valid(table["key"]))
        require_unique(full["key"], column=self.definition.id, table=str(self.name))
        kept = full.filter(pc.is_valid(full["digest"]))
        return Rows(
            table=kept,
            snapshot_id=next(iter(answer.snapshots.values()), None),
            keyless=len(table) - len(full),
            blank=len(full) - len(kept),
        )

    def texts(self, keys: pa.Array, *, at: Version = None) -> dict[str, str]:
        """The text of these rows."""
        wanted = {"keys": keys.to_pylist()}
        found = self._sql.sql(
            f"SELECT key, text FROM {self._rows} WHERE key IN (SELECT unnest($keys))",
            wanted, at=at, limits=LIMITS,
        ).to_arrow()  # fmt: skip
        return dict(zip(found["key"].to_pylist(), found["text"].to_pylist(), strict=True))

    def vectors(self, keys: pa.Array, *, dimension: int = 0, at: Version = None) -> Ready:
        """The ready vectors of these rows, brought to unit length.

        Args:
            dimension: that they must have; 0: that of the first.
        """
        wanted = {"keys": keys.to_pylist()}
        found = self._sql.sql(
            f"SELECT key, CAST(vector AS FLOAT[]) AS vector FROM {self._rows}"
            " WHERE key IN (SELECT unnest($keys)) AND vector IS NOT NULL",
            wanted, at=at, limits=LIMITS,
        ).to_arrow()  # fmt: skip
        return _ready(found, dimension)

    def allowed(self, where: str, *, at: Version = None) -> pa.Array:
        """Keys of the rows for which a condition from outside holds.

        Raises:
            Invalid, Refused: it is more than a condition on this table's columns.
        """
        for statement in predicate.probes(self.name.sql, where):
            found = self._sql.check(statement)
            tables, values = len(found.references), len(found.parameters)
            predicate.judge(found.tree, references=tables, parameters=values)
        statement = (
            f"SELECT CAST({self._id} AS VARCHAR) AS key FROM {self.name.sql}"
            f" WHERE {self._id} IS NOT NULL AND ({where}\n)"
        )
        keys = self._sql.sql(statement, at=at, limits=LIMITS).to_arrow()["key"]
        return keys.combine_chunks() if keys.num_chunks != 1 else keys.chunk(0)

    def keys(self, *, at: Version = None) -> pa.Array:
        """Every row's key, in their order: that of `slots`.

        Cost: 20 ms for 100,000 rows.
        """
        statement = (
            f"SELECT CAST({self._id} AS VARCHAR) AS key FROM {self.name.sql} WHERE {self._id} IS NOT NULL"
            f" {in_key_order(self._key)}"
        )
        return self._sql.sql(statement, at=at, limits=LIMITS).to_arrow()["key"].combine_chunks()

    def slots(self, where: str, *, at: Version = None) -> Slots | None:
        """The rows for which a condition from outside holds, as places in `keys`; quick from the second on.

        Returns:
            None where only `allowed` can say: the condition reads more than short values, or fails.

        Cost: 2 ms for 100,000 rows; 40 ms more for the first condition on some columns of a snapshot.
        """
        if ";" in where or "window" in where.casefold():
            return None  # may stand bare, but not in brackets; both ways are to take the same conditions
        try:
            found = self._sql.slots(
                self.name.sql, where, key=self._key, columns=self._held, at=at, limits=LIMITS
            )
        except (Invalid, Refused):
            return None  # `allowed` says it in words that fit, or finds rows where this order of work failed
        if found is None:
            return None
        column = found.to_arrow()[SLOT]
        return as_slots(column.chunk(0) if column.num_chunks == 1 else column.combine_chunks())


def _known(columns: Sequence[Column], wanted: str) -> str:
    for column in columns:
        if column.name.casefold() == wanted.casefold():
            return column.name
    hint = f"there are: {', '.join(c.name for c in columns)[:200]}"
    raise NotFound(f"there is no column {wanted[:60]!r}", hint=hint)


def _ready(found: pa.Table, dimension: int) -> Ready:
    lists = found["vector"].combine_chunks()
    lengths = pc.list_value_length(lists).to_numpy(zero_copy_only=False)
    if not len(lengths):
        return Ready((), np.zeros((0, dimension), np.float32), 0)
    wanted = dimension or int(lengths[0])
    if not wanted:
        raise Invalid("a vector has no members", hint="name a column of vectors of one length")
    fits = lengths == wanted
    fitting = found if fits.all() else found.filter(pa.array(fits))
    flat = fitting["vector"].combine_chunks().flatten()
    filled = flat.fill_null(float("nan")) if flat.null_count else flat
    given: Vectors = filled.to_numpy(zero_copy_only=False).reshape(-1, wanted)
    norms = np.sqrt(np.einsum("ij,ij->i", given, given))
    tiny = ~(
        norms > SMALL
    )  # squares of small numbers vanish in single precision, those of large ones overflow
    if tiny.any() or not np.isfinite(norms).all():
        rare = np.flatnonzero(tiny | ~np.isfinite(norms))
        norms = norms.astype(np.float64)
        norms[rare] = np.linalg.norm(given[rare].astype(np.float64), axis=1)
    sound = np.isfinite(norms) & (norms > 0)
    keys = fitting["key"].to_pylist()
    if sound.all():
        unit: Vectors = np.divide(given, norms[:, None], dtype=np.float32)
        return Ready(tuple(keys), unit, len(lengths) - len(keys))
    kept = np.flatnonzero(sound)
    unit = (given[kept] / norms[kept, None]).astype(np.float32)
    return Ready(tuple(keys[i] for i in kept), unit, len(lengths) - len(kept))
