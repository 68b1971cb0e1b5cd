"""The fold over events: what each one changes, what it leaves, and what holds for every log."""

from itertools import pairwise

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from lakehouse.base.errors import NotFound
from lakehouse.matrix.bullets.bullet import NONE, DocRef, Votes
from lakehouse.matrix.bullets.events import Control, Event, Op
from lakehouse.matrix.bullets.fold import Judged, State
from tests.matrix.bullets.desk import BUS, CALL, CARD
from tests.matrix.bullets.logs import entry, folded, serve, stamped, state_of

REF = DocRef(table="jobs", row="7", digest="d7")
NAMES = st.sampled_from("abc")
EVENTS = st.one_of(
    st.builds(entry, NAMES, st.sampled_from([CALL, BUS, CARD]), source=st.sampled_from(["", "anna"])),
    st.builds(
        Event,
        op=st.sampled_from(["update", "link", "retire", "restore"]),
        entry_id=NAMES,
        content=st.sampled_from([None, CALL, BUS]),
        evidence=st.sampled_from([None, (), ("s1",), ("s2", "s3")]),
        status=st.sampled_from([None, "active", "quarantined"]),
        to_version=st.integers(0, 3),
    ),
    st.builds(serve, st.sampled_from(["c1", "c2"]), st.tuples(NAMES, st.integers(0, 3))),
    st.builds(
        Event,
        op=st.just("vote"),
        entry_id=NAMES,
        call_id=st.sampled_from(["c1", "c2"]),
        helpful=st.sampled_from([None, True, False]),
        difference=st.sampled_from([None, -0.5, 0.25]),
        source=st.sampled_from(["", "eva"]),
    ),
    st.builds(Event, op=st.just("merge"), entry_id=NAMES, entries=st.tuples(st.tuples(NAMES, st.just(1)))),
)
LOGS = st.lists(EVENTS, max_size=14).map(lambda events: stamped(*events))


def vote(
    name: str, call: str, helpful: bool | None = True, *, by: str = "", difference: float | None = None
) -> Event:
    return Event(op="vote", entry_id=name, call_id=call, helpful=helpful, difference=difference, source=by)


def control(event_id: str, op: str, subject: str = "", to: str = "") -> Control:
    return Control(op=op, subject=subject, to=to, event_id=event_id)


@settings(max_examples=60, deadline=None)
@drawn(LOGS)
def test_for_every_log_versions_are_counted_and_nothing_is_lost(log: tuple[Event, ...]) -> None:
    state = folded(*log)
    for one in state:
        history = state.history(one.entry_id)
        assert history[0] == one
        assert [held.version for held in history] == list(range(len(history), 0, -1))
        assert all(held.created_ms <= held.updated_ms for held in history)
        assert {held.created_ms for held in history} == {one.created_ms}
    assert len(state.log) == sum(len(state.history(one.entry_id)) for one in state)
    assert (len(state), state.events) == (len({one.entry_id for one in state}), len(log))


@settings(max_examples=60, deadline=None)
@drawn(LOGS)
def test_for_every_log_an_entry_never_loses_evidence_but_by_going_back(log: tuple[Event, ...]) -> None:
    state = folded(*log)
    for one in state:
        newest_first = state.history(one.entry_id)
        for newer, older in pairwise(newest_first):
            assert newer.op == "restore" or set(older.evidence) <= set(newer.evidence)
            assert newer.op != "retire" or newer.status == "retired"
        assert bool(one.rule) <= (one.status == "quarantined")


@settings(max_examples=60, deadline=None)
@drawn(LOGS)
def test_for_every_log_votes_are_no_more_than_voters_and_calls(log: tuple[Event, ...]) -> None:
    for one in folded(*log):
        assert max(one.helpful + one.harmful, one.votes.pairs) <= 4  # two calls, two sources
        assert one.votes.squares >= one.votes.total**2 / max(one.votes.pairs, 1) - 1e-9
        assert one.uses <= sum(event.op == "serve" for event in log)


@settings(max_examples=40, deadline=None)
@drawn(LOGS, st.integers(0, 14))
def test_reading_a_log_in_two_parts_with_an_overlap_is_reading_it_once(
    log: tuple[Event, ...], cut: int
) -> None:
    whole, parts = folded(*log), folded(*log[:cut])
    assert len(list(parts)) == len(parts)  # looking makes the counts, which must not outlive a change
    for event in log[max(cut - 3, 0) :]:
        parts.apply(event)
    assert [parts.history(one.entry_id) for one in parts] == [whole.history(one.entry_id) for one in whole]
    assert (parts.log, parts.judged, parts.last) == (whole.log, whole.judged, whole.last)
    assert parts.unapplied == whole.unapplied


def test_nothing_has_happened_before_the_first_event() -> None:
    state = State()
    assert (len(state), list(state), state.events, state.last, state.judged) == (0, [], 0, (0, ""), [])
    assert (state.served("c1"), state.served_ms("a"), state.place_by("Z")) == ({}, None, 0)
    assert not state.has("E001")
    assert "a" not in state
    for look in (state.get, state.history):
        with pytest.raises(NotFound) as found:
            look("x" * 500)
        assert len(str(found.value)) < 200
        assert found.value.hint


