"""[pure] May the remembered model replace the ladder? A decision with its reasons, each gate shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from lakehouse.memory import plan
from lakehouse.memory.params import PathwayParams
from lakehouse.memory.path import Path
from lakehouse.memory.trace import Trace
from lakehouse.memory.vector import similarity

AUDITS: Final = {
    "passed": "the audit passed it",
    "missing": "nobody audited it, which is allowed",
    "failed": "the audit failed it",
    "unreadable": "what the audit said cannot be read, which is not a pass",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One condition: all must hold."""

    name: str
    """fingerprint, audit, in_use, similarity, success or model."""

    passed: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """The decision."""

    swap: bool
    model: str | None
    """What to use instead of the ladder; None: climb the ladder."""

    uid: str | None
    """The trace that came closest; None: nothing is remembered."""

    reason: str
    similarity: float | None
    p_success: float | None
    """P(its success rate is high enough)."""

    gates: tuple[Gate, ...]
    """Of the trace that came closest."""

    considered: int
    """Traces of the same kind of task."""


def decide(asked: Path, traces: Iterable[Trace], params: PathwayParams) -> Swap:
    """Choose among what is remembered: the trace that passes all gates, or the one that passes most."""
    rich = [(trace, trace.path) for trace in traces if trace.path]
    same = [pair for pair in rich if pair[1].pathway_id == asked.pathway_id]
    weighed = [_weighed(asked, trace, path, params) for trace, path in same or rich]
    if not weighed:
        return Swap(
            swap=False, model=None, uid=None, reason="nothing is remembered of any task", similarity=None,
            p_success=None, gates=(), considered=0,
        )  # fmt: skip
    best = max(weighed, key=lambda w: (sum(g.passed for g in w.gates), w.similarity, w.p_success, w.uid))
    failed = [gate for gate in best.gates if not gate.passed]
    return Swap(
        swap=not failed,
        model=best.model if not failed else None,
        uid=best.uid,
        reason=failed[0].reason if failed else "every gate is passed",
        similarity=round(best.similarity, 6),
        p_success=round(best.p_success, 6),
        gates=best.gates,
        considered=len(same),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weighed:
    uid: str
    model: str
    similarity: float
    p_success: float
    gates: tuple[Gate, ...]


def _weighed(asked: Path, trace: Trace, path: Path, params: PathwayParams) -> _Weighed:
    alike = similarity(asked.vector, path.vector)
    good, runs = trace.replays_succeeded, trace.replays_succeeded + trace.replays_failed
    chance = plan.chance(good, trace.replays_failed, params)
    is_same = path.pathway_id == asked.pathway_id
    gates = (
        Gate(
            name="fingerprint",
            passed=is_same,
            reason="the same kind of task" if is_same else "no trace is of this kind of task",
        ),
        Gate(name="audit", passed=path.audit in {"passed", "missing"}, reason=AUDITS[path.audit]),
        Gate(name="in_use", passed=trace.is_current, reason=_standing(trace)),
        Gate(
            name="similarity",
            passed=alike >= params.similarity,
            reason=f"similarity {alike:.3f}, at least {params.similarity:g} is needed",
        ),
        Gate(
            name="success",
            passed=chance >= params.sure,
            reason=f"P(success rate >= {params.success:g}) is {chance:.3f} after {good} of {runs} replays, "
            f"at least {params.sure:g} is needed",
        ),
        Gate(
            name="model",
            passed=bool(path.model),
            reason=f"{path.model} was accepted" if path.model else "no attempt was accepted",
        ),
    )
    return _Weighed(uid=trace.uid, model=path.model, similarity=alike, p_success=chance, gates=gates)


def _standing(trace: Trace) -> str:
    if trace.is_retired:
        return f"retired: {trace.retired_reason}"
    return "in use" if trace.is_tip else f"revised by {trace.superseded_by}"
