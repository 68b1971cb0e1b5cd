"""Names are data: whatever a table or a file is called, nothing is written outside the lake."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid, NotFound
from lakehouse.ingest.naming import table_name
from lakehouse.ingest.plan import Request
from lakehouse.lake.facade import Lakehouse
from lakehouse.table import names
from lakehouse.table.schema import Column

Write = Callable[[str, str | bytes], Path]

ODD = [
    'a "quoted" name',
    "semi;colon -- DROP TABLE x",
    "dot.in.name",
    "../../etc/passwd",
    "C:\\temp\\x",
    "näme mit Ümläuten",
    "表",
    "🙂",
    "select",
    "x" * 200,
    "'",
    "%2e%2e%2f",
]


@pytest.mark.parametrize("name", ODD)
def test_a_table_may_have_any_printable_name(lake: Lakehouse, name: str) -> None:
    quoted = names.quoted(name)
    lake.upsert(quoted, [{"id": 1, 'odd ; column "x"': name}], key="id")
    assert lake.sql(f"SELECT * FROM {quoted.upper()}").rows() == [(1, name)]
    assert lake.show(quoted).info.table == name.casefold()
    assert lake.history(quoted)[0].rows == 1
    lake.delete(quoted, where="id = 1")
    assert lake.sql(f"SELECT count(*) FROM {quoted}").rows() == [(0,)]
    lake.drop(quoted)


def hostile_names() -> list[str]:
    """200 file names that a file system takes and a careless program trips over."""
    seeds = [
        "..", "...", " ", "  x", "x ", "-", "--help", "-rf", "~", "~root", "$HOME", "${PATH}", "`id`",
        "$(id)",
        "%00", "%2e%2e%2f", "..\\..\\x", "C:\\x", "con", "nul", "aux.csv", "a\nb", "a\tb", "a\rb", "\x1b[31m",
        "a'b", 'a"b', "a;b", "a|b", "a&b", "a*b", "a?b", "[a]", "{a}", "a\\b", "a:b", "a<b>", "a,b", "a=b",
        "\u202egnp.exe", "a\u200bb", "\ufeffbom", "é", "e\u0301", "ﬁ", "ß", "İ", "ı", "表", "🙂",
        "𝔘𝔫𝔦", "؀", "\U000e0001",
        "x" * 240, "ẞ" * 80, "9" * 240, "_", "__init__", ".csv", "system", "information_schema",
        "main", "table",
    ]  # fmt: skip
    suffixes = ("", ".csv", ".csv.csv", ".JSON.csv", "..csv")
    found = [f"{seed}{suffix}" for seed in seeds for suffix in suffixes]
    fit = [n for n in found if len(n.encode()) <= 250 and n not in {".", ".."} and not n.startswith(".")]
    return list(dict.fromkeys(fit))[:200]


def test_two_hundred_hostile_file_names_write_nothing_outside_the_lake(
    own: Lakehouse, write: Write, tmp_path: Path
) -> None:
    hostile = hostile_names()
    assert len(hostile) == 200
    for n, name in enumerate(hostile):
        write(f"in/{name}", f"id\n{n}\n" if n % 8 else b"\0\1" * 99)
    before = {p for p in tmp_path.rglob("*") if own.root not in (p, *p.parents)}
    reports = list(own.ingest_many([str(tmp_path / "in")], Request()))
    assert len(reports) == 200
    assert {r.status for r in reports} <= {"created", "appended", "skipped", "quarantined"}
    taken = sum(r.rows for r in reports)
    assert taken == sum(1 for n in range(200) if n % 8)
    assert taken == sum(info.rows for info in own.tables())
    after = {p for p in tmp_path.rglob("*") if own.root not in (p, *p.parents)}
    assert after == before
    inside = {p.relative_to(own.root).parts[0] for p in own.root.rglob("*")}
    known = {"lakehouse.toml", "catalog.sqlite", "catalog.sqlite-wal", "catalog.sqlite-shm", ".partial"}
    assert inside <= known | {"warehouse", "journal", "cache", "quarantine"}
    for path in own.root.rglob("*"):
        assert path.name.isascii()
        assert path.name.isprintable()


@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=260))
def test_every_file_name_gives_a_name_that_a_table_can_have(file: str) -> None:
    made = table_name(file)
    parsed = names.parse(names.quoted(made))
    assert parsed.namespace == names.DEFAULT_NAMESPACE
    assert parsed.slug.isascii()


def test_a_change_that_is_refused_leaves_no_namespace_behind(lake: Lakehouse, table: str) -> None:
    before = lake.catalog("GET", ["namespaces"], {})
    with pytest.raises(NotFound):
        lake.rename(table, f"not_{table}.x")
    with pytest.raises(Invalid):
        lake.create(f"not_{table}.x", [Column(name="id", type="NOTATYPE")])
    with pytest.raises(Invalid):
        lake.create(f"not_{table}.x", [Column(name="id", type="BIGINT")], key=["nope"])
    assert lake.catalog("GET", ["namespaces"], {}) == before
