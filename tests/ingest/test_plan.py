"""What an ingest will do: every mode against every kind of difference, and requests that make no sense."""

import pytest

from lakehouse.base.errors import Invalid
from lakehouse.ingest import plan
from lakehouse.ingest.plan import Found, Plan, Request
from lakehouse.table.schema import Column

TABLE = tuple(
    Column(name=name, type=kind, field_id=n)
    for n, (name, kind) in enumerate(
        [("id", "BIGINT"), ("Name", "VARCHAR"), ("size", "INTEGER"), ("rate", "FLOAT"), ("price", "DOUBLE")],
        1,
    )
)
MODES: dict[str, Request] = {
    "append": Request(mode="append"),
    "upsert": Request(key=("id",)),
    "replace": Request(mode="replace"),
}


def found(text: str) -> list[Found]:
    """Columns from text such as `id BIGINT, note -`; a dash is a column without any value."""
    pairs = [part.strip().split(" ", 1) for part in text.split(",")]
    return [Found(name=n, type="VARCHAR" if t == "-" else t, is_empty=t == "-") for n, t in pairs]


def decide(request: Request, text: str, table: tuple[Column, ...] | None = TABLE) -> Plan:
    return plan.decide(request, found(text), table=table, name="people")


def changes(planned: Plan) -> list[str]:
    return [str(c) for c in planned.changes if c.kind != "missing"]


@pytest.mark.parametrize(
    "request_",
    [
        Request(),
        Request(mode="replace"),
        Request(mode="append"),
        Request(key=("ID",)),
        Request(mode="upsert", key=("id",)),
    ],
)
def test_a_table_that_is_not_there_is_created_whatever_the_mode(request_: Request) -> None:
    planned = decide(request_, "id BIGINT, Name VARCHAR", table=None)
    assert planned.action == "create"
    assert [(c.name, c.type) for c in planned.columns] == [("id", "BIGINT"), ("Name", "VARCHAR")]
    assert planned.key == (("id",) if request_.key else ())


@pytest.mark.parametrize("mode", MODES)
def test_the_same_columns_change_nothing(mode: str) -> None:
    planned = decide(MODES[mode], "id BIGINT, Name VARCHAR, size INTEGER, rate FLOAT, price DOUBLE")
    assert planned.action == mode
    assert planned.changes == ()
    assert [c.name for c in planned.columns] == [c.name for c in TABLE]


@pytest.mark.parametrize("mode", MODES)
def test_a_new_column_is_added(mode: str) -> None:
    assert changes(decide(MODES[mode], "id BIGINT, note VARCHAR")) == ["+ note VARCHAR"]


@pytest.mark.parametrize("mode", MODES)
def test_a_missing_column_is_told_of(mode: str) -> None:
    told = [str(c) for c in decide(MODES[mode], "id BIGINT, Name VARCHAR").changes]
    assert told == ["  size will be NULL", "  rate will be NULL", "  price will be NULL"]


@pytest.mark.parametrize(
    ("file", "change"),
    [("size BIGINT", "~ size INTEGER -> BIGINT"), ("rate DOUBLE", "~ rate FLOAT -> DOUBLE")],
)
@pytest.mark.parametrize("mode", MODES)
def test_a_wider_column_widens_the_table(mode: str, file: str, change: str) -> None:
    planned = decide(MODES[mode], f"id BIGINT, {file}")
    assert changes(planned) == [change]
    assert planned.columns[1].type == file.split()[1]


@pytest.mark.parametrize("file", ["id INTEGER", "Name BIGINT", "Name DATE", "price BIGINT", "price INTEGER"])
@pytest.mark.parametrize("mode", ["append", "upsert"])
def test_a_narrower_column_is_stored_in_the_tables_type(mode: str, file: str) -> None:
    planned = decide(MODES[mode], file if file.startswith("id") else f"id BIGINT, {file}")
    name = file.split()[0]
    stored = next(c for c in planned.columns if c.name == name)
    assert stored.type == next(c.type for c in TABLE if c.name == name)
    assert changes(planned) == []


