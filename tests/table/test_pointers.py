"""Pointers: whatever a name holds it stays a name, and every step is taken whole or not at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.errors import Conflict, LakehouseError, NotFound
from lakehouse.table.names import RESERVED, TableName
from lakehouse.table.pointers import Move, Moved, Pointers

HOSTILE = [
    "x' OR '1'='1",
    "x'; DROP TABLE iceberg_tables; --",
    'x"; DELETE FROM iceberg_tables; --',
    ":name",
    ":location",
    "%s",
    "?",
    "{0}",
    "..",
    "../../etc/passwd",
    "a\\b",
    "/",
    "*",
    "_",
    "%",
    "語 ß",
    "null",
    "x" * 200,
]


@pytest.fixture(scope="module")
def pointers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pointers]:
    opened = Pointers(f"sqlite:///{tmp_path_factory.mktemp('pointers')}/catalog.sqlite", durable=False)
    opened.create_namespace("lake")
    yield opened
    opened.close()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Pointers]:
    opened = Pointers(f"sqlite:///{tmp_path}/catalog.sqlite", durable=False)
    opened.create_namespace("lake")
    yield opened
    opened.close()


def name(table: str, namespace: str = "lake") -> TableName:
    return TableName(namespace, table)


def start(pointers: Pointers, table: TableName, at: str = "one") -> TableName:
    pointers.move([Move(name=table, before=None, after=at)])
    return table


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_is_stored_moved_renamed_and_removed_like_any_other(
    pointers: Pointers, text: str
) -> None:
    bystander = start(pointers, name(f"bystander of {text}"[:200]))
    table = start(pointers, name(text))
    pointers.move([Move(name=table, before="one", after="two")])
    assert pointers.location(table) == pointers.locations()[table] == "two"
    moved = name(text, namespace="other")
    pointers.move([Move(name=table, before="two", after="three", to=moved)])
    assert table not in pointers.names()
    assert pointers.location(moved) == "three"
    pointers.remove(moved, "three")
    assert moved not in pointers.names()
    assert pointers.location(bystander) == "one"


@pytest.mark.parametrize("text", [t for t in HOSTILE if t == t.strip()])
def test_a_hostile_namespace_holds_what_it_is_given(pointers: Pointers, text: str) -> None:
    assert pointers.create_namespace(text, {text: text})
    assert not pointers.create_namespace(text.upper())
    folded = text.casefold()
    assert pointers.namespace_properties(folded) == {text: text, "exists": "true"}
    pointers.update_namespace(folded, remove=[text], set_to={"a": text})
    assert pointers.namespace_properties(folded) == {"a": text, "exists": "true"}
    pointers.drop_namespace(folded)
    assert folded not in pointers.namespaces()
    assert "lake" in pointers.namespaces()


@given(st.text(min_size=1, max_size=30).filter(lambda t: t.isprintable() and t.strip()))
def test_any_printable_location_comes_back_as_it_was(pointers: Pointers, location: str) -> None:
    table = start(pointers, name("any"), location)
    assert pointers.location(table) == location
    with pytest.raises(Conflict):
        pointers.remove(table, location + "x")
    pointers.remove(table, location)


def test_a_step_from_where_a_pointer_is_not_changes_nothing(own: Pointers) -> None:
    table = start(own, name("a"))
    for before in ("", "zero", "ONE"):
        with pytest.raises(Moved) as lost:
            own.move([Move(name=table, before=before, after="two")])
        assert lost.value.hint
    assert own.location(table) == "one"


def test_one_lost_step_of_many_takes_the_others_back(own: Pointers) -> None:
    tables = [start(own, name(text)) for text in "abc"]
    steps = [Move(name=t, before="one", after="two") for t in tables]
    with pytest.raises(Moved):
        own.move([*steps, Move(name=name("nowhere"), before="one", after="two")])
    with pytest.raises(Conflict):
        own.move([*steps, Move(name=tables[0], before=None, after="two")])
    assert set(own.locations().values()) == {"one"}
    own.move(steps)
    assert set(own.locations().values()) == {"two"}


def test_tables_change_names_in_a_circle_only_through_a_free_one(own: Pointers) -> None:
    first, second = start(own, name("a"), "A"), start(own, name("b"), "B")
    with pytest.raises(Conflict, match="exists already"):
        own.move([Move(name=first, before="A", after="A2", to=second)])
    free = name("c")
    own.move(
        [
            Move(name=first, before="A", after="A2", to=free),
            Move(name=second, before="B", after="B2", to=first),
            Move(name=free, before="A2", after="A3", to=second),
        ]
    )
    assert own.locations() == {first: "B2", second: "A3"}


def test_no_step_at_all_is_no_step(own: Pointers) -> None:
    own.move([])
    assert own.locations() == {}


def test_what_is_not_there_is_named_with_what_looks_like_it(own: Pointers) -> None:
    start(own, name("people"))
    with pytest.raises(NotFound) as missing:
        own.location(name("peple"))
    assert "people" in missing.value.hint
    with pytest.raises(NotFound) as missing:
        own.namespace_properties("lak")
    assert "lake" in missing.value.hint
    with pytest.raises(NotFound) as missing:
        own.drop_namespace("sales")
    assert missing.value.hint == "create it first"


def test_a_namespace_with_a_table_in_it_stays(own: Pointers) -> None:
    own.create_namespace("sales", {"owner": "Ann"})
    table = start(own, name("t", namespace="sales"))
    with pytest.raises(Conflict, match="holds tables"):
        own.drop_namespace("sales")
    assert own.namespace_properties("sales")["owner"] == "Ann"
    own.remove(table, "one")
    own.drop_namespace("sales")
    assert own.namespaces() == ("lake",)


@pytest.mark.parametrize("namespace", ["", " ", "a\nb", "x" * 201, *sorted(RESERVED), "SYSTEM"])
def test_a_namespace_that_sql_knows_or_nobody_can_write_is_not_made(own: Pointers, namespace: str) -> None:
    with pytest.raises(LakehouseError) as refused:
        own.create_namespace(namespace)
    assert refused.value.hint
    assert own.namespaces() == ("lake",)


def test_another_opener_of_the_database_sees_every_step(own: Pointers, tmp_path: Path) -> None:
    table = start(own, name("a"))
    other = Pointers(f"sqlite:///{tmp_path}/catalog.sqlite", durable=False)
    other.move([Move(name=table, before="one", after="two")])
    assert own.location(table) == "two"
    with pytest.raises(Moved):
        own.move([Move(name=table, before="one", after="three")])
    other.close()
