"""A table's name is data: never a path, never code, and one name however it is spelled."""

import re

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.table.names import RESERVED, SQL_WORDS, TableName, folded, nearest, not_found, parse, quoted

PRINTABLE = st.text(min_size=1, max_size=60).filter(lambda t: t.isprintable() and bool(t.strip()))
PARTS = PRINTABLE.map(folded)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("people", TableName("lake", "people")),
        ("People", TableName("lake", "people")),
        (" sales.Orders ", TableName("sales", "orders")),
        ('"sales"."orders"', TableName("sales", "orders")),
        ('"odd name"."T.1"', TableName("odd name", "t.1")),
        ('"say ""hi"""', TableName("lake", 'say "hi"')),
        ("sales . orders", TableName("sales", "orders")),
        ("STRASSE", TableName("lake", "strasse")),
        ("straße", TableName("lake", "strasse")),
        ("select", TableName("lake", "select")),
        ("2024-01", TableName("lake", "2024-01")),
        ("lake.people", TableName("lake", "people")),
        ("../../etc/passwd".replace(".", "-"), TableName("lake", "--/--/etc/passwd")),
    ],
)
def test_a_name_means_one_table_however_it_is_spelled(text: str, meant: TableName) -> None:
    assert parse(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ".",
        "a.",
        ".a",
        "a..b",
        "a.b.c",
        '"',
        '""',
        '"a',
        'a"b',
        '"a"b',
        "a\nb",
        "a\0b",
        "\x1b[0m",
        "x" * 201,
        '" "',
        "system.queries",
        "information_schema.tables",
        '"main".x',
        "temp.x",
        "pg_catalog.y",
        "a\u202eb",
    ],
)
def test_what_is_no_name_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse(text)
    assert caught.value.hint


@given(PARTS, PARTS.filter(lambda p: p not in RESERVED))
def test_any_printable_name_survives_being_written_and_read(table: str, namespace: str) -> None:
    name = TableName(namespace, table)
    assert parse(str(name)) == name
    assert parse(name.sql) == name


@given(PRINTABLE)
def test_folding_twice_is_folding_once(text: str) -> None:
    once = folded(text)
    assert folded(once) == once
    assert folded(once.upper()) == folded(once.upper().lower())


@given(PARTS, PARTS)
def test_a_slug_never_leaves_its_folder(namespace: str, table: str) -> None:
    assert re.fullmatch(r"[a-z0-9_]{1,60}", TableName(namespace, table).slug)


@given(PARTS)
def test_a_quoted_name_is_an_identifier_and_nothing_else(name: str) -> None:
    with duckdb.connect() as con:
        found = con.execute(f"SELECT 1 AS {quoted(name)}").description
    assert [column[0] for column in found] == [name]


def test_a_table_that_is_not_there_names_those_that_look_like_it() -> None:
    error = not_found(parse("poeple"), [parse("people"), parse("sales.orders")])
    assert error.hint == "did you mean people?"
    assert "lakehouse tables" in not_found(parse("xyz"), []).hint


def test_names_that_look_alike_come_best_first() -> None:
    assert nearest("ORDER", ["orders", "border", "clients"])[0] == "orders"
    assert nearest("x", ["clients"]) == ()


@pytest.mark.parametrize("word", ["select", "null", "order", "qualify"])
def test_a_name_that_is_a_word_of_sql_is_written_so_that_sql_takes_it(word: str) -> None:
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE {parse(word)} (a INTEGER)")
        assert con.execute(f"SELECT count(*) FROM {parse(word)}").fetchall() == [(0,)]
    assert parse(str(parse(word))) == parse(word)


def test_the_words_of_sql_are_those_that_duckdb_reserves() -> None:
    asked = "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category = 'reserved'"
    with duckdb.connect() as con:
        assert {word for (word,) in con.execute(asked).fetchall()} == SQL_WORDS
