"""DuckDB's one door: the same extensions everywhere, nothing downloaded, nothing told that opens a bucket."""

import re
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.bucket import Bucket
from lakehouse.base.duck import EXTENSIONS, connect, extension_path, quote_name, quote_text
from lakehouse.base.errors import Unavailable

# SQL text holds no NUL; the guard turns it away before a name could bring one.
words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def test_every_extension_is_a_file_for_this_very_duckdb() -> None:
    for name in EXTENSIONS:
        path = extension_path(name)
        assert path.is_file()
        assert f"v{duckdb.__version__}" in path.parts


def test_an_extension_that_is_not_installed_is_named_with_the_command_that_installs_it() -> None:
    with pytest.raises(Unavailable, match="'nowhere' is not installed for version") as caught:
        extension_path("nowhere")
    assert caught.value.hint == f"pip install 'duckdb-extension-nowhere=={duckdb.__version__}'"


def test_an_extension_of_another_duckdb_is_as_good_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "duckdb_extension_other" / "extensions" / "v0.0.1"
    folder.mkdir(parents=True)
    (tmp_path / "duckdb_extension_other" / "__init__.py").touch()
    (folder / "other.duckdb_extension").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(Unavailable, match=re.escape(duckdb.__version__)):
        extension_path("other")


def test_a_connection_downloads_nothing_and_sees_no_variable_of_ours(tmp_path: Path) -> None:
    with connect(threads=1, memory_bytes=1 << 27, temp=tmp_path) as con:
        names = "autoinstall_known_extensions", "autoload_known_extensions", "python_enable_replacements"
        assert [con.execute(f"SELECT current_setting('{n}')").fetchone() for n in names] == [(False,)] * 3
        with pytest.raises(duckdb.CatalogException):
            con.execute("SELECT * FROM names")


def test_the_limits_are_those_asked_for(tmp_path: Path) -> None:
    with connect(threads=3, memory_bytes=200_000_000, temp=tmp_path / "spill") as con:
        settings = "SELECT current_setting('threads'), current_setting('temp_directory')"
        assert con.execute(settings).fetchone() == (3, str(tmp_path / "spill"))
        (memory,) = con.execute("SELECT current_setting('memory_limit')").fetchone() or ("",)
        assert memory == "190.7 MiB"


def test_extensions_are_loaded_in_the_order_they_need_each_other(tmp_path: Path) -> None:
    with connect(threads=1, memory_bytes=1 << 28, temp=tmp_path, extensions=("iceberg", "avro")) as con:
        loaded = con.execute("SELECT extension_name FROM duckdb_extensions() WHERE loaded").fetchall()
        assert {("avro",), ("iceberg",)} <= set(loaded)
        assert ("httpfs",) not in loaded


def test_what_opens_a_bucket_is_not_shown_by_a_connection_or_by_its_errors(tmp_path: Path) -> None:
    options = {"KEY_ID": "key", "SECRET": "hunter'2", "ENDPOINT": "127.0.0.1:1", "USE_SSL": "false"}
    bucket = Bucket(root="s3://bucket/lake/", options=options)
    with connect(threads=1, memory_bytes=1 << 28, temp=tmp_path, bucket=bucket) as con:
        con.execute("SET http_retries = 0")
        shown = str(con.execute("FROM duckdb_secrets()").fetchall())
        with pytest.raises(duckdb.Error) as caught:
            con.execute("SELECT * FROM 's3://bucket/lake/a.parquet'")
    assert "s3://bucket/lake/" in shown
    assert "hunter" not in shown + str(caught.value)


@given(words)
def test_any_text_is_a_value_and_never_code(con: duckdb.DuckDBPyConnection, text: str) -> None:
    assert con.execute(f"SELECT {quote_text(text)}").fetchone() == (text,)


@given(words.filter(bool))
def test_any_name_is_a_name_and_never_code(con: duckdb.DuckDBPyConnection, name: str) -> None:
    found = con.execute(f"SELECT 1 AS {quote_name(name)}")
    assert [column[0] for column in found.description or ()] == [name]
