"""[acts] Loads bytes as the worker does, in this process; what the tests of this folder share."""

from collections.abc import Mapping
from pathlib import Path

import duckdb
import orjson

from lakehouse.ingest import worker
from lakehouse.ingest.shape import Conversion, Inspection, OnMisfit, Target
from lakehouse.ingest.write import Order
from lakehouse.table.schema import Column, field_ids, new_schema


def inspect(folder: Path, data: bytes, *, name: str = "source.csv") -> Inspection:
    """Write `data` into an emptied `folder` and inspect it."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    source = folder / name
    source.write_bytes(data)
    return worker.inspect(source, name=name, scratch=folder)


def load(
    folder: Path,
    data: bytes,
    *,
    name: str = "source.csv",
    types: Mapping[str, str] | None = None,
    on_misfit: OnMisfit = "coerce",
) -> Conversion:
    """Inspect and convert `data`; columns in `types` get that type, the others what the file proposes."""
    found, asked = inspect(folder, data, name=name), types or {}
    targets = tuple(
        Target(
            source=n,
            path=c.path,
            name=c.name,
            type=asked.get(c.name, c.type),
            on_misfit=on_misfit if c.name in asked else "widen",
        )
        for n, c in enumerate(found.columns)
    )
    ids = field_ids(new_schema(Column(name=t.name, type=t.type) for t in targets))
    return worker.convert(folder / name, found, Order(targets=targets, field_ids=ids, out=folder))


def rows(done: Conversion) -> list[tuple[object, ...]]:
    """The rows that were staged, in order."""
    if not done.files:
        return []
    with duckdb.connect() as con:
        return con.execute("FROM read_parquet(?)", [done.files[0].path]).fetchall()


def rejects(done: Conversion) -> list[tuple[int, str, str]]:
    """Line, reason and raw text of every reject."""
    if not done.rejects_path:
        return []
    listed = [orjson.loads(line) for line in Path(done.rejects_path).read_bytes().splitlines()]
    return [(r["line"], r["reason"], r["raw"]) for r in listed]
