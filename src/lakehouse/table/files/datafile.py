"""[acts] Data files: a Parquet or delete file on disk as the manifest entry that describes it.

The figures are PyIceberg's own (counts for every leaf column, bounds for those outside lists, maps and
structs); its code for them lives in a module whose import takes a second where pandas is installed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.conversions import to_bytes
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.schema import Schema
from pyiceberg.typedef import Record
from pyiceberg.types import (
    BinaryType,
    DecimalType,
    IcebergType,
    ListType,
    MapType,
    PrimitiveType,
    StringType,
    StructType,
)
from pyiceberg.utils.decimal import unscaled_to_decimal
from pyiceberg.utils.truncate import truncate_upper_bound_binary_string, truncate_upper_bound_text_string

from lakehouse.base.errors import Corrupt

PATH_ID, POSITION_ID = 2147483546, 2147483545
"""Reserved field ids of position delete files (Iceberg spec, "Reserved Field IDs")."""

DELETE_SCHEMA = pa.schema(
    [
        pa.field("file_path", pa.string(), nullable=False, metadata={"PARQUET:field_id": str(PATH_ID)}),
        pa.field("pos", pa.int64(), nullable=False, metadata={"PARQUET:field_id": str(POSITION_ID)}),
    ]
)

T = TypeVar("T")

Bound = Any
"""A value as PyArrow reads it from a footer: int, float, str, bytes, date, datetime, Decimal…"""

BOUND_LENGTH: Final = 16
"""Characters or bytes of a bound that are kept; the default of Iceberg's `write.metadata.metrics.default`."""


def data_file(path: Path, location: str, schema: Schema) -> DataFile:
    """The entry for rows in the Parquet file at `path`, which readers will find at `location`.

    Raises:
        Corrupt: the file is not Parquet, or has columns that are not the schema's.
    """
    try:
        footer = pq.read_metadata(path)
    except (pa.ArrowException, OSError) as error:
        raise Corrupt(
            "a data file is not readable Parquet", hint="ingest the source again", location=location
        ) from error
    leaves = {path: leaf for f in schema.fields for path, leaf in _leaves(f.name, f.field_id, f.field_type)}
    if strange := {footer.schema.column(n).path for n in range(footer.num_columns)} - set(leaves):
        raise Corrupt(
            f"a data file has {len(strange)} columns that its table lacks",
            hint="ingest the source again",
            location=location,
        )
    for group in map(footer.row_group, range(footer.num_row_groups)):
        for chunk in map(group.column, range(group.num_columns)):
            leaves[chunk.path_in_schema].add(chunk)
    found = [leaf for leaf in leaves.values() if leaf.groups]
    return DataFile.from_args(
        content=DataFileContent.DATA,
        file_path=location,
        file_format=FileFormat.PARQUET,
        partition=Record(),
        file_size_in_bytes=path.stat().st_size,
        sort_order_id=None,
        spec_id=0,
        equality_ids=None,
        key_metadata=None,
        record_count=footer.num_rows,
        column_sizes={c.field_id: c.size for c in found},
        value_counts={c.field_id: c.values for c in found},
        null_value_counts=_present({c.field_id: c.nulls for c in found}),
        nan_value_counts={},
        lower_bounds=_present({c.field_id: c.lower() for c in found}),
        upper_bounds=_present({c.field_id: c.upper() for c in found}),
        split_offsets=sorted(_start(footer.row_group(n).column(0)) for n in range(footer.num_row_groups)),
    )


def delete_file(path: Path, location: str) -> DataFile:
    """The entry for a position delete file at `path`, which readers will find at `location`."""
    return DataFile.from_args(
        content=DataFileContent.POSITION_DELETES,
        file_path=location,
        file_format=FileFormat.PARQUET,
        partition=Record(),
        record_count=pq.read_metadata(path).num_rows,
        file_size_in_bytes=path.stat().st_size,
        spec_id=0,
    )


