"""What events mean: in their order, each once, and nothing lost to what is missing or damaged."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.errors import Corrupt, NotFound
from lakehouse.memory.events import Counters, Event, Kind, from_record, to_record
from lakehouse.memory.fold import State
from lakehouse.store.streams import Json, schema_of, shape, unshape


def event(seq: int, kind: Kind, uid: str, **more: object) -> Event:
    text = None if kind in {"retire", "replay"} else b'"x"'
    made = Event(event=kind, uid=uid, text=text, event_id=f"e{seq}", seq=seq, at_ms=1000 + seq)
    return replace(made, **more)  # type: ignore[arg-type]  # its fields


def folded(*events: Event) -> State:
    state = State()
    for one in events:
        state.apply(one)
    return state


def test_a_chain_of_three_walks_back_and_only_its_tip_is_current() -> None:
    state = folded(
        event(1, "add", "a"),
        event(2, "revise", "b", predecessor_uid="a", version=2),
        event(3, "revise", "c", predecessor_uid="b", version=3),
    )
    assert [t.uid for t in state.history("c")] == ["c", "b", "a"]
    assert [(t.uid, t.superseded_by, t.is_current) for t in state] == [
        ("a", "b", False),
        ("b", "c", False),
        ("c", None, True),
    ]


def test_an_event_that_is_read_twice_counts_once() -> None:
    state = folded(event(1, "add", "a"), event(2, "replay", "a", succeeded=True))
    state.apply(event(2, "replay", "a", succeeded=True))
    assert (state.get("a").replay_count, state.events) == (1, 2)


def test_replays_count_outcomes_apart_from_uses() -> None:
    outcomes = (True, False, None, True)
    replays = [event(n, "replay", "a", succeeded=s) for n, s in enumerate(outcomes, 2)]
    found = folded(event(1, "add", "a"), *replays).get("a")
    assert (found.replay_count, found.replays_succeeded, found.replays_failed) == (4, 2, 1)


def test_a_trace_is_retired_once_and_keeps_its_first_reason() -> None:
    state = folded(event(1, "add", "a"), event(2, "retire", "a", reason="bad"))
    state.apply(event(3, "retire", "a", reason="worse"))
    found = state.get("a")
    assert (found.is_retired, found.retired_reason, found.retired_ms) == (True, "bad", 1002)


def test_an_update_changes_what_it_brings_and_keeps_the_rest() -> None:
    state = folded(event(1, "add", "a", tags=("t",)), event(2, "update", "a", text=b"2"))
    state.apply(event(3, "update", "a", text=None, tags=()))
    found = state.get("a")
    assert (found.content, found.tags, found.version, found.updated_ms) == (2, (), 1, 1003)


def test_events_about_what_is_not_there_are_counted_and_change_nothing() -> None:
    state = folded(
        event(1, "update", "a"),
        event(2, "replay", "a"),
        event(3, "add", "a"),
        event(4, "add", "a", text=b'"other"'),
        event(5, "add", "b", text=None),
    )
    assert (state.unapplied, len(state), state.get("a").content) == (4, 1, "x")


def test_a_revision_whose_predecessor_is_missing_is_kept() -> None:
    state = folded(event(1, "revise", "c", predecessor_uid="b", version=3))
    assert ([t.uid for t in state.history("c")], state.gaps) == (["c"], 1)
    assert (state.get("c").version, state.get("c").is_current) == (3, True)
    state.apply(event(2, "import", "b"))
    assert state.get("b").superseded_by == "c"
    assert [t.uid for t in state.history("c")] == ["c", "b"]


def test_two_revisions_of_one_trace_are_both_kept_and_the_first_supersedes() -> None:
    state = folded(
        event(1, "add", "a"),
        event(2, "revise", "b", predecessor_uid="a"),
        event(3, "revise", "c", predecessor_uid="a"),
    )
    assert (state.get("a").superseded_by, state.forks) == ("b", 1)
    assert [t.uid for t in state.history("c")] == ["c", "a"]


def test_predecessors_that_run_in_a_circle_are_an_error_and_no_loop() -> None:
    state = folded(
        event(1, "revise", "a", predecessor_uid="b"),
        event(2, "revise", "b", predecessor_uid="a"),
        event(3, "revise", "self", predecessor_uid="self"),
        event(4, "revise", "into", predecessor_uid="a"),
    )
    for uid in ("a", "b", "self", "into"):
        with pytest.raises(Corrupt, match="circle"):
            state.history(uid)


def test_what_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        State().get("a")
    with pytest.raises(NotFound):
        State().history("a")


def test_an_imported_trace_keeps_what_it_had_been_through() -> None:
    counters = Counters(
        replay_count=5, replays_succeeded=3, replays_failed=2, created_ms=7, retired_ms=9, superseded_by="z"
    )
    found = folded(event(1, "import", "a", counters=counters, reason="old")).get("a")
    assert (found.replay_count, found.replays_succeeded, found.replays_failed) == (5, 3, 2)
    assert (found.created_ms, found.updated_ms, found.retired_ms) == (7, 7, 9)
    assert (found.retired_reason, found.superseded_by) == ("old", "z")


EVENTS = st.builds(
    Event,
    event=st.sampled_from(["add", "update", "revise", "retire", "replay", "import"]),
    uid=st.sampled_from("abcd"),
    text=st.sampled_from([None, b"1", b'{"a":[1.5,null,"x"]}', b"0", b'""', b"false"]),
    tags=st.sampled_from([None, (), ("t",)]),
    predecessor_uid=st.sampled_from([None, "a", "b", "c"]),
    version=st.integers(1, 3),
    succeeded=st.sampled_from([None, True, False]),
    reason=st.sampled_from(["", "why"]),
    event_id=st.uuids().map(str),
    seq=st.integers(1, 99),
    at_ms=st.integers(0, 9),
)


@given(st.lists(EVENTS, max_size=30), st.randoms())
def test_any_order_of_reading_gives_the_same_state_once_sorted(events: list[Event], dice: object) -> None:
    shuffled = sorted(events, key=lambda _: dice.random())  # type: ignore[attr-defined]  # hypothesis' Random
    one = folded(*sorted(events, key=lambda e: e.order))
    other = folded(*sorted(shuffled, key=lambda e: e.order))
    assert list(one) == list(other)
    assert one.events == len({e.event_id for e in events})


@given(EVENTS)
def test_an_event_survives_its_stream(made: Event) -> None:
    record = unshape(shape(to_record(made), schema_of("pathway")))
    assert from_record(record) == made


@pytest.mark.parametrize(
    "change",
    [
        {"event": "explode"},
        {"event": None},
        {"uid": None},
        {"uid": 7},
        {"event_id": None},
        {"seq": None},
        {"seq": "1"},
        {"seq": -1},
    ],
    ids=str,
)
def test_a_record_that_nobody_knows_is_no_event(change: dict[str, Json]) -> None:
    assert from_record(to_record(event(1, "add", "a")) | change) is None


def test_members_of_a_wrong_type_are_left_out_and_do_not_stop_the_rest() -> None:
    record = to_record(event(1, "import", "a")) | {
        "tags": 7,
        "version": "x",
        "replay_count": -1,
        "at_ms": None,
    }
    made = from_record(record)
    assert made is not None
    assert (made.tags, made.version, made.counters.replay_count, made.at_ms) == (None, 1, 0, 0)
