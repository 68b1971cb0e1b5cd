"""The vocabulary as SQL reads it from a table, and what is suggested for tables that nobody declared."""

from dataclasses import replace

import pyarrow as pa
import pytest

from lakehouse.base.errors import LakehouseError
from lakehouse.matrix.conditions import facets
from lakehouse.matrix.conditions.facet import Facet, vocabulary
from lakehouse.matrix.conditions.facets import Lexicons
from lakehouse.matrix.conditions.reading import read
from tests.lake.conftest import open_with
from tests.matrix.conditions.conftest import Asked
from tests.matrix.conditions.golden import told
from tests.matrix.conditions.people import DECLARED, HELD

People = tuple[Asked, pa.Table]


def test_the_values_are_those_of_the_table(people: People) -> None:
    asked, table = people
    filled = {f.column: f for f in facets.fill(asked, "candidates", DECLARED.facets)}
    for column, values in HELD.items():
        absent = {"on assignment"}  # nobody of a roster has worked yet
        assert set(filled[column].values) == set(values) - absent, column
    assert filled["years_experience"].values == ()
    assert set(filled["city"].parents) == {
        (r["city"], r["state"]) for r in table.select(["city", "state"]).to_pylist()
    }


def test_a_vocabulary_is_read_once_for_each_snapshot_and_declaration(people: People) -> None:
    asked, _ = people
    lexicons = Lexicons(asked)
    first = lexicons.get("candidates", DECLARED)
    count = asked.count
    assert lexicons.get("Candidates", DECLARED) is first
    assert asked.count == count + 1
    other = vocabulary(DECLARED.facets[:1])
    assert lexicons.get("candidates", other) is not first


def test_a_new_snapshot_brings_its_new_values_and_an_old_one_keeps_its_own(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    town = vocabulary([Facet(column="town", kind="text", is_place=True, named_by="label")])
    with open_with(tmp_path_factory.mktemp("towns") / "lake") as lake:
        lexicons = Lexicons(Asked(lake), most=1)
        lake.upsert("places", [{"id": 1, "town": "OSL", "label": "Oslo"}], key="id")
        before = lake.history("places")[0].snapshot_id
        assert told(read("in Oslo", lexicons.get("places", town)).conditions) == {"town: OSL"}
        lake.upsert("places", [{"id": 2, "town": "ROM", "label": "Rome"}], key="id")
        assert told(read("not in Rome", lexicons.get("places", town)).conditions) == {"not town: ROM"}
        assert told(read("not in Rome", lexicons.get("places", town, at=before)).conditions) == set()


def test_a_column_that_is_not_there_is_an_error(people: People) -> None:
    asked, _ = people
    with pytest.raises(LakehouseError):
        facets.fill(asked, "candidates", [Facet(column="nowhere", kind="text")])
    with pytest.raises(LakehouseError):
        Lexicons(asked).get("no_such_table", DECLARED)


def test_lists_are_read_by_their_members(people: People) -> None:
    asked, _ = people
    rows = pa.table({"id": [1, 2], "tags": pa.array([["x", "y z"], ["x", None]], pa.list_(pa.string()))})
    asked.lake.upsert("tagged", rows, key="id")
    (tags,) = facets.fill(asked, "tagged", [Facet(column="tags", kind="list")])
    assert tags.values == ("x", "y z")
    kept = replace(tags, values=("only",))
    assert facets.fill(asked, "tagged", [kept]) == (kept,)


def test_a_table_suggests_columns_with_few_values_lists_numbers_and_dates(people: People) -> None:
    asked, _ = people
    columns = asked.lake.show("candidates").columns
    found = {
        f.column: f
        for f in facets.suggest(asked, "candidates", columns, without=("first_name", "last_name", "pay_rate"))
    }
    assert {"role", "city", "state", "shift", "status", "availability"} <= set(found)
    assert {c: found[c].separator for c in ("skills", "certificates")} == {"skills": ";", "certificates": ";"}
    assert found["years_experience"].kind == "number"
    assert found["registered_on"].kind == "date"
    assert found["city"].is_place
    assert not found["role"].is_place
    assert not {"candidate_id", "resume", "email", "phone", "first_name", "pay_rate"} & set(found)


def test_an_empty_column_suggests_nothing(people: People) -> None:
    asked, _ = people
    rows = pa.table(
        {
            "id": [1],
            "note": pa.array([None], pa.string()),
            "is_new": [True],
            "tags": [["a"]],
            "zone": ["north"],
        }
    )
    asked.lake.upsert("sparse", rows, key="id")
    found = facets.suggest(asked, "sparse", asked.lake.show("sparse").columns)
    assert [(f.column, f.kind) for f in found] == [("is_new", "flag"), ("tags", "list"), ("zone", "text")]
