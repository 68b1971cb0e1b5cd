"""Bodies as they are read: what each member takes, where its limits lie, and what is refused by name."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from lakehouse.edge.http import bodies as core
from lakehouse.edge.http.bodies import Body
from lakehouse.edge.http.learn import bodies as learn
from lakehouse.edge.http.learn.pathway import bodies as memory
from lakehouse.edge.http.search import bodies as search

Given = dict[str, object]
LEAST: dict[type[Body], Given] = {
    core.Sql: {"sql": "SELECT 1"},
    core.Rollback: {"to": 7},
    core.Where: {"where": "id = 7"},
    core.Rows: {},
    core.Rename: {"to": "b"},
    core.Schema: {},
    core.Table: {"table": "a"},
    search.Embed: {"texts": ["a"]},
    search.Build: {"name": "a", "table": "b"},
    search.Search: {},
    search.SearchAll: {"query": "a"},
    search.Hybrid: {"question": "a", "index": "b"},
    search.Rag: {"question": "a"},
    search.Try: {},
    search.Promote: {"generation": 1},
    search.Autotune: {},
    search.Input: {"input": "a"},
    learn.Outcome: {"search_id": "s", "doc_id": "d", "outcome": "accepted"},
    learn.Success: {"query_text": "q", "answer_id": "d", "answer_corpus": "c"},
    learn.Ask: {"question": "q"},
    learn.Trust: {"source": "s"},
    learn.Row: {"corpus": "c", "doc_id": "d"},
    learn.Back: {"to": "v"},
    memory.Add: {"content": 1},
    memory.Update: {"uid": "a"},
    memory.Revise: {"predecessor_uid": "a", "content": 1},
    memory.Retire: {"uid": "a", "reason": "b"},
    memory.Replay: {"uid": "a", "succeeded": True},
    memory.Task: {},
    memory.Search: {},
}
"""Each body and the least that it can be made of."""

BIG = 10**400
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


def wrong(kind: type[Body], body: Given) -> set[str]:
    """The members that a body is refused for."""
    with pytest.raises(ValidationError) as caught:
        kind.model_validate_json(json.dumps(body))
    return {str(error["loc"][0]) for error in caught.value.errors()}


def read(kind: type[Body], **members: object) -> Body:
    return kind.model_validate_json(json.dumps(LEAST[kind] | members))


def least() -> Iterator[tuple[type[Body], str]]:
    return ((kind, name) for kind, body in LEAST.items() for name in body)


@pytest.mark.parametrize("kind", LEAST)
def test_the_least_is_enough_and_an_unknown_member_is_refused_by_name(kind: type[Body]) -> None:
    assert read(kind).model_dump(exclude_unset=True) == kind(**LEAST[kind]).model_dump(exclude_unset=True)
    assert wrong(kind, LEAST[kind] | {"colour": "red"}) == {"colour"}


@pytest.mark.parametrize(("kind", "name"), list(least()))
def test_without_a_member_that_must_be_there_a_body_is_refused(kind: type[Body], name: str) -> None:
    body = {member: value for member, value in LEAST[kind].items() if member != name}
    assert wrong(kind, body) == {name}


@pytest.mark.parametrize("kind", LEAST)
@pytest.mark.parametrize("value", ["null", "[]", '"x"', "7", "[{}]"])
def test_what_is_no_object_is_no_body(kind: type[Body], value: str) -> None:
    with pytest.raises(ValidationError):
        kind.model_validate_json(value)


@pytest.mark.parametrize("kind", LEAST)
def test_a_body_does_not_change_after_it_was_read(kind: type[Body]) -> None:
    body = read(kind)
    name = next(iter(type(body).model_fields))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(body, name, getattr(body, name))


@pytest.mark.parametrize(
    ("kind", "name", "most"),
    [
        (core.Sql, "sql", 256 << 10),
        (core.Where, "where", 256 << 10),
        (search.Build, "name", 600),
        (search.Rag, "where", 64 << 10),
        (search.SearchAll, "query", 32 << 10),
        (search.Input, "input", 1 << 20),
        (search.Promote, "note", 2000),
        (learn.Outcome, "search_id", 64),
        (learn.Outcome, "doc_id", 600),
        (learn.Outcome, "source", 200),
        (learn.Success, "query_text", 32 << 10),
        (learn.Success, "role", 200),
        (learn.Row, "reason", 2000),
        (learn.Back, "to", 64),
        (memory.Add, "uid", 128),
        (memory.Replay, "note", 2000),
        (memory.Search, "text", 32 << 10),
        (memory.Task, "task_class", 1000),
    ],
)
def test_a_text_has_a_longest_length_and_not_a_letter_more(kind: type[Body], name: str, most: int) -> None:
    assert getattr(read(kind, **{name: "ü" * most}), name) == "ü" * most
    assert wrong(kind, LEAST[kind] | {name: "ü" * (most + 1)}) == {name}


@pytest.mark.parametrize(
    ("kind", "name", "one", "most"),
    [
        (search.Embed, "texts", "a", 2048),
        (search.Search, "exclude_ids", 1, 10_000),
        (search.SearchAll, "corpora", "a", 1000),
        (search.Search, "vector", 0.5, 8192),
        (learn.Success, "tags", "a", 64),
        (learn.Success, "vector", 0.5, 8192),
        (memory.Add, "tags", "a", 64),
        (memory.Task, "kb_chunks", {}, 1000),
        (memory.Task, "semantic_flags", "a", 100),
    ],
)
def test_a_list_has_a_longest_length_and_not_a_member_more(
    kind: type[Body], name: str, one: object, most: int
) -> None:
    assert len(getattr(read(kind, **{name: [one] * most}), name)) == most
    assert wrong(kind, LEAST[kind] | {name: [one] * (most + 1)}) == {name}


@pytest.mark.parametrize(
    ("kind", "name", "first", "last"),
    [
        (core.Sql, "limit", 0, 2**31),
        (search.Search, "k", 1, 1000),
        (search.Try, "queries", 1, 2000),
        (search.Promote, "generation", 1, 2**31),
        (search.Autotune, "budget", 1, 100),
        (learn.Outcome, "at_ms", 0, (1 << 53) - 1),
        (memory.Search, "k", 1, 1000),
    ],
)
def test_a_number_has_a_first_and_a_last_value(kind: type[Body], name: str, first: int, last: int) -> None:
    for value in (first, last):
        assert getattr(read(kind, **{name: value}), name) == value
    beyond: tuple[object, ...] = (first - 1, last + 1, BIG, -BIG, "x", [], 1.5)
    for bad in beyond:
        assert wrong(kind, LEAST[kind] | {name: bad}) == {name}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (search.Search, "use_playbook"),
        (learn.Outcome, "audit"),
        (memory.Add, "idempotent"),
        (memory.Replay, "succeeded"),
        (memory.Search, "every_version"),
    ],
)
@pytest.mark.parametrize("value", [0, 1, "true", "yes", None, []])
def test_what_matters_is_true_or_false_and_nothing_like_it(
    kind: type[Body], name: str, value: object
) -> None:
    assert getattr(read(kind, **{name: False}), name) is False
    assert wrong(kind, LEAST[kind] | {name: value}) == {name}


@pytest.mark.parametrize("member", [True, "7", None, [1.0], 1e39, -1e39, BIG])
def test_a_vector_holds_numbers_of_single_precision_only(member: object) -> None:
    with pytest.raises(ValidationError):
        read(search.Search, vector=[0.5, member])


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_without_an_end_are_refused_wherever_they_stand(text: str) -> None:
    for kind, body in (
        (search.Search, f'{{"vector": [{text}]}}'),
        (learn.Success, f'{{"query_text": "q", "answer_id": "d", "answer_corpus": "c", "score": {text}}}'),
        (search.Build, f'{{"name": "a", "table": "b", "min_recall": {text}}}'),
    ):
        with pytest.raises(ValidationError):
            kind.model_validate_json(body)


@pytest.mark.parametrize(
    ("value", "is_fine"), [(0, True), (1, True), (0.5, True), (-0.01, False), (1.01, False)]
)
def test_a_judgement_lies_between_wrong_and_right(value: float, is_fine: bool) -> None:
    body = LEAST[learn.Outcome] | {"outcome": "judged", "value": value}
    if is_fine:
        assert learn.Outcome.model_validate(body).value == value
    else:
        assert wrong(learn.Outcome, body) == {"value"}


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (learn.Outcome, "outcome", "loved"),
        (search.Embed, "use", "picture"),
        (search.Build, "refresh", "sometimes"),
        (search.Input, "encoding_format", "hex"),
        (memory.Search, "like", {"task_klass": "x"}),
        (core.Rows, "delete", {"were": "id = 1"}),
        (core.Rows, "upsert", [1]),
        (core.Sql, "params", "x"),
        (core.Schema, "add", {"a": 1}),
    ],
)
def test_a_word_or_a_shape_that_is_not_known_is_refused(kind: type[Body], name: str, value: object) -> None:
    assert wrong(kind, LEAST[kind] | {name: value}) == {name}


def test_rows_are_deleted_by_keys_or_by_a_condition_and_a_key_is_one_name_or_many() -> None:
    assert read(core.Rows, delete={"where": "id = 7"}) == core.Rows(delete=core.Where(where="id = 7"))
    assert read(core.Rows, delete=[{"id": 7}], key="id") == core.Rows(delete=[{"id": 7}], key="id")
    assert read(core.Rows, key=["id", "day"]) == core.Rows(key=["id", "day"])


def test_a_card_may_hold_members_of_the_users_own() -> None:
    card = core.Metadata.model_validate({"owner": "x", "colour": "red", "snapshot_id": 2**62})
    assert card.model_dump(exclude_unset=True) == {"owner": "x", "colour": "red", "snapshot_id": 2**62}


def test_what_was_not_said_is_told_from_what_was_said_to_be_nothing() -> None:
    assert memory.Update.model_validate({"uid": "a"}).model_fields_set == {"uid"}
    assert "content" in memory.Update.model_validate({"uid": "a", "content": None}).model_fields_set


def test_lists_that_were_left_out_are_empty_and_nobody_elses() -> None:
    one, other = (memory.Add.model_validate({"content": 1}) for _ in range(2))
    assert (one.tags, one.tags is other.tags) == ([], False)
    assert learn.Success.model_validate(LEAST[learn.Success]).tags == []


@settings(max_examples=40, deadline=None)
@given(json_values)
def test_content_to_remember_is_any_json_and_stays_as_it_was(value: object) -> None:
    assert memory.Add.model_validate_json(json.dumps({"content": value})).content == value
