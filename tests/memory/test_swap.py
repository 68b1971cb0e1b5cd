"""A remembered model replaces the ladder only when every gate holds, and each says why."""

from dataclasses import replace

import pytest

from lakehouse.base.errors import Invalid
from lakehouse.memory import path, plan, swap
from lakehouse.memory.params import DEFAULTS, PathwayParams
from lakehouse.memory.path import Path
from lakehouse.memory.swap import Swap
from lakehouse.memory.trace import Trace
from tests.memory.remembered import RICH, TASK

ASKED = path.written(dict(TASK))  # type: ignore[arg-type]  # JSON
TOLD = path.written(dict(RICH))  # type: ignore[arg-type]  # JSON


def trace(**changes: object) -> Trace:
    made = Trace(uid="t", text=b"{}", replay_count=10, replays_succeeded=10, path=TOLD)
    return replace(made, **changes)  # type: ignore[arg-type]  # its fields


def decide(*traces: Trace, asked: Path = ASKED, params: PathwayParams = DEFAULTS) -> Swap:
    return swap.decide(asked, traces, params)


def failed(found: Swap) -> list[str]:
    return [gate.name for gate in found.gates if not gate.passed]


def test_ten_of_ten_replace_the_ladder_and_three_of_three_do_not() -> None:
    ten = decide(trace())
    assert (ten.swap, ten.model, ten.uid, ten.p_success) == (True, "large", "t", 0.914101)
    three = decide(trace(replays_succeeded=3))
    assert (three.swap, three.model, three.p_success, failed(three)) == (False, None, 0.5904, ["success"])
    assert three.reason == "P(success rate >= 0.8) is 0.590 after 3 of 3 replays, at least 0.9 is needed"


@pytest.mark.parametrize(
    ("given", "gate"),
    [
        (trace(path=replace(TOLD, audit="failed")), "audit"),
        (trace(path=replace(TOLD, audit="unreadable")), "audit"),
        (trace(retired_ms=1, retired_reason="bad"), "in_use"),
        (trace(superseded_by="u"), "in_use"),
        (trace(path=replace(TOLD, flags=("DeadCode",), chunks=())), "similarity"),
        (trace(replays_failed=3), "success"),
        (trace(replays_succeeded=0), "success"),
        (trace(path=replace(TOLD, model="")), "model"),
        (trace(path=replace(TOLD, pathway_id="0" * 64)), "fingerprint"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_gate_alone_keeps_the_ladder(given: Trace, gate: str) -> None:
    found = decide(given)
    assert (found.swap, found.model, failed(found), len(found.gates)) == (False, None, [gate], 6)
    assert found.reason == next(g.reason for g in found.gates if g.name == gate)


def test_an_audit_that_is_missing_is_allowed() -> None:
    assert decide(trace(path=replace(TOLD, audit="missing"))).swap


def test_the_best_of_several_is_taken_and_those_of_the_same_kind_come_first() -> None:
    others = (
        trace(uid="young", replays_succeeded=2),
        trace(uid="proven", replays_succeeded=30),
        trace(uid="retired", replays_succeeded=99, retired_ms=1),
        trace(uid="elsewhere", replays_succeeded=99, path=replace(TOLD, pathway_id="0" * 64)),
        Trace(uid="opaque", text=b"1"),
    )
    found = decide(*others)
    assert (found.swap, found.uid, found.considered) == (True, "proven", 3)
    assert decide(*reversed(others)) == found


def test_nothing_remembered_keeps_the_ladder() -> None:
    found = decide(Trace(uid="opaque", text=b"1"))
    assert (found.swap, found.uid, found.gates, found.considered) == (False, None, (), 0)
    elsewhere = decide(trace(path=replace(TOLD, pathway_id="0" * 64)))
    assert (elsewhere.swap, elsewhere.considered, failed(elsewhere)) == (False, 0, ["fingerprint"])


def test_a_stricter_policy_asks_for_more() -> None:
    strict = PathwayParams(sure=0.95)
    assert not decide(trace(), params=strict).swap
    assert decide(trace(replays_succeeded=13), params=strict).swap
    doubting = PathwayParams(prior_failures=3.0)
    assert not decide(trace(), params=doubting).swap


@pytest.mark.parametrize(
    "wrong",
    [
        {"similarity": 1.0},
        {"success": 0.0},
        {"sure": 1.5},
        {"prior_successes": 0.0},
        {"prior_failures": -1.0},
    ],
    ids=str,
)
def test_a_policy_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(Invalid):
        PathwayParams(**wrong)


def test_the_chance_before_any_replay_is_the_prior_alone() -> None:
    assert plan.chance(0, 0, DEFAULTS) == pytest.approx(0.2)
