"""The state of an earlier system is taken in whole, once, and what cannot be is said."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.clock import FixedClock
from lakehouse.base.errors import Invalid
from lakehouse.memory.pathway import PathwayMemory
from lakehouse.store.journal import Journal
from lakehouse.store.memory import MemoryStore
from tests.memory.remembered import RICH, TASK, memory

OLD: Mapping[str, object] = {name: value for name, value in RICH.items() if name != "schema"} | {
    "pathway_id": "f" * 64,
    "trace_uid": "t1",
    "parent_trace_uid": None,
    "version": 1,
    "superseded_at": None,
    "superseded_by": None,
    "retired": False,
    "replay_count": 11,
    "replays_succeeded": 11,
    "created_at": "2026-04-24T12:00:00.123456789Z",
    "bridge_hits": [{"symbol": "x"}],
    "sub_pipeline_calls": [],
    "pathway_vec": [0.5] * 32,
    "from_the_future": {"a": 1},
}


def state(*traces: Mapping[str, object], **rest: object) -> str:
    return json.dumps({"traces": [dict(t) for t in traces], **rest})


@pytest.fixture
def empty() -> PathwayMemory:
    return memory()


def test_an_earlier_trace_keeps_its_history_its_content_and_unknown_members(empty: PathwayMemory) -> None:
    report = empty.import_state(state(OLD, last_updated="today"))
    assert (report.found, report.added, report.rich, report.rejected) == (1, 1, 1, ())
    trace = empty.get("t1")
    assert (trace.replay_count, trace.replays_succeeded, trace.replays_failed) == (11, 11, 0)
    assert trace.told()["created_at"] == "2026-04-24T12:00:00.123Z"
    content = trace.content
    assert isinstance(content, dict)
    assert content["from_the_future"] == {"a": 1}
    assert content["pathway_vec"] == [0.5] * 32
    assert content["earlier_pathway_id"] == "f" * 64
    assert content["ladder_attempts"] == RICH["ladder_attempts"]
    assert not {"trace_uid", "replay_count", "version"} & set(content)


def test_eleven_earlier_successes_replace_the_ladder(empty: PathwayMemory) -> None:
    uids = [f"t{n}" for n in range(11)]
    empty.import_state(state(*({**OLD, "trace_uid": uid, "signal_class": uid} for uid in uids)))
    swaps = [empty.hot_swap({**TASK, "signal_class": uid}) for uid in uids]
    assert [(s.swap, s.model, s.uid) for s in swaps] == [(True, "large", uid) for uid in uids]


def test_the_same_file_again_adds_nothing(empty: PathwayMemory) -> None:
    nameless = {name: value for name, value in OLD.items() if name != "trace_uid"}
    text = state(OLD, nameless, {"uid": "m", "content": [1]})
    assert empty.import_state(text).added == 3
    before = (empty.stats(), [m.trace for m in empty.search(k=10)])
    again = empty.import_state(text)
    assert (again.found, again.added, again.known) == (3, 0, 3)
    assert (empty.stats(), [m.trace for m in empty.search(k=10)]) == before


def test_chains_are_taken_in_whatever_their_order_and_retired_ones_stay_retired(empty: PathwayMemory) -> None:
    third = {**OLD, "trace_uid": "c", "parent_trace_uid": "b", "version": 3}
    second = {**OLD, "trace_uid": "b", "parent_trace_uid": "a", "retired": True, "retired_reason": "vague"}
    report = empty.import_state(state(third, second, {**OLD, "trace_uid": "a"}))
    assert (report.added, report.retired, report.orphans) == (3, 1, 0)
    assert [(t.uid, t.version) for t in empty.history("c")] == [("c", 3), ("b", 2), ("a", 1)]
    assert (empty.get("a").superseded_by, empty.get("b").retired_reason) == ("b", "vague")
    assert [m.trace.uid for m in empty.search()] == ["c"]


def test_the_other_shape_keeps_its_content_as_it_is(empty: PathwayMemory) -> None:
    trace = {
        "uid": "m1", "content": {"any": ["thing"]}, "predecessor_uid": "gone", "tags": ["a", "b"],
        "created_at_ns": 1_760_000_000_123_000_000, "updated_at_ns": 1_760_000_001_000_000_000,
        "retired": True, "replay_count": 4,
    }  # fmt: skip
    report = empty.import_state(json.dumps([trace]))
    assert (report.added, report.opaque, report.orphans, report.retired) == (1, 1, 1, 1)
    found = empty.get("m1")
    assert (found.content, found.tags, found.predecessor_uid) == ({"any": ["thing"]}, ("a", "b"), "gone")
    assert (found.created_ms, found.updated_ms, found.retired_ms) == (
        *(1_760_000_000_123, 1_760_000_001_000, 1_760_000_001_000),
    )
    assert (found.replay_count, found.replays_succeeded, found.replays_failed) == (4, 0, 0)
    assert [t.uid for t in empty.history("m1")] == ["m1"]


@pytest.mark.parametrize(
    "holder",
    [
        {"traces": {"t1": {"a": 1}}},
        {"pathways": {"f" * 64: [{"trace_uid": "t1", "a": 1}]}},
        {"pathways": [{"trace_uid": "t1", "a": 1}], "traces": []},
        {"traces": {"x": {"trace_uid": "t1", "a": 1}}},
    ],
    ids=str,
)
def test_traces_may_stand_in_a_list_or_an_object(empty: PathwayMemory, holder: object) -> None:
    assert empty.import_state(json.dumps(holder)).added == 1
    assert empty.get("t1").content == {"a": 1}


@pytest.mark.parametrize(
    ("trace", "reason"),
    [
        ({"trace_uid": "a b"}, "no uid of a trace"),
        ({"trace_uid": "a", "tags": "x"}, "tags are a list"),
        ({"trace_uid": "a", "replay_count": 1, "replays_succeeded": 2}, "more replays succeeded"),
        ({"trace_uid": "a", "replay_count": "many"}, "replay_count is no count"),
        ({"trace_uid": "a", "content": None}, "needs content"),
        ({"trace_uid": "a", "big": "x" * 300_000}, "more than 262,144"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_trace_that_cannot_be_kept_is_named_and_the_others_are_taken(
    empty: PathwayMemory, trace: Mapping[str, object], reason: str
) -> None:
    report = empty.import_state(state(trace, OLD))
    assert (report.added, len(report.rejected)) == (1, 1)
    assert report.rejected[0].uid == trace["trace_uid"]
    assert reason in report.rejected[0].reason


def test_a_circle_and_a_uid_that_means_two_things_are_rejected(empty: PathwayMemory) -> None:
    circle = [{"trace_uid": a, "parent_trace_uid": b} for a, b in (("a", "b"), ("b", "c"), ("c", "a"))]
    after = {"trace_uid": "d", "parent_trace_uid": "a"}
    report = empty.import_state(state(*circle, after, OLD, {**OLD, "version": 2}, OLD))
    assert sorted(r.uid for r in report.rejected) == ["a", "b", "c", "d", "t1"]
    assert "circle" in report.rejected[-1].reason
    assert report.added == len(empty.search(k=100)) == 0


def test_what_cannot_be_read_as_rich_is_kept_whole_and_opaque(empty: PathwayMemory) -> None:
    report = empty.import_state(state({**OLD, "kb_chunks": "lost"}))
    assert (report.added, report.opaque, report.rich) == (1, 1, 0)
    content = empty.get("t1").content
    assert isinstance(content, dict)
    assert (content["kb_chunks"], content["task_class"], "schema" in content) == ("lost", "review", False)


def test_an_audit_that_nobody_can_read_is_kept_and_keeps_the_ladder(empty: PathwayMemory) -> None:
    empty.import_state(state({**OLD, "audit_consensus": {"votes": 3}}))
    found = empty.hot_swap(dict(TASK))
    assert [g.name for g in found.gates if not g.passed] == ["audit"]


@pytest.mark.parametrize(
    "text", ["", "{", "7", "{}", '{"traces": 7}', '{"traces": [7]}', '{"traces": {"a": 7}}', b"\xff"]
)
def test_a_file_that_is_none_is_refused_and_nothing_is_taken(empty: PathwayMemory, text: str | bytes) -> None:
    with pytest.raises(Invalid) as refused:
        empty.import_state(text)
    assert refused.value.hint
    assert empty.stats().events == 0


def test_what_the_file_held_besides_traces_is_kept_in_the_log_as_far_as_it_fits() -> None:
    store = MemoryStore()
    for rest in ({"note": "small"}, {"huge": "x" * 300_000}):
        memory(store).import_state(state({**OLD, "trace_uid": next(iter(rest))}, **rest))
    notes = [r["content"] for r in Journal(store).replay("pathway") if r["event"] == "imported"]
    assert all(isinstance(note, dict) and len(str(note["sha256"])) == 64 for note in notes)
    assert [note.get("rest") or note.get("left_out") for note in notes if isinstance(note, dict)] == [
        {"note": "small"},
        ["huge"],
    ]


def test_a_time_that_nobody_can_read_is_left_in_the_content(empty: PathwayMemory) -> None:
    for uid, time in (("a", "yesterday"), ("b", -1), ("c", True), ("d", 1e300)):
        empty.import_state(state({**OLD, "trace_uid": uid, "created_at": time}))
        assert empty.get(uid).created_ms == FixedClock().ms


def test_a_file_that_is_too_large_is_refused_unread(empty: PathwayMemory) -> None:
    with pytest.raises(Invalid, match="256 MB"):
        empty.import_state(bytes((256 << 20) + 1))


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(
                ["trace_uid", "parent_trace_uid", "uid", "retired", "replay_count", "version", "x"]
            ),
            st.sampled_from(["a", "b", "c", "d", None, True, 3, -1, 1.5, [], {}]),
        ),
        max_size=8,
    )
)
def test_any_file_is_taken_or_named_and_a_second_time_changes_nothing(
    traces: list[dict[str, object]],
) -> None:
    made = memory()
    report = made.import_state(state(*traces))
    stats = made.stats()
    assert stats.traces == report.added
    assert (stats.unapplied_events, report.found) == (0, len(traces))
    assert report.added + len(report.rejected) <= report.found
    for match in made.search(k=100):
        assert made.history(match.trace.uid)
    assert made.import_state(state(*traces)).added == 0
    assert made.stats() == stats
