"""[acts] The four staffing queries over pinned tables, beside bare DuckDB over its own tables in memory."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Final

from lakehouse.assembly import open_lake
from lakehouse.base.duck import quote_name, quote_text
from lakehouse.bench.ground import Ground
from lakehouse.bench.ingest import ingest
from lakehouse.bench.outcome import Outcome
from lakehouse.bench.race import race, timed
from lakehouse.bench.targets import PINNED_QUERY
from lakehouse.lake.facade import Lakehouse
from lakehouse.staffing.queries import QUERIES, Query

if TYPE_CHECKING:
    import duckdb

NAME: Final = "pinned"
ROUNDS: Final = 4


def measure(ground: Ground) -> Iterator[Outcome]:
    """Each of the four, all seven tables pinned."""
    with open_lake(ground.fresh("pinned") / "lake") as lake, ground.peer() as con:
        ingest(lake, ground.staffing)
        for file in ground.staffing:
            lake.pin(file.stem)
            con.execute(f"CREATE TABLE {quote_name(file.stem)} AS FROM read_csv({quote_text(str(file))})")
        for query in QUERIES:
            ours, peer = race(
                partial(_ours, lake, query),
                partial(_peer, con, query),
                samples=ground.sizes.samples * ROUNDS,
                warm_ups=2,
            )
            yield Outcome(
                measure=NAME,
                what=f"{query.name}, staffing at scale {ground.sizes.scale:g}",
                target=PINNED_QUERY,
                ours=ours,
                peer_name="DuckDB tables in memory",
                peer=peer,
            )


def _ours(lake: Lakehouse, query: Query) -> float:
    return timed(lambda: lake.sql(query.sql, query.defaults).to_arrow())


def _peer(con: "duckdb.DuckDBPyConnection", query: Query) -> float:
    return timed(lambda: con.execute(query.sql, query.defaults).to_arrow_table())
