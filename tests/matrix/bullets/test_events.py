"""Events as records: nothing is lost on the way, and a record that nobody wrote breaks nothing."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.clock import FixedClock
from lakehouse.base.errors import Invalid
from lakehouse.matrix.bullets.bullet import STATUSES, DocRef
from lakehouse.matrix.bullets.draft import Draft
from lakehouse.matrix.bullets.events import CONTROLS, OPS, Control, Event, from_record, to_record
from lakehouse.store.journal import Journal
from lakehouse.store.memory import MemoryStore
from lakehouse.store.streams import Json, schema_of, shape, unshape
from tests.matrix.bullets.desk import BUS, CALL, desk, put

WORDS = st.text(st.sampled_from("abc Zü天-"), min_size=1, max_size=8).filter(lambda one: one == one.strip())
LINES = WORDS.map(lambda one: " ".join(one.split()))
IDS = st.text(st.sampled_from("abcXYZ019._:@"), min_size=1, max_size=8)
REFS = st.builds(DocRef, table=WORDS, row=WORDS, digest=st.sampled_from(["", "d7"]))
EVENTS = st.builds(
    Event,
    op=st.sampled_from(sorted(OPS.values())),
    entry_id=st.sampled_from(["", "a", "b"]),
    section=st.none() | st.just("") | LINES,
    content=st.none() | st.text(max_size=12),
    scope=st.none() | st.dictionaries(LINES, LINES, max_size=3).map(lambda one: tuple(sorted(one.items()))),
    evidence=st.none() | st.lists(IDS, max_size=3, unique=True).map(tuple),
    doc_refs=st.none() | st.lists(REFS, max_size=2).map(tuple),
    status=st.none() | st.sampled_from(STATUSES),
    source=st.just("") | WORDS,
    call_id=st.just("") | IDS,
    helpful=st.none() | st.booleans(),
    difference=st.none() | st.floats(-1, 1),
    rule=st.sampled_from(["", "order"]),
    reason=st.just("") | WORDS,
    entries=st.lists(st.tuples(IDS, st.integers(1, 9)), max_size=2).map(tuple),
    to_version=st.integers(0, 99),
    event_id=IDS,
    seq=st.integers(1, 2**53),
    at_ms=st.integers(0, 2**53),
)
ANY: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
FIELDS = sorted(to_record(Event(op="add")))
WHOLE = to_record(Event(op="add", entry_id="a", content=CALL, event_id="E1", seq=1))


@settings(max_examples=80, deadline=None)
@given(EVENTS)
def test_every_event_comes_back_from_its_record_and_from_its_row(event: Event) -> None:
    assert from_record(to_record(event)) == event
    assert from_record(unshape(shape(to_record(event), schema_of("playbook")))) == event


@settings(max_examples=80, deadline=None)
@given(EVENTS)
def test_a_record_is_plain_json(event: Event) -> None:
    record = to_record(event)
    assert from_record(json.loads(json.dumps(record, allow_nan=False))) == event
    assert not {"id", "at"} & set(record)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), ANY, max_size=5))
def test_a_record_of_anything_is_an_event_or_nothing_and_never_an_error(change: dict[str, Json]) -> None:
    found = from_record({**WHOLE, **change})
    assert found is None or isinstance(found, Event | Control)
    if isinstance(found, Event):
        assert found.op in OPS
        assert found.event_id
        assert found.seq >= 1


@pytest.mark.parametrize("record", [{}, {"op": "add"}, {"event_id": "E1", "seq": 1}, {"op": "distrust"}])
def test_a_record_without_what_an_event_needs_is_none(record: dict[str, Json]) -> None:
    assert from_record(record) is None


@pytest.mark.parametrize("op", CONTROLS)
def test_control_events_are_read_for_what_they_say_of_sources(op: str) -> None:
    record: dict[str, Json] = {"op": op, "event_id": "X1", "subject": "ben", "to": "E1", "reason": "r"}
    assert from_record(record) == Control(op=op, subject="ben", to="E1", event_id="X1")
    assert from_record({"op": op, "event_id": "X1"}) == Control(op=op, subject="", to="", event_id="X1")


@pytest.mark.parametrize("field", ["section", "content", "status", "helpful", "difference"])
@pytest.mark.parametrize("value", [[], {}, ["x"]])
def test_a_field_of_another_kind_changes_nothing(field: str, value: Json) -> None:
    found = from_record({**WHOLE, field: value})
    assert isinstance(found, Event)
    assert getattr(found, field) is None


@pytest.mark.parametrize("status", ["ACTIVE", "lost", "", 1, None])
def test_a_status_that_no_version_knows_is_none(status: Json) -> None:
    found = from_record({**WHOLE, "status": status})
    assert isinstance(found, Event)
    assert found.status is None


def test_events_come_in_order_of_their_writers_and_then_of_their_ids() -> None:
    places = [(2, "A"), (1, "Z"), (1, "B"), (10, "A")]
    events = [Event(op="add", seq=seq, event_id=name) for seq, name in places]
    assert [one.order for one in sorted(events, key=lambda one: one.order)] == sorted(places)


def test_a_difference_no_float_can_hold_makes_a_record_that_is_left_out() -> None:
    assert from_record({**WHOLE, "op": "vote", "difference": 10**400}) is None


def test_a_writer_and_those_who_read_its_records_know_the_same_scope() -> None:
    made = desk(store := MemoryStore())
    entry = put(made, scope={"role": " welder", "city": "Bonn"})
    assert desk(store).get(entry.entry_id) == made.get(entry.entry_id) == entry
    with pytest.raises(Invalid, match="once"):
        made.add(Draft(content=BUS, evidence=["s1"], scope={"role": "welder", " role": "nurse"}))


def test_records_of_later_versions_stand_between_ours_without_harm() -> None:
    made = desk(store := MemoryStore())
    first = put(made)
    strange: list[dict[str, Json]] = [
        {"event_id": "Z1", "op": "annotate", "seq": 2, "entry_id": first.entry_id},
        {"event_id": "Z2", "op": "vote", "seq": "2"},
        {"event_id": "Z3", "op": "update", "seq": 2, "entry_id": first.entry_id, "scope": [1]},
    ]
    Journal(store, clock=FixedClock()).append("playbook", strange)
    second = put(made, BUS)
    assert {one.entry_id for one in made.ls()} == {first.entry_id, second.entry_id}
    assert (made.audit().unknown, made.audit().damaged) == (3, 0)
    assert made.update(first.entry_id, Draft(section="calling")).version == 2
