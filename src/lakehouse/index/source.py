"""[acts] The rows behind an index, read by SQL from one snapshot: fingerprints, texts, vectors, filters."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

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
class Unusable:
    """Rows whose ready vector is none, by the reason."""

    misfit: int = 0
    """Of another dimension."""

    infinite: int = 0
    """With NaN, infinity or null among the numbers."""

    empty: int = 0
    """All zeros: without a direction."""

    @property
    def count(self) -> int:
        """All of them."""
        return self.misfit + self.infinite + self.empty

    def __add__(self, other: "Unusable") -> "Unusable":
        return Unusable(self.misfit + other.misfit, self.infinite + other.infinite, self.empty + other.empty)

    def why(self, dimension: int) -> str:
        """The reasons in words; empty where there is none."""
        reasons = (
            (self.misfit, f"not of {dimension} dimensions"),
            (self.infinite, "not all finite"),
            (self.empty, "all zeros"),
        )
        return ", ".join(f"{count:,} {reason}" for count, reason in reasons if count)


@dataclass(frozen=True, slots=True)
class Ready:
    """Ready vectors out of a column."""

    keys: pa.Array
    vectors: Vectors
    """(n, d), unit length, one for each key; rows that were no vectors are left out."""

    refused: Unusable


LOOKED_AT: Final = 100
"""Ready vectors by which the dimension of all is told: one alone may be a broken one."""


class Source:
    """One table as an index reads it."""

    def __init__(self, sql: Sql, definition: Definition, columns: Sequence[Column]) -> None:
        """Args: `columns` of the table, to compile the text from.

        Raises:
            Invalid: a column is not there, or is no text or no vector.
        """
        self._sql = sql
        self.definition = definition
        self.columns = tuple(columns)
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
        self._vectors = (
            f"SELECT key, CAST(vector AS FLOAT[]) AS vector FROM {self._rows}"
            " WHERE key IS NOT NULL AND vector IS NOT NULL"
        )

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

    def dimension(self, *, at: Version = None) -> int:
        """Members that most of the first ready vectors have, by no order; 0: there is none.

        Raises:
            Invalid: they have none, or the column's values are no vectors.
        """
        some = f"SELECT len(vector) AS members FROM ({self._vectors} LIMIT {LOOKED_AT})"
        ranked = f"SELECT members FROM ({some}) GROUP BY members ORDER BY count(*) DESC, members DESC LIMIT 1"
        found = self._sql.sql(ranked, at=at, limits=LIMITS).to_arrow()["members"].to_pylist()
        if not found:
            return 0
        if not found[0]:
            raise Invalid("a vector has no members", hint="name a column of vectors of one length")
        return int(found[0])

    def vectors(self, keys: pa.Array | None, *, dimension: int, at: Version = None) -> Ready:
        """The ready vectors of these rows, or of all, brought to unit length.

        Args:
            dimension: that they must have.

        Cost: they are in memory twice while they are read.
        """
        params: dict[str, object] = {} if keys is None else {"keys": keys.to_pylist()}
        condition = "" if keys is None else " AND key IN (SELECT unnest($keys))"
        return _ready(self._sql.sql(self._vectors + condition, params, at=at, limits=LIMITS), dimension)

    def allowed(self, where: str, *, at: Version = None) -> pa.Array:
        """Keys of the rows for which a condition from outside holds.

        Raises:
            Invalid, Refused: it is more than a condition on this table's columns.
        """
        probes = predicate.probes(self.name.sql, where)
        statement = (
            f"SELECT CAST({self._id} AS VARCHAR) AS key FROM {self.name.sql}"
            f" WHERE {self._id} IS NOT NULL AND ({where}\n)"
        )
        try:
            for probe in probes:
                found = self._sql.check(probe)
                tables, values = len(found.references), len(found.parameters)
                predicate.judge(found.tree, references=tables, parameters=values)
            keys = self._sql.sql(statement, at=at, limits=LIMITS).to_arrow()["key"]
        except Invalid as error:
            raise self._misfit(error) from error
        return keys.combine_chunks() if keys.num_chunks != 1 else keys.chunk(0)

    def _misfit(self, error: Invalid) -> Invalid:
        """What is wrong with a condition, and for which table; a place in our statement helps nobody."""
        context = error.context
        place = f" at line {context.get('line')}, column {context.get('column')}"
        message = f"the condition does not fit {self.name}: {error.message.removesuffix(place)}"
        return Invalid(message, hint=error.hint.replace("TABLE", str(self.name)), table=str(self.name))

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


def numbers(lists: pa.ListArray) -> NDArray[np.float32]:
    """The members of all lists, one after the other; NaN for null."""
    flat = lists.flatten()
    found: NDArray[np.float32] = (flat.fill_null(float("nan")) if flat.null_count else flat).to_numpy()
    return found


def _ready(answer: Result, dimension: int) -> Ready:
    keys: list[pa.Array] = []
    unit: Vectors = np.empty((answer.row_count, dimension), np.float32)
    filled, refused = 0, Unusable()
    for batch in answer:
        fits = pc.equal(pc.list_value_length(batch.column("vector")), dimension)
        fitting = batch if pc.all(fits).as_py() else batch.filter(fits)
        found, given, norms, left = _sound(fitting, dimension)
        refused += replace(left, misfit=len(batch) - len(fitting))
        np.divide(given, norms[:, None], out=unit[filled : filled + len(given)], casting="same_kind")
        filled += len(given)
        keys.append(found)
    found = pa.concat_arrays(keys) if keys else pa.nulls(0, pa.string())
    return Ready(found, unit[:filled], refused)


def _sound(batch: pa.RecordBatch, dimension: int) -> tuple[pa.Array, Vectors, NDArray[np.floating], Unusable]:
    """Keys, vectors and their lengths, of the rows that have a direction; and what was left out."""
    keys, given = batch.column("key"), numbers(batch.column("vector")).reshape(-1, dimension)
    norms: NDArray[np.floating] = np.sqrt(np.einsum("ij,ij->i", given, given))
    # Squares of small numbers vanish in single precision, those of large ones overflow.
    rare = np.flatnonzero(~((norms > SMALL) & np.isfinite(norms)))
    if len(rare):
        norms = norms.astype(np.float64)
        norms[rare] = np.linalg.norm(given[rare].astype(np.float64), axis=1)
    sound = np.isfinite(norms) & (norms > 0)
    if sound.all():
        return keys, given, norms, Unusable()
    kept = np.flatnonzero(sound)
    left = Unusable(infinite=int(np.count_nonzero(~np.isfinite(norms))), empty=int((norms == 0).sum()))
    return keys.take(pa.array(kept)), given[kept], norms[kept], left
