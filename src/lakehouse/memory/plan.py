"""[pure] What an operation writes: each looks at what is known and gives its events, or says why not.

Nothing here happens yet; `pathway` gives events their place in the order and makes them durable.
"""

from collections.abc import Sequence

from lakehouse.base.errors import Conflict, Invalid, Refused
from lakehouse.memory import limits, path, posterior
from lakehouse.memory.events import Event
from lakehouse.memory.fold import State
from lakehouse.memory.params import PathwayParams
from lakehouse.memory.path import Path
from lakehouse.memory.trace import Trace


def add(state: State, *, uid: str, content: object, tags: object = (), is_again: bool = False) -> Event:
    """A new trace; or, where the uid is there and that `is_again` allowed, one more use of it.

    Raises:
        Conflict: the uid is taken.
        Invalid: what is given cannot be a trace.
    """
    text, named = limits.content(content), limits.tags(tags)
    made = Event(event="add", uid=limits.uid(uid), text=text, tags=named, path=_path(text))
    if uid not in state:
        return made
    if is_again:
        return Event(event="replay", uid=uid)
    raise Conflict(f"the uid {uid} is taken", hint="revise it, or add idempotently")


def update(state: State, uid: str, *, content: object = None, tags: object = None) -> Event | None:
    """Other content or tags in place; None where they are the same.

    Raises:
        NotFound: no such trace.
        Refused: it is retired, or its replays speak for another path than the new content tells of.
        Invalid: what is given cannot be a trace, or nothing is.
    """
    known = state.get(uid)
    if content is None and tags is None:
        raise Invalid("an update needs content or tags", hint="content={…} or tags=[…]")
    text = limits.content(content) if content is not None else None
    named = limits.tags(tags) if tags is not None else None
    _require_alive(known)
    made = _path(text) if text is not None else known.path
    if known.replay_count and _way(made) != _way(known.path):
        raise Refused(
            f"{uid} was replayed, and the new content tells of another way",
            hint=f"lakehouse pathway revise {uid}",
        )
    if text in {None, known.text} and named in {None, known.tags}:
        return None
    return Event(event="update", uid=uid, text=text, tags=named, path=made)


def revise(state: State, predecessor_uid: str, *, uid: str, content: object, tags: object = None) -> Event:
    """A new version of the tip of a chain; it keeps the tags unless others are given, and no replays.

    Raises:
        NotFound: no such predecessor.
        Conflict: the predecessor has a revision, or the new uid is taken.
        Invalid: what is given cannot be a trace.
    """
    known = state.get(predecessor_uid)
    if known.superseded_by:
        raise Conflict(
            f"{predecessor_uid} was revised already, by {known.superseded_by}",
            hint=f"lakehouse pathway revise {known.superseded_by}",
        )
    if uid in state:
        raise Conflict(f"the uid {uid} is taken", hint="leave it out, and a new one is made")
    text = limits.content(content)
    return Event(
        event="revise",
        uid=limits.uid(uid),
        text=text,
        tags=limits.tags(tags) if tags is not None else known.tags,
        predecessor_uid=predecessor_uid,
        version=known.version + 1,
        path=_path(text),
    )


def retire(state: State, uid: str, *, reason: object) -> Event | None:
    """Take a trace out of use; None where it is already.

    Raises:
        NotFound: no such trace.
        Invalid: there is no reason.
    """
    known, why = state.get(uid), limits.reason(reason)
    return None if known.is_retired else Event(event="retire", uid=uid, reason=why)


def replay(
    state: State, uid: str, *, succeeded: object, note: object, params: PathwayParams
) -> Sequence[Event]:
    """What came of using a trace again; where that makes it surely too bad, its retirement too.

    Raises:
        NotFound: no such trace.
        Refused: it is retired.
        Invalid: the outcome is neither true nor false.
    """
    known = state.get(uid)
    if not isinstance(succeeded, bool):
        raise Invalid("a replay succeeded or it did not", hint="succeeded=True or succeeded=False")
    told = limits.note(note)
    _require_alive(known)
    event = Event(event="replay", uid=uid, succeeded=succeeded, reason=told)
    good, bad = known.replays_succeeded + succeeded, known.replays_failed + (not succeeded)
    below = 1 - chance(good, bad, params)
    if succeeded or below < params.sure:  # a success never retires, however little the prior expects
        return (event,)
    why = f"P(success rate < {params.success:g}) is {below:.3f} after {good} of {good + bad} replays"
    return (event, Event(event="retire", uid=uid, reason=why))


def chance(successes: int, failures: int, params: PathwayParams) -> float:
    """P(the success rate is at least `params.success`)."""
    prior = (params.prior_successes, params.prior_failures)
    return posterior.at_least(params.success, successes=successes, failures=failures, prior=prior)


def _path(text: bytes) -> Path | None:
    content = limits.parsed(text)
    return path.written(content) if isinstance(content, dict) and path.claims(content) else None


def _way(given: Path | None) -> tuple[str, str] | None:
    """What a replay repeats."""
    return (given.pathway_id, given.model) if given else None


def _require_alive(known: Trace) -> None:
    if known.is_retired:
        raise Refused(
            f"{known.uid} is retired: {known.retired_reason}", hint=f"lakehouse pathway revise {known.uid}"
        )
