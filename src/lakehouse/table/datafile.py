"""[acts] Data files: a Parquet or delete file on disk as the manifest entry that describes it."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.io.pyarrow import (
    compute_statistics_plan,
    data_file_statistics_from_parquet_metadata,
    parquet_path_to_id_mapping,
)
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.schema import Schema
from pyiceberg.typedef import Record

from lakehouse.base.errors import Corrupt

PATH_ID, POSITION_ID = 2147483546, 2147483545
"""Reserved field ids of position delete files (Iceberg spec, "Reserved Field IDs")."""

DELETE_SCHEMA = pa.schema(
    [
        pa.field("file_path", pa.string(), nullable=False, metadata={"PARQUET:field_id": str(PATH_ID)}),
        pa.field("pos", pa.int64(), nullable=False, metadata={"PARQUET:field_id": str(POSITION_ID)}),
    ]
)


def data_file(path: Path, location: str, schema: Schema) -> DataFile:
    """The entry for rows in the Parquet file at `path`, which readers will find at `location`.

    Raises:
        Corrupt: the file is not Parquet, or carries field ids that are not the schema's.
    """
    try:
        footer = pq.read_metadata(path)
    except (pa.ArrowException, OSError) as error:
        raise Corrupt(
            "a data file is not readable Parquet", hint="ingest the source again", location=location
        ) from error
    statistics = data_file_statistics_from_parquet_metadata(
        parquet_metadata=footer,
        stats_columns=compute_statistics_plan(schema, {}),
        parquet_column_mapping=parquet_path_to_id_mapping(schema),
    )
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
        **statistics.to_serialized_dict(),
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
