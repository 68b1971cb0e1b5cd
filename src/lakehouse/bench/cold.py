"""[acts] Queries through the Python API, against the same SQL over read_parquet in bare DuckDB."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lakehouse.assembly import open_lake
from lakehouse.base.duck import quote_text
from lakehouse.bench.ground import Ground
from lakehouse.bench.ingest import ingest
from lakehouse.bench.outcome import Outcome
from lakehouse.bench.race import race, timed
from lakehouse.bench.targets import COLD_QUERY
from lakehouse.lake.facade import Lakehouse

if TYPE_CHECKING:
    import duckdb

NAME: Final = "cold"
ROUNDS: Final = 4
"""Rounds for each sample of the run: queries take milliseconds."""

QUERIES: Final[Mapping[str, str]] = {
    "point lookup": "SELECT * FROM wide WHERE id = 1234",
    "aggregate": "SELECT count(*), sum(amount), avg(amount), min(day), max(day) FROM wide",
    "filter and group": "SELECT city, count(*), sum(amount) FROM wide WHERE active GROUP BY 1 ORDER BY 2",
    "top 20": "SELECT id, name, amount FROM wide WHERE grade < 50 ORDER BY amount DESC, id LIMIT 20",
    "1,000 rows of text": "SELECT * FROM wide WHERE name LIKE 'Person 12%' ORDER BY id LIMIT 1000",
}


def measure(ground: Ground) -> Iterator[Outcome]:
    """Each query in turn; `wide` is a view of our very files for the peer."""
    root = ground.fresh("cold") / "lake"
    with open_lake(root) as lake, ground.peer() as con:
        ingest(lake, [ground.wide])
        con.execute(f"CREATE VIEW wide AS FROM read_parquet({_files(root)})")
        for what, sql in QUERIES.items():
            ours, peer = race(
                partial(_ours, lake, sql),
                partial(_peer, con, sql),
                samples=ground.sizes.samples * ROUNDS,
                warm_ups=2,
            )
            yield Outcome(
                measure=NAME,
                what=f"{what}, {ground.sizes.rows:,} rows",
                target=COLD_QUERY,
                ours=ours,
                peer_name="DuckDB read_parquet",
                peer=peer,
                note="not pinned; files are in the system's page cache; both return an Arrow table",
            )


def _files(root: Path) -> str:
    found = sorted((root / "warehouse").rglob("data/*.parquet"))
    return "[" + ", ".join(quote_text(str(path)) for path in found) + "]"


def _ours(lake: Lakehouse, sql: str) -> float:
    return timed(lambda: lake.sql(sql).to_arrow())


def _peer(con: "duckdb.DuckDBPyConnection", sql: str) -> float:
    return timed(lambda: con.execute(sql).to_arrow_table())
