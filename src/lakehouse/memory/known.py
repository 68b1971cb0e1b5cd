"""[pure] Bugs known of a part of the code, and figures of all that is remembered."""

from collections.abc import Iterable
from dataclasses import dataclass

from lakehouse.memory.fingerprint import Bug, joined
from lakehouse.memory.fold import State
from lakehouse.memory.params import PathwayParams
from lakehouse.memory.plan import chance
from lakehouse.memory.trace import Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """Figures of one moment."""

    traces: int
    """All versions, retired ones too."""

    current: int
    """What searches can find."""

    superseded: int
    retired: int
    pathways: int
    """Kinds of task."""

    proven: int
    """Current rich traces whose success rate is surely high enough."""

    replays: int
    replays_succeeded: int
    replays_failed: int
    bug_fingerprints: int
    """Different keys."""

    events: int
    damaged_lines: int
    """Lines of the log that could not be read and were skipped."""

    unknown_events: int
    """Records that no version up to this one writes, skipped."""

    unapplied_events: int
    """Events about traces that are not there, or that brought a uid again."""

    forks: int
    """Traces that were revised more than once, by machines that did not see each other."""

    gaps: int
    """Revisions whose predecessor is missing."""


def bugs_of(traces: Iterable[Trace]) -> tuple[Bug, ...]:
    """The bugs of current traces, each key once, most frequent first."""
    return joined(bug for trace in traces if trace.is_current and trace.path for bug in trace.path.bugs)


def stats(state: State, params: PathwayParams, *, damaged: int, unknown: int) -> Stats:
    """Figures of a fold, and of the lines that never got into it."""
    current = [t for t in state if t.is_current]
    return Stats(
        traces=len(state),
        current=len(current),
        superseded=sum(not t.is_tip for t in state),
        retired=sum(t.is_retired for t in state),
        pathways=len({t.path.pathway_id for t in state if t.path}),
        proven=sum(_is_proven(t, params) for t in current),
        replays=sum(t.replay_count for t in state),
        replays_succeeded=sum(t.replays_succeeded for t in state),
        replays_failed=sum(t.replays_failed for t in state),
        bug_fingerprints=len(bugs_of(current)),
        events=state.events,
        damaged_lines=damaged,
        unknown_events=unknown,
        unapplied_events=state.unapplied,
        forks=state.forks,
        gaps=state.gaps,
    )


def _is_proven(trace: Trace, params: PathwayParams) -> bool:
    if not trace.path or not trace.replays_succeeded:
        return False
    return chance(trace.replays_succeeded, trace.replays_failed, params) >= params.sure
