from collections.abc import Sequence
from pathlib import Path

import duckdb

from lakehouse.base.duck import quote_name
from lakehouse.ingest.delimited import convert
from lakehouse.ingest.infer import infer
from lakehouse.ingest.shape import Conversion, Target
from lakehouse.ingest.write import Order


def load(folder: Path, data: bytes, strict: dict[str, str] | None = None) -> Conversion:
    """Inspect, infer and convert `data` in `folder`, as the worker does."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    source = folder / "source.csv"
    source.write_bytes(data)
    layout = convert.inspect(source)
    targets = [
        Target(
            source=n,
            name=name,
            type=(strict or {}).get(name) or infer(name, (row[n] for row in layout.rows)).type,
            on_misfit="coerce" if name in (strict or {}) else "widen",
        )
        for n, name in enumerate(layout.names)
    ]
    ids = "{" + ", ".join(f"{quote_name(t.name)}: {n}" for n, t in enumerate(targets, 1)) + "}"
    order = Order(targets=tuple(targets), field_ids=ids, out=folder)
    return convert.convert(source, layout.dialect, order, width=len(targets), progress=lambda _: None)


def rows(done: Conversion) -> Sequence[tuple[object, ...]]:
    if not done.files:
        return []
    with duckdb.connect() as con:
        return con.execute("FROM read_parquet(?)", [done.files[0].path]).fetchall()


def test_types_are_proposed_and_every_value_is_kept(tmp_path: Path) -> None:
    done = load(tmp_path, b"id,zip,pay,day,ok\n1,01234,10.50,2024-01-31,true\n2,99999,,2024-02-29,FALSE\n")
    assert done.types == ("BIGINT", "VARCHAR", "DOUBLE", "DATE", "BOOLEAN")
    assert (done.rows_read, done.rows_written, done.rejected) == (2, 2, 0)
    assert [r[1:3] for r in rows(done)] == [("01234", 10.5), ("99999", None)]