def test_an_entry_without_fields_has_the_plain_ones() -> None:
    made = state_of(Event(op="add", entry_id="a", content=CALL)).get("a")
    assert (made.status, made.section, made.scope, made.evidence) == ("active", "", (), ())
    assert (made.version, made.op, made.votes, made.uses) == (1, "add", NONE, 0)
    assert (made.created_ms, made.updated_ms) == (1000, 1000)


def test_an_update_changes_what_it_names_and_adds_evidence() -> None:
    state = state_of(
        entry("a", source="anna"),
        Event(op="update", entry_id="a", scope=(("city", "Bonn"),), evidence=("s2", "s1"), reason="r"),
        Event(op="update", entry_id="a", doc_refs=(REF,), section="calling", scope=()),
    )
    now, then, _ = state.history("a")
    assert (then.scope, then.evidence, then.reason) == ((("city", "Bonn"),), ("s1", "s2"), "r")
    assert (now.scope, now.doc_refs, now.section, now.reason) == ((), (REF,), "calling", "")
    assert (now.content, now.created_ms, now.updated_ms) == (CALL, 1000, 3000)


def test_the_author_is_whoever_wrote_the_text() -> None:
    changes = [
        Event(op="update", entry_id="a", section="x", source="ben"),
        Event(op="update", entry_id="a", content=BUS, source=""),
        Event(op="update", entry_id="a", content=CARD, source="eva"),
        Event(op="link", entry_id="a", evidence=("s2",), source="ben"),
    ]
    sources = [one.source for one in state_of(entry("a", source="anna"), *changes).history("a")]
    assert sources == ["eva", "eva", "anna", "anna", "anna"]


def test_the_rule_of_quarantine_goes_with_it_and_stays_within_it() -> None:
    state = state_of(
        Event(op="add", entry_id="a", content=CALL, status="quarantined", rule="order"),
        Event(op="update", entry_id="a", section="x"),
        Event(op="update", entry_id="a", status="quarantined", rule="similar"),
        Event(op="update", entry_id="a", status="active"),
    )
    assert [one.rule for one in state.history("a")] == ["", "similar", "order", "order"]


def test_a_link_to_a_retired_entry_does_not_revive_it_and_going_back_does() -> None:
    log = [
        entry("a"),
        Event(op="retire", entry_id="a", reason="gone"),
        Event(op="link", entry_id="a", evidence=("s2",)),
        Event(op="restore", entry_id="a", to_version=1, reason="it is back"),
    ]
    assert [one.status for one in state_of(*log).history("a")] == ["active", "retired", "retired", "active"]
    assert state_of(*log).get("a").evidence == ("s1",)


@pytest.mark.parametrize("version", [0, 9, -1])
def test_a_version_that_was_never_there_restores_nothing(version: int) -> None:
    change = Event(op="update", entry_id="a", content=BUS)
    state = state_of(entry("a"), change, Event(op="restore", entry_id="a", to_version=version))
    assert (state.get("a").content, state.get("a").version) == (BUS, 3)


@pytest.mark.parametrize("op", ["update", "link", "retire", "restore", "merge", "vote"])
def test_an_event_about_nobody_is_counted_and_makes_no_entry(op: Op) -> None:
    state = state_of(Event(op=op, entry_id="a", content=CALL, call_id="c1"))
    assert (state.unapplied, len(state), state.events) == (1, 0, 1)


def test_an_entry_needs_a_text_and_is_added_once() -> None:
    state = state_of(Event(op="add", entry_id="a"), entry("a"), entry("a", BUS))
    assert (state.unapplied, state.get("a").content, state.get("a").version) == (2, CALL, 1)


def test_a_call_may_be_served_two_versions_and_the_latest_word_counts_for_the_latest() -> None:
    state = state_of(
        entry("a"),
        serve("c1", ("a", 1)),
        Event(op="update", entry_id="a", content=BUS),
        serve("c1", ("a", 2)),
        vote("a", "c1"),
    )
    now, then = state.history("a")
    assert (now.helpful, then.helpful, now.uses, state.served("c1")) == (1, 0, 2, {"a": 2})


def test_what_is_told_of_a_call_is_a_copy() -> None:
    state = state_of(entry("a"), serve("c1", ("a", 1)))
    state.served("c1").clear()
    assert state.served("c1") == {"a": 1}


def test_the_same_voter_has_one_word_for_a_call_and_the_last_one_counts() -> None:
    calls = [entry("a"), serve("c1", ("a", 1)), serve("c2", ("a", 1))]
    assert state_of(*calls, vote("a", "c1"), vote("a", "c1", False)).get("a").votes == Votes(harmful=1)
    twice = state_of(*calls, vote("a", "c1"), vote("a", "c2"), vote("a", "c1", by="eva"))
    assert twice.get("a").votes == Votes(helpful=3)