@pytest.mark.parametrize(
    "file", ["size VARCHAR", "size DOUBLE", "price VARCHAR", "rate DATE", "id VARCHAR", "id VARCHAR[]"]
)
@pytest.mark.parametrize("mode", ["append", "upsert"])
def test_a_breaking_column_is_refused_with_the_difference_and_two_ways_out(mode: str, file: str) -> None:
    name, kind = file.split()
    before = next(c.type for c in TABLE if c.name == name)
    with pytest.raises(Invalid) as refused:
        decide(MODES[mode], file if name == "id" else f"id BIGINT, {file}")
    assert str(refused.value) == f"the file does not fit people: ! {name} {before} -> {kind}"
    assert f"--types {name}={before}" in refused.value.hint
    assert "--mode replace" in refused.value.hint


def test_all_breaks_are_named_at_once() -> None:
    with pytest.raises(Invalid, match=r"! id BIGINT -> DATE; ! size INTEGER -> VARCHAR"):
        decide(MODES["append"], "id DATE, size VARCHAR")


def test_a_replacement_may_change_any_type() -> None:
    assert changes(decide(MODES["replace"], "id VARCHAR, size DATE")) == [
        "~ id BIGINT -> VARCHAR",
        "~ size INTEGER -> DATE",
    ]


@pytest.mark.parametrize("mode", MODES)
def test_names_are_matched_whatever_their_case_and_the_table_keeps_its_spelling(mode: str) -> None:
    planned = decide(MODES[mode], "ID BIGINT, NAME VARCHAR")
    assert changes(planned) == []
    if mode != "replace":
        assert [c.name for c in planned.columns] == ["id", "Name"]


def test_the_key_is_named_as_the_table_names_it() -> None:
    assert decide(Request(key=("NAME", "Id")), "iD BIGINT, name VARCHAR").key == ("Name", "id")


def test_a_column_without_any_value_fits_every_type() -> None:
    planned = decide(MODES["append"], "id -, size -, price -, note -")
    assert [(c.name, c.type) for c in planned.columns] == [
        ("id", "BIGINT"), ("size", "INTEGER"), ("price", "DOUBLE"), ("note", "VARCHAR"),
    ]  # fmt: skip
    assert changes(planned) == ["+ note VARCHAR"]


def test_a_type_that_was_asked_for_is_taken_whatever_the_values_suggest() -> None:
    request = Request(types={"SIZE": "BIGINT", "note": "DATE"})
    planned = decide(request, "id BIGINT, size VARCHAR, note VARCHAR")
    assert changes(planned) == ["~ size INTEGER -> BIGINT", "+ note DATE"]
    created = decide(request, "size VARCHAR, note VARCHAR", table=None)
    assert [c.type for c in created.columns] == ["BIGINT", "DATE"]


def test_a_type_that_was_asked_for_may_break_the_table_too() -> None:
    with pytest.raises(Invalid, match="! id BIGINT -> DATE"):
        decide(Request(types={"id": "DATE"}), "id BIGINT")


@pytest.mark.parametrize(
    "request_", [Request(key=("nope",)), Request(key=("id", "nope")), Request(types={"nope": "DATE"})]
)
@pytest.mark.parametrize("table", [None, TABLE])
def test_a_column_that_the_file_lacks_is_named_with_those_it_has(
    request_: Request, table: tuple[Column, ...] | None
) -> None:
    with pytest.raises(Invalid, match="no column 'nope'") as refused:
        decide(request_, "id BIGINT, Name VARCHAR", table)
    assert refused.value.hint == "its columns: id, Name"


@pytest.mark.parametrize(
    ("request_", "said", "hint"),
    [
        (Request(mode="merge"), "no mode 'merge'", "append, replace or upsert"),
        (Request(mode="Append"), "no mode", "append, replace or upsert"),
        (Request(mode="upsert"), "what identifies a row", "--key"),
    ],
)
def test_a_mode_that_makes_no_sense_is_refused(request_: Request, said: str, hint: str) -> None:
    with pytest.raises(Invalid, match=said) as refused:
        decide(request_, "id BIGINT")
    assert hint in refused.value.hint


@pytest.mark.parametrize(
    ("request_", "mode"),
    [
        (Request(), "append"),
        (Request(key=("id",)), "upsert"),
        (Request(key=("id",), mode="append"), "append"),
    ],
)
def test_a_key_means_upsert_unless_a_mode_is_given(request_: Request, mode: str) -> None:
    assert plan.mode_of(request_) == mode
    assert decide(request_, "id BIGINT").action == mode
