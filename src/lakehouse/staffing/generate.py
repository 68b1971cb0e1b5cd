"""[acts] The staffing company as tables: the seven of the reference, a roster of any size, the hidden truth.

The same scale and seed give the same bytes, whatever the machine and however the rows are chunked; only
`write` touches the world. Nothing outside this package needs it: staffing is a guest.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from lakehouse.base.errors import Invalid, Unavailable
from lakehouse.staffing import activity, registry
from lakehouse.staffing.columns import arrow_schema
from lakehouse.staffing.dice import Ints
from lakehouse.staffing.schema import CANDIDATES, TABLES, TableName, counts
from lakehouse.staffing.workforce import ARCHETYPES, draw
from lakehouse.staffing.world import World, build

Format = Literal["csv", "parquet"]

CHUNK_ROWS: Final = 16_384
"""Rows rendered at a time: 15 MB of resumes. It changes neither values nor their order."""
GROUP_CHUNKS: Final = 8
"""Chunks in one Parquet row group."""


def tables(*, scale: float = 1.0, seed: int = 1) -> Iterator[tuple[TableName, pa.RecordBatchReader]]:
    """The seven tables, each as a stream of batches, in an order in which references point backward.

    Scale 1 is 286,500 rows; `schema.INFLATED_SCALE` gives exactly 2,469,278.

    Raises:
        Invalid: `scale` is below 0.01.

    Cost: about 100 bytes of memory for each row, plus one chunk.
    """
    world = build(scale=scale, seed=seed)
    for table in TABLES:
        yield table.name, pa.RecordBatchReader.from_batches(arrow_schema(table), _batches(table.name, world))


def roster(size: int, *, seed: int = 1) -> pa.RecordBatchReader:
    """`size` candidates without a history, with the columns of the table `candidates`.

    Person n is the same in every roster and company of one seed, whatever its size.

    Raises:
        Invalid: `size` is negative.
    """
    if size < 0:
        raise Invalid(f"a roster cannot have {size} people", hint="use a size of 0 or more")
    batches = (_idle(rows, seed) for rows in _chunks(size))
    return pa.RecordBatchReader.from_batches(arrow_schema(CANDIDATES), batches)


def hidden(*, scale: float = 1.0, seed: int = 1) -> pa.Table:
    """What no table says: `candidate_id`, `reliability` (0.2 to 1) and `archetype` of every candidate.

    For evaluation only; it must never be ingested beside the tables.

    Raises:
        Invalid: `scale` is below 0.01.
    """
    people = draw(np.arange(counts(scale)["candidates"]), seed=seed)
    return pa.table(
        {
            "candidate_id": people.dice.rows + 1,
            "reliability": people.reliability,
            "archetype": pa.array(ARCHETYPES).take(pa.array(people.archetype)),
        }
    )


def write(
    folder: Path,
    *,
    scale: float = 1.0,
    seed: int = 1,
    format: Format = "csv",  # noqa: A002 - the word of the command line
) -> tuple[Path, ...]:
    """The paths of the seven tables, written into `folder` as `<table>.csv` or `<table>.parquet`.

    Files of these names are replaced. In CSV every text stands in quotes, numbers do not.

    Raises:
        Invalid: `scale` is below 0.01.
        Unavailable: the disk refused.
    """
    save = _write_csv if format == "csv" else _write_parquet
    paths = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, reader in tables(scale=scale, seed=seed):
            paths.append(folder / f"{name}.{format}")
            save(paths[-1], reader)
    except OSError as error:
        raise Unavailable(
            f"cannot write the tables: {error.strerror}",
            hint="choose a folder with free space",
            folder=str(folder),
        ) from error
    return tuple(paths)


def _write_csv(path: Path, reader: pa.RecordBatchReader) -> None:
    schema = _second_precision(reader.schema)
    with pa_csv.CSVWriter(path, schema) as writer:
        for chunk in reader:
            writer.write_batch(chunk.cast(schema))


def _second_precision(schema: pa.Schema) -> pa.Schema:
    # Six zeros after each moment would only make the files longer.
    moments = [i for i, field in enumerate(schema) if pa.types.is_timestamp(field.type)]
    for i in moments:
        schema = schema.set(i, schema.field(i).with_type(pa.timestamp("s")))
    return schema


def _write_parquet(path: Path, reader: pa.RecordBatchReader) -> None:
    with pq.ParquetWriter(path, reader.schema, compression="zstd") as writer:
        while group := list(islice(reader, GROUP_CHUNKS)):
            writer.write_table(pa.Table.from_batches(group))


def _chunks(size: int) -> Iterator[Ints]:
    for start in range(0, size, CHUNK_ROWS):
        yield np.arange(start, min(start + CHUNK_ROWS, size))


def _idle(rows: Ints, seed: int) -> pa.RecordBatch:
    busy_until, first_start = registry.idle(len(rows))
    return registry.candidates(draw(rows, seed=seed), busy_until=busy_until, first_start=first_start)


def _batches(name: TableName, world: World) -> Iterator[pa.RecordBatch]:
    return RENDERERS[name](world)


def _candidates(world: World) -> Iterator[pa.RecordBatch]:
    busy_until, first_start = activity.engagements(world)
    for rows in _chunks(len(busy_until)):
        yield registry.candidates(
            draw(rows, seed=world.seed), busy_until=busy_until[rows], first_start=first_start[rows]
        )


def _clients(world: World) -> Iterator[pa.RecordBatch]:
    yield registry.clients(world)


def _job_orders(world: World) -> Iterator[pa.RecordBatch]:
    yield registry.job_orders(world)


def _placements(world: World) -> Iterator[pa.RecordBatch]:
    yield activity.placements(world)


def _timesheets(world: World) -> Iterator[pa.RecordBatch]:
    for rows in _chunks(int(world.sheet_ends[-1])):
        yield activity.timesheets(world, rows)


def _calls(world: World) -> Iterator[pa.RecordBatch]:
    times = activity.contact_times(world.dice("call times", np.arange(len(world.calls))))
    for rows in _chunks(len(world.calls)):
        yield activity.calls(world, rows, times)


def _emails(world: World) -> Iterator[pa.RecordBatch]:
    times = activity.contact_times(world.dice("mail times", np.arange(world.emails)))
    for rows in _chunks(world.emails):
        yield activity.emails(world, rows, times)


RENDERERS: Final[dict[TableName, Callable[[World], Iterator[pa.RecordBatch]]]] = {
    "candidates": _candidates,
    "clients": _clients,
    "job_orders": _job_orders,
    "placements": _placements,
    "timesheets": _timesheets,
    "calls": _calls,
    "emails": _emails,
}