def test_differences_are_summed_with_their_squares() -> None:
    calls = [serve(f"c{n}", ("a", 1)) for n in range(3)]
    told = [vote("a", f"c{n}", None, difference=one) for n, one in enumerate((0.5, -0.25, 0.0))]
    assert state_of(entry("a"), *calls, *told).get("a").votes == Votes(pairs=3, total=0.25, squares=0.3125)


@pytest.mark.parametrize("version", [0, 2, 99])
def test_a_call_that_was_served_a_version_nobody_wrote_has_no_vote(version: int) -> None:
    state = state_of(entry("a"), serve("c1", ("a", version)), vote("a", "c1"))
    assert (state.get("a").votes, state.unapplied) == (NONE, 1)


def test_a_merge_with_somebody_missing_takes_the_others() -> None:
    merge = Event(op="merge", entry_id="a", entries=(("nobody", 1), ("b", 1)), reason="same")
    state = state_of(entry("a"), entry("b", BUS), merge)
    assert (state.unapplied, state.get("b").merged_into, state.get("b").reason) == (1, "a", "same")
    assert [name for _, name in state.log] == ["a", "b", "a", "b"]


def test_a_merge_into_the_words_of_the_second_takes_over_the_votes_of_those_words_only() -> None:
    votes = [vote("b", "c1"), vote("b", "c2", False, difference=-0.5)]
    log = [entry("a"), entry("b", BUS), serve("c1", ("b", 1)), serve("c2", ("b", 1)), *votes]
    kept = state_of(*log, Event(op="merge", entry_id="a", entries=(("b", 1),), content=BUS))
    assert kept.get("a").votes == Votes(helpful=1, harmful=1, pairs=1, total=-0.5, squares=0.25)
    fresh = state_of(*log, Event(op="merge", entry_id="a", entries=(("b", 1),), content=CARD))
    assert fresh.get("a").votes == NONE
    assert fresh.get("b").votes == kept.get("b").votes == kept.get("a").votes


def test_events_have_places_and_moments_between_them_fall_to_the_earlier() -> None:
    state = state_of(entry("a"), serve("c1", ("a", 1)), entry("b", BUS), Event(op="reject", rule="blank"))
    assert [state.place(f"E00{n}") for n in range(1, 5)] == [1, 1, 2, 2]
    assert [state.place_by(moment) for moment in ("E000", "E001", "E0025", "E003", "Z")] == [0, 1, 1, 2, 2]
    state.apply(control("X", "distrust", "eva"))
    assert (state.has("X"), state.has("E004"), state.events) == (False, True, 5)


def test_what_hygiene_said_is_kept_with_its_rule_and_time() -> None:
    state = state_of(
        Event(op="reject", rule="secret"),
        Event(op="add", entry_id="a", content=CALL, status="shadow"),
        Event(op="add", entry_id="b", content=BUS, status="quarantined", rule="order"),
        Event(op="link", entry_id="a", rule="duplicate"),
        Event(op="update", entry_id="a", status="quarantined", rule="order"),
        Event(op="retire", entry_id="b"),
    )
    assert state.judged == [
        Judged(1000, "reject", "secret"),
        Judged(2000, "add", ""),
        Judged(3000, "quarantine", "order"),
        Judged(4000, "link", "duplicate"),
    ]


def test_an_entry_is_touched_by_a_change_and_not_by_a_call_or_a_vote() -> None:
    state = State()
    log = stamped(entry("a"), serve("c1", ("a", 1)), vote("a", "c1"), Event(op="retire", entry_id="a"))
    touched = []
    for event in log:
        state.touched.clear()
        state.apply(event)
        touched.append(list(state.touched))
    assert touched == [["a"], [], [], ["a"]]


def test_a_source_is_distrusted_for_what_it_said_before_and_says_later() -> None:
    log = stamped(entry("a"), serve("c1", ("a", 1)), serve("c2", ("a", 1)), vote("a", "c1", by="ben"),
                  vote("a", "c1", by="eva"), vote("a", "c2", by="ben"))  # fmt: skip
    for at in (0, 4, 6):
        state = folded(*log[:at], control("X1", "distrust", "ben"), *log[at:])
        assert state.get("a").helpful == 1
        state.apply(control("X2", "trust", "ben"))
        assert state.get("a").helpful == 3


def test_a_rollback_of_a_rollback_brings_the_distrust_back_in_whatever_order_they_are_read() -> None:
    base = stamped(entry("a"), serve("c1", ("a", 1)), vote("a", "c1", by="ben"))
    controls = [control("X1", "distrust", "ben"), control("X3", "rollback", to="X0")]
    assert folded(*base, *controls).get("a").helpful == 1
    assert folded(*reversed(controls), *base).get("a").helpful == 1
    late = control("X4", "distrust", "ben")
    assert folded(*base, late, *controls).get("a").helpful == 0
