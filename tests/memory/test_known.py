"""Figures count what they say they count."""

from dataclasses import asdict

from lakehouse.memory import known
from lakehouse.memory.events import Event
from lakehouse.memory.fold import State
from lakehouse.memory.params import DEFAULTS, PathwayParams
from tests.memory.remembered import RICH, memory


def test_figures_of_a_memory_with_one_of_everything() -> None:
    made = memory()
    proven = made.add(dict(RICH), uid="proven").uid
    for _ in range(10):
        made.replay(proven, succeeded=True)
    made.add({**RICH, "signal_class": "bug"}, uid="young")
    made.add("opaque", uid="opaque")
    made.add("opaque", uid="opaque", idempotent=True)
    made.revise("opaque", "better", uid="better")
    made.add("bad", uid="bad")
    made.replay("bad", succeeded=False)
    assert asdict(made.stats()) == {
        "traces": 5,
        "current": 3,
        "superseded": 1,
        "retired": 1,
        "pathways": 2,
        "proven": 1,
        "replays": 12,
        "replays_succeeded": 10,
        "replays_failed": 1,
        "bug_fingerprints": 1,
        "events": 18,
        "damaged_lines": 0,
        "unknown_events": 0,
        "unapplied_events": 0,
        "forks": 0,
        "gaps": 0,
    }


def test_proven_is_a_matter_of_policy() -> None:
    made, strict = memory(), PathwayParams(sure=0.99)
    uid = made.add(dict(RICH)).uid
    for _ in range(10):
        made.replay(uid, succeeded=True)
    state = State()
    trace = made.get(uid)
    state.apply(Event(event="add", uid=uid, text=trace.text, path=trace.path, event_id="1", seq=1))
    for n in range(10):
        state.apply(Event(event="replay", uid=uid, succeeded=True, event_id=f"r{n}", seq=n + 2))
    assert known.stats(state, DEFAULTS, damaged=2, unknown=3).proven == 1
    found = known.stats(state, strict, damaged=2, unknown=3)
    assert (found.proven, found.damaged_lines, found.unknown_events) == (0, 2, 3)


def test_bugs_of_several_traces_are_joined_and_only_current_ones_count() -> None:
    made = memory()
    bug = {"flag": "DeadCode", "pattern_key": "DeadCode:old_index", "example": "x", "occurrences": 1}
    for n in range(3):
        made.add({**RICH, "bug_fingerprints": [bug], "file_path": f"crates/vectord/f{n}.rs"}, uid=f"t{n}")
    made.revise("t0", {**RICH, "bug_fingerprints": []})
    assert [(b.pattern_key, b.occurrences) for b in made.bug_fingerprints("crates/vectord")] == [
        ("DeadCode:old_index", 2)
    ]