@dataclass(slots=True, kw_only=True)
class _Leaf:
    """One Parquet column, and what its row groups add up to."""

    field_id: int
    kind: PrimitiveType
    has_bounds: bool
    """Not inside a list, map or struct; False too once a row group with values did not say."""

    groups: int = 0
    size: int = 0
    values: int = 0
    nulls: int | None = 0
    """None once a row group did not say."""

    bounds: list[tuple[Bound, Bound]] = field(default_factory=list)
    """Least and greatest of each row group that holds a value."""

    def add(self, chunk: pq.ColumnChunkMetaData) -> None:
        """Take up one row group."""
        said = chunk.statistics if chunk.is_stats_set else None
        nulls = said.null_count if said is not None and said.has_null_count else None
        self.groups += 1
        self.size += chunk.total_compressed_size
        self.values += chunk.num_values
        self.nulls = None if self.nulls is None or nulls is None else self.nulls + nulls
        if self.has_bounds and nulls != chunk.num_values:
            pair = _bounds(said, self.kind) if said is not None and said.has_min_max else None
            self.has_bounds = pair is not None
            self.bounds += [pair] if pair else []

    def lower(self) -> bytes | None:
        """A value that no row is below."""
        if not (self.has_bounds and self.bounds):
            return None
        least = min(low for low, _ in self.bounds)
        if isinstance(self.kind, StringType | BinaryType):
            least = least[:BOUND_LENGTH]
        return to_bytes(self.kind, least)

    def upper(self) -> bytes | None:
        """A value that no row is above."""
        if not (self.has_bounds and self.bounds):
            return None
        greatest = max(high for _, high in self.bounds)
        if isinstance(self.kind, StringType):
            greatest = truncate_upper_bound_text_string(greatest, BOUND_LENGTH)
        elif isinstance(self.kind, BinaryType):
            greatest = truncate_upper_bound_binary_string(greatest, BOUND_LENGTH)
        return None if greatest is None else to_bytes(self.kind, greatest)


def _leaves(path: str, field_id: int, kind: IcebergType, depth: int = 0) -> Iterator[tuple[str, _Leaf]]:
    """Every column that Parquet has for one field, by its path there."""
    match kind:
        case StructType():
            for f in kind.fields:
                yield from _leaves(f"{path}.{f.name}", f.field_id, f.field_type, depth + 1)
        case ListType():
            yield from _leaves(f"{path}.list.element", kind.element_id, kind.element_type, depth + 1)
        case MapType():
            yield from _leaves(f"{path}.key_value.key", kind.key_id, kind.key_type, depth + 1)
            yield from _leaves(f"{path}.key_value.value", kind.value_id, kind.value_type, depth + 1)
        case PrimitiveType():
            yield path, _Leaf(field_id=field_id, kind=kind, has_bounds=depth == 0)


def _bounds(said: pq.Statistics, kind: IcebergType) -> tuple[Bound, Bound] | None:
    """Least and greatest value; None where PyArrow cannot say."""
    try:
        if isinstance(kind, DecimalType) and said.physical_type != "FIXED_LEN_BYTE_ARRAY":
            return unscaled_to_decimal(said.min_raw, kind.scale), unscaled_to_decimal(
                said.max_raw, kind.scale
            )
        return said.min, said.max
    except pa.ArrowNotImplementedError:
        return None
    except OverflowError:
        return None  # a date beyond the year 9999, or infinity, which Python has no value for


def _present(known: Mapping[int, T | None]) -> dict[int, T]:
    return {field_id: value for field_id, value in known.items() if value is not None}


def _start(chunk: pq.ColumnChunkMetaData) -> int:
    """Where a row group's first column begins in the file."""
    has_dictionary = chunk.has_dictionary_page and chunk.dictionary_page_offset < chunk.data_page_offset
    return int(chunk.dictionary_page_offset if has_dictionary else chunk.data_page_offset)
