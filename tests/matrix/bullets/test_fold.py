"""Events and what they mean together, in whatever pieces they arrive."""

import random
from dataclasses import replace

import pytest

from lakehouse.base.errors import NotFound
from lakehouse.matrix.bullets.bullet import DocRef
from lakehouse.matrix.bullets.events import Control, Event, from_record, to_record
from lakehouse.matrix.bullets.fold import State
from lakehouse.store.streams import schema_of, shape, unshape
from tests.matrix.bullets.desk import BUS, CALL

REF = DocRef(table="jobs", row="7", digest="d")
EVENTS = (
    Event(op="add", entry_id="a", section="s", content=CALL, scope=(("city", "Bonn"),), evidence=("e1",),
          doc_refs=(REF,), status="active", source="anna"),
    Event(op="add", entry_id="b", section="s", content=BUS, evidence=("e2",), status="quarantined",
          rule="order"),
    Event(op="reject", rule="secret", reason="it holds a service key"),
    Event(op="serve", call_id="c1", entries=(("a", 1), ("b", 1))),
    Event(op="vote", entry_id="a", call_id="c1", helpful=True, difference=0.5, source="ben"),
    Event(op="link", entry_id="a", evidence=("e3",), rule="duplicate"),
    Event(op="update", entry_id="b", status="active", reason="it is fine"),
    Event(op="merge", entry_id="a", entries=(("b", 2),), evidence=("e1", "e3", "e2"), doc_refs=(REF,)),
    Event(op="restore", entry_id="b", to_version=2, reason="not the same"),
    Event(op="retire", entry_id="b", reason="gone"),
)  # fmt: skip
LOG = tuple(replace(e, event_id=f"E{n:02}", seq=n, at_ms=1000 + n) for n, e in enumerate(EVENTS, 1))


def folded(*events: Event | Control) -> State:
    state = State()
    for event in events:
        state.apply(event)
    return state


@pytest.mark.parametrize("event", LOG)
def test_an_event_survives_the_stream(event: Event) -> None:
    row = shape(to_record(event), schema_of("playbook"))
    assert from_record(unshape(row)) == event


def test_the_stream_has_a_column_for_all_but_the_pairs() -> None:
    for event in LOG:
        extra = shape(to_record(event), schema_of("playbook")).get("extra", {})
        assert isinstance(extra, dict)
        assert set(extra) <= {"entries"}


@pytest.mark.parametrize(
    "change",
    [
        {"op": "explode"}, {"op": None}, {"event_id": ""}, {"seq": 0}, {"seq": True}, {"seq": None},
        {"scope": [1]}, {"evidence": "e1"}, {"doc_refs": [["jobs"]]}, {"entries": [["a"]]}, {"to": "two"},
    ],
)  # fmt: skip
def test_a_record_that_is_none_of_ours_is_left_out(change: dict[str, object]) -> None:
    record = {**to_record(LOG[0]), **change}
    assert from_record(record) is None  # type: ignore[arg-type]  # what a log may hold


def test_what_all_events_mean() -> None:
    state = folded(*LOG)
    a, b = state.get("a"), state.get("b")
    assert (a.version, a.evidence, a.doc_refs, a.scope) == (
        3,
        ("e1", "e3", "e2"),
        (REF,),
        (("city", "Bonn"),),
    )
    assert (a.helpful, a.votes.pairs, a.uses) == (1, 1, 1)
    assert [one.status for one in state.history("b")] == [
        "retired", "active", "retired", "active", "quarantined",
    ]  # fmt: skip
    assert (b.rule, b.merged_into, b.reason, b.version) == ("", "", "gone", 5)
    assert [one.outcome for one in state.judged] == ["add", "quarantine", "reject", "link"]
    assert (len(state), state.events, state.unapplied, state.last) == (2, 10, 0, (10, "E10"))
    assert "a" in state
    assert state.served_ms("a") == 1004
    with pytest.raises(NotFound):
        state.get("c")


def test_events_read_twice_count_once() -> None:
    doubled = [event for event in LOG for _ in range(2)]
    again = folded(*doubled, *LOG)
    assert [again.get(name) for name in "ab"] == [folded(*LOG).get(name) for name in "ab"]
    assert len(again.judged) == 4


def test_every_prefix_of_the_log_can_be_folded_and_a_gap_breaks_nothing() -> None:
    dice = random.Random(3)
    for length in range(len(LOG) + 1):
        assert len(folded(*LOG[:length])) == min(length, 2)
    for _ in range(200):
        kept = [event for event in LOG if dice.random() < 0.6]
        state = folded(*kept)
        assert {one.entry_id for one in state} == {e.entry_id for e in kept if e.op == "add"}
        assert all(one.version == len(state.history(one.entry_id)) for one in state)


def test_events_about_nothing_are_counted() -> None:
    assert folded(LOG[3], LOG[4], LOG[5], LOG[7], LOG[8]).unapplied == 6
    assert folded(LOG[0], replace(LOG[0], event_id="again", content=BUS)).get("a").content == CALL


def test_a_vote_counts_for_the_text_that_the_call_was_served() -> None:
    changed = Event(op="update", entry_id="a", content=BUS, event_id="U", seq=20)
    vote = replace(LOG[4], event_id="V", seq=21, source="eva", helpful=False)
    state = folded(LOG[0], LOG[3], changed, LOG[4], vote)
    now, then = state.history("a")
    assert (now.helpful, now.harmful, then.helpful, then.harmful) == (0, 0, 1, 1)


def test_distrust_is_folded_in_the_order_of_events_and_a_rollback_takes_it_out() -> None:
    def control(event_id: str, op: str, to: str = "") -> Control:
        return Control(op=op, subject="ben", to=to, event_id=event_id)

    base = LOG[:5]
    assert folded(*base, control("X1", "distrust")).get("a").helpful == 0
    late = folded(*base, control("X2", "trust"), control("X1", "distrust"))
    assert late.get("a").helpful == 1
    assert folded(*base, control("X1", "distrust"), control("X2", "rollback", "W")).get("a").helpful == 1
    assert folded(*base, control("X1", "distrust"), control("X2", "rollback", "X1")).get("a").helpful == 0
