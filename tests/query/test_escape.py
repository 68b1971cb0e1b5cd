"""Getting out: by SQL that the guard never saw, against the locked engine and against the bare kernel."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lakehouse.base.child import Child
from lakehouse.base.errors import LakehouseError
from lakehouse.base.jail import Jail, missing
from lakehouse.query.duck import DuckEngine
from lakehouse.query.engine import Answer, Bound, Limits
from tests.query.shelf import Shelf, parquet

needs_kernel = pytest.mark.skipif(bool(missing()), reason="; ".join(missing()))


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret.csv"
    path.write_text("a\ncanary-4711\n")
    return path


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Child]:
    for name in ("lake", "temp"):
        (tmp_path / name).mkdir()
    parquet(tmp_path / "lake", "t", "SELECT 1 AS a")
    jail = Jail(read=(tmp_path / "lake",), write=(tmp_path / "temp",), memory_bytes=1 << 30)
    with Child("tests.query.entries:wide_open", jail) as child:
        yield child


def run(child: Child, sql: str) -> dict[str, object]:
    return dict(child.ask({}, sql.encode(), timeout_s=20).header)


@needs_kernel
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('{secret}')",
        "SELECT * FROM read_csv('{secret}')",
        "SELECT * FROM read_blob('{secret}')",
        "SELECT * FROM '{secret}'",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_text('/proc/1/environ')",
        "SELECT * FROM read_text('{lake}/../secret.csv')",
        "COPY (SELECT 1) TO '{lake}/t.parquet'",
        "COPY (SELECT 1) TO '{lake}/new.parquet'",
        "COPY (SELECT 1) TO '{secret}'",
        "ATTACH '{lake}/new.duckdb' AS x",
        "EXPORT DATABASE '{lake}/out'",
    ],
)
def test_the_kernel_refuses_even_when_duckdb_is_wide_open(
    bare: Child, tmp_path: Path, secret: Path, sql: str
) -> None:
    answer = run(bare, sql.format(secret=secret, lake=tmp_path / "lake"))
    assert "rows" not in answer, answer
    assert "canary" not in str(answer)
    assert secret.read_text() == "a\ncanary-4711\n"
    assert [p.name for p in (tmp_path / "lake").iterdir()] == ["t.parquet"]


@needs_kernel
def test_the_lake_itself_is_readable_and_the_temp_folder_writable(bare: Child, tmp_path: Path) -> None:
    assert run(bare, f"SELECT * FROM '{tmp_path}/lake/t.parquet'")["rows"] == 1
    assert run(bare, f"COPY (SELECT 1) TO '{tmp_path}/temp/x.parquet'")["rows"] == 1


def unguarded(engine: DuckEngine, sql: str) -> Answer:
    bound = Bound(tree=engine.parse(sql).tree, relations=())
    return engine.run(bound, Limits(rows=10), query_id="")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_text('{secret}')",
        "SELECT * FROM read_csv('{secret}')",
        "SELECT * FROM '{secret}'",
        "SELECT * FROM read_text('{warehouse}/../secret.csv')",
        "SELECT * FROM read_csv('http://127.0.0.1:1/x.csv')",
        "SELECT * FROM read_parquet('s3://bucket/x')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM sqlite_scan('/etc/passwd', 'x')",
        "SELECT * FROM duckdb_secrets()",
    ],
)
def test_the_locked_engine_refuses_what_slips_past_the_guard(
    engine: DuckEngine, lake_folder: Path, secret: Path, sql: str
) -> None:
    text = sql.format(secret=secret, warehouse=lake_folder / "warehouse")
    said, found = "", 0
    try:
        found = unguarded(engine, text).row_count
    except LakehouseError as error:
        said = str(error)
    assert found == 0
    assert "canary" not in said


def test_settings_are_locked_before_the_first_query(engine: DuckEngine) -> None:
    tree = engine.parse(
        "SELECT current_setting('lock_configuration'), current_setting('enable_external_access')"
    ).tree
    answer = engine.run(Bound(tree=tree, relations=()), Limits(), query_id="")
    assert answer.row_count == 1
    assert not answer.truncated


def test_a_worker_sees_no_view_of_another_query_by_name(engine: DuckEngine, shelf: Shelf) -> None:
    with pytest.raises(LakehouseError):
        unguarded(engine, "SELECT * FROM people")
