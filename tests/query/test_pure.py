"""The pure parts where the other tests do not reach: relations, binding, parameters, faults, the walk."""

import json

import pytest

from lakehouse.base.errors import Corrupt, Invalid, NotFound, Refused, Unavailable
from lakehouse.query import bind, faults, params, relation, tree
from lakehouse.query.guard import Checked, Reference
from lakehouse.query.relation import (
    FieldRef,
    HotCopy,
    IcebergSnapshot,
    JournalFiles,
    ParquetFiles,
    Rows,
)


def test_every_relation_has_its_select() -> None:
    column = (FieldRef(1, 'a"b', "BIGINT"),)
    assert relation.body_of(ParquetFiles((), column)) == 'SELECT CAST(NULL AS BIGINT) AS "a""b" WHERE false'
    assert (
        relation.body_of(ParquetFiles(("/x'y",), column, True))
        == """SELECT "a""b" FROM read_parquet(['/x''y'])"""
    )
    assert "schema=MAP {1: {name: 'a\"b', type: 'BIGINT'" in relation.body_of(ParquetFiles(("/x",), column))
    assert relation.body_of(IcebergSnapshot("/m.json")) == "SELECT * FROM iceberg_scan('/m.json')"
    assert relation.body_of(IcebergSnapshot("/m.json", 7)).endswith("snapshot_from_id=7)")
    assert relation.body_of(HotCopy("/h"), "v") == 'SELECT * FROM "v_db".main."data"'
    assert relation.body_of(Rows(b""), "v") == 'SELECT * FROM "v_rows"'
    both = relation.body_of(JournalFiles(("/p",), ("/j",), (("a", "BIGINT"),)))
    assert both.count("UNION ALL BY NAME") == 2


def test_definitions_undo_what_they_do() -> None:
    hot = relation.define(HotCopy("/h"), "v")
    assert hot.setup[0].startswith("ATTACH")
    assert hot.teardown == ('DROP VIEW IF EXISTS temp.main."v"', 'DETACH DATABASE IF EXISTS "v_db"')
    assert relation.define(Rows(b"x"), "v").rows == b"x"
    assert relation.define(IcebergSnapshot("/m"), "v").needs_iceberg
    assert not relation.define(ParquetFiles((), ()), "v").needs_iceberg


def test_equal_relations_have_one_name_and_others_another() -> None:
    a, b = ParquetFiles(("/a",), ()), ParquetFiles(("/b",), ())
    assert relation.name_of(a) == relation.name_of(ParquetFiles(("/a",), ()))
    assert relation.name_of(a) != relation.name_of(b)
    assert relation.name_of(a).startswith(relation.PREFIX)


def test_binding_leaves_the_judged_tree_alone() -> None:
    table = {"type": "BASE_TABLE", "alias": "", "schema_name": "", "catalog_name": "", "table_name": "T"}
    checked = Checked(
        tree={"statements": [{"node": {"type": "SELECT_NODE", "from_table": table}}]},
        references=(Reference(name=(None, "t"), at=None, offset=0),),
        parameters=(),
    )
    before = json.dumps(checked.tree)
    bound = bind.bind(checked, {((None, "t"), None): Rows(b"")})
    assert json.dumps(checked.tree) == before
    assert '"alias": "T"' in bound.tree
    assert relation.name_of(Rows(b"")) in bound.tree
    assert bound.relations == (Rows(b""),)


@pytest.mark.parametrize(
    ("name", "message", "kind", "says"),
    [
        ("IOException", "IO Error: No files found", Unavailable, "cannot read the table's files: No files"),
        ("HTTPException", "HTTP Error: 503", Unavailable, "503"),
        ("SerializationException", "Serialization Error: bad", Corrupt, "is damaged"),
        ("InvalidInputException", "Invalid Input Error: No magic bytes found", Corrupt, "is damaged"),
        ("PermissionException", "Permission Error: no", Refused, "no"),
        ("BinderException", "Binder Error: what\n\nLINE 1: SELECT lakehouse_x", Invalid, "what"),
        ("BinderException", 'Table "lakehouse_0123456789abcdef01234567" is odd', Invalid, "the table is odd"),
    ],
)
def test_each_of_duckdbs_errors_has_its_kind(
    name: str, message: str, kind: type[Exception], says: str
) -> None:
    error = faults.explain(Invalid(message, engine=name), "SELECT 1", {}, [])
    assert type(error) is kind
    assert says in str(error)
    assert error.hint


def test_errors_that_are_ours_pass_as_they_are() -> None:
    error = Refused("no", hint="yes")
    assert faults.explain(error, "", {}, []) is error


def test_places_count_letters_not_bytes() -> None:
    assert faults.place("SELECT 'ü',\n  x", len("SELECT 'ü',\n  ".encode())) == (2, 3)
    assert faults.at("x", faults.NOWHERE) == faults.at("x", None) == faults.at("x", -1) == ""
    assert faults.syntax("x", "broken", None).message == "broken"


def test_the_nearest_table_is_found_with_and_without_its_namespace() -> None:
    known = ["lake.people", "lake.payroll", "other.people"]
    assert "lake.people" in faults.no_table("", (None, "poeple"), None, ["lake.people", "lake.payroll"]).hint
    assert "lake.payroll" in faults.no_table("", ("lake", "payrol"), None, known).hint
    assert isinstance(faults.no_table("", (None, "x"), None, []), NotFound)


@pytest.mark.parametrize(
    "broken",
    [[{"$": "float", "of": "x"}], [{"$": "nope", "of": "x"}], [{"$": "list", "of": "x"}], {"a": {"of": 1}}],
)
def test_broken_parameters_are_invalid(broken: object) -> None:
    with pytest.raises(Invalid):
        params.decode(broken)


def test_no_parameters_are_none() -> None:
    assert params.encode(None, ()) is None
    assert params.encode([], ()) is None
    assert params.decode(None) is None


def test_the_walk_passes_over_what_is_not_syntax() -> None:
    assert list(tree.walk([1, "x", None, {"plain": {"value": 2}}, {"cte_map": {"map": None}}])) == []
    assert tree.texts("abc") == ()
    found = list(tree.walk({"class": "A", "child": {"class": "B"}}))
    assert [(v.node["class"], v.depth) for v in found] == [("A", 0), ("B", 1)]


def test_a_scope_grows_from_cte_to_cte() -> None:
    node = {
        "type": "SELECT_NODE",
        "cte_map": {"map": [{"key": "A", "value": {"type": "a"}}, {"key": "b", "value": {"type": "b"}}]},
        "from_table": {"type": "c"},
    }
    assert {str(v.node["type"]): set(v.scope) for v in tree.walk(node)} == {
        "SELECT_NODE": set(),
        "a": set(),
        "b": {"a"},
        "c": {"a", "b"},
    }
