"""[pure] The state file of an earlier system: its traces as events, with everything that they held.

One JSON document. Traces stand under `traces` or `pathways`, as a list, as an object by uid, or as an object
of lists by pathway id; a bare list will do. A trace is of either shape: with the members of `path`, beside
`trace_uid`, `parent_trace_uid`, `version`, `superseded_by`, `retired`, `replay_count`, `replays_succeeded`;
or with `uid`, `content`, `predecessor_uid`, `tags`. What becomes a field of our trace is taken out; every
other member stays in the content. The old vector is kept there too but not used: it is made anew.
"""

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import orjson

from lakehouse.base.errors import Invalid
from lakehouse.memory import limits, path
from lakehouse.memory.events import Counters, Event, path_of
from lakehouse.memory.fold import State
from lakehouse.store.streams import Json

FILE_BYTES: Final = 256 << 20
HOLDERS: Final = ("traces", "pathways")
UIDS: Final = ("trace_uid", "uid")
PARENTS: Final = ("parent_trace_uid", "predecessor_uid")
CREATED: Final = ("created_at", "created_at_ns", "created_ms")
UPDATED: Final = ("updated_at", "updated_at_ns", "updated_ms")
REASONS: Final = ("retired_reason", "retirement_reason")
TAKEN: Final = frozenset(
    {
        *UIDS, *PARENTS, *CREATED, *UPDATED, *REASONS, "version", "superseded_by", "superseded_at", "retired",
        "retired_at", "replay_count", "replays_succeeded", "tags", "content",
    }
)  # fmt: skip
UNITS: Final = ((1e17, 1e6), (1e14, 1e3), (1e11, 1.0), (0.0, 1e-3))
"""From such a number on a time is in nanoseconds, microseconds, milliseconds, seconds; how many make a ms."""

END_MS: Final = 253_402_300_800_000
"""The year 10000, which no calendar of ours has."""

Member = Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateFile:
    """The file, read."""

    traces: tuple[Member, ...]
    rest: Member
    """What it held besides traces."""

    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A trace that was not taken in."""

    uid: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of the traces of a file."""

    found: int
    added: int
    known: int
    """Their uid is here already; nothing of them was changed."""

    rejected: tuple[Rejected, ...]
    retired: int
    """Of those added, as are the next three."""

    rich: int
    opaque: int
    """Kept whole, but not readable as rich traces."""

    orphans: int
    """Their predecessor is neither in the file nor here."""


def read(text: bytes | str) -> StateFile:
    """The traces of a state file.

    Raises:
        Invalid: it is not JSON, holds no traces, or is too large.
    """
    raw = text.encode() if isinstance(text, str) else text
    if len(raw) > FILE_BYTES:
        raise Invalid("the state file is larger than 256 MB", hint="split its traces over several files")
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Invalid(
            "the state file is not JSON", hint="name the state.json of the earlier system"
        ) from error
    rest = dict(document) if isinstance(document, dict) else {}
    held = [rest.pop(name) for name in HOLDERS if name in rest]
    if isinstance(document, list):
        held = [document]
    if not held:
        raise Invalid("the file holds no traces", hint='there must be {"traces": […]}')
    traces = tuple(trace for holder in held for trace in _traces(holder))
    return StateFile(traces=traces, rest=rest, digest=sha256(raw).hexdigest())


def plan(given: StateFile, state: State) -> tuple[Sequence[Event], Imported]:
    """The events that take the traces in, predecessors first, and the report."""
    named = [(_uid(trace), trace) for trace in given.traces]
    wanted = {uid: trace for uid, trace in reversed(named) if uid not in state}
    rejected = [Rejected(uid=uid, reason="the uid occurs twice") for uid in _repeated(named, state)]
    refused = {bad.uid for bad in rejected}
    events: dict[str, Event] = {}
    for uid in wanted:
        for step in _upwards(uid, wanted, events):
            if step in events or step in refused:
                continue
            try:
                events[step] = _event(
                    step, wanted[step], state, events, is_inside=_parent(wanted[step]) in wanted
                )
            except Invalid as error:
                rejected.append(Rejected(uid=step[:128], reason=error.message))
                refused.add(step)
    made = tuple(events.values())
    report = Imported(
        found=len(named),
        added=len(made),
        known=sum(uid in state for uid, _ in named),
        rejected=tuple(rejected),
        retired=sum(e.counters.retired_ms is not None for e in made),
        rich=sum(e.path is not None for e in made),
        opaque=sum(e.path is None for e in made),
        orphans=sum(
            e.predecessor_uid not in {None, *events} and e.predecessor_uid not in state for e in made
        ),
    )
    return ((*made, _note(given, report)) if made else ()), report


def _event(uid: str, trace: Member, state: State, made: Mapping[str, Event], *, is_inside: bool) -> Event:
    parent = _parent(trace)
    if is_inside and parent not in made:
        raise Invalid(
            "its predecessor was not taken in, or its predecessors run in a circle", hint="mend the file"
        )
    before = made[parent].version if parent in made else state.get(parent).version if parent in state else 0
    given = _whole(trace, "version") or 1
    text = limits.content(_content(trace))
    return Event(
        event="import",
        uid=limits.uid(uid),
        text=text,
        tags=limits.tags(trace.get("tags") or ()),
        predecessor_uid=parent or None,
        version=before + 1 if before else max(given, 1),
        path=path_of(limits.parsed(text)),
        reason=(_first_text(trace, REASONS) or "retired before it was imported")[: limits.REASON_CHARS]
        if trace.get("retired") is True
        else "",
        counters=_counters(trace),
    )


def _counters(trace: Member) -> Counters:
    uses, good = _whole(trace, "replay_count") or 0, _whole(trace, "replays_succeeded")
    if good is not None and good > uses:
        raise Invalid("more replays succeeded than there were", hint="mend the file")
    created = _first_time(trace, CREATED)
    return Counters(
        replay_count=uses,
        replays_succeeded=good or 0,
        replays_failed=uses - good if good is not None else 0,
        created_ms=created,
        updated_ms=_first_time(trace, UPDATED),
        retired_ms=(_first_time(trace, ("retired_at", *UPDATED)) or created or 0)
        if trace.get("retired") is True
        else None,
        superseded_by=_first_text(trace, ("superseded_by",)) or None,
    )


def _content(trace: Member) -> Json:
    """What the trace says: a rich trace where it can be read as one, else as it was."""
    kept = {name: value for name, value in trace.items() if name not in TAKEN}
    if "content" in trace:
        return {"content": trace["content"], **kept} if kept else trace["content"]
    rich: dict[str, Json] = {"schema": path.SCHEMA, **kept}
    parts = [rich.get(name) for name in ("task_class", "file_path", "signal_class")]
    if all(isinstance(part, str) and part for part in parts) and "pathway_id" in rich:
        rich["earlier_pathway_id"] = rich.pop("pathway_id")
    return rich if path_of(rich) else kept


def _note(given: StateFile, report: Imported) -> Event:
    rest = orjson.dumps({"sha256": given.digest, "added": report.added, "rest": given.rest})
    if len(rest) > limits.CONTENT_BYTES:
        rest = orjson.dumps(
            {"sha256": given.digest, "added": report.added, "left_out": sorted(given.rest)[:100]}
        )
    return Event(event="imported", uid=f"state-{given.digest[:32]}", text=rest)


def _traces(holder: Json) -> Iterator[Member]:
    match holder:
        case list():
            for member in holder:
                if not isinstance(member, dict):
                    raise Invalid("a trace of the file is no object", hint='there must be {"traces": [{…}]}')
                yield member
        case dict():
            for key, member in holder.items():
                if isinstance(member, dict):
                    is_named = any(name in member for name in UIDS) or member.get("pathway_id") == key
                    yield member if is_named else {"uid": key, **member}
                else:
                    yield from _traces(member)
        case _:
            raise Invalid("the traces of the file are no list", hint='there must be {"traces": [{…}]}')


def _uid(trace: Member) -> str:
    """Its own, or one made of all it says, so that the same trace has the same one each time."""
    given = _first_text(trace, UIDS)
    digest = sha256(orjson.dumps(trace, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return given or f"state-{digest[:32]}"


def _repeated(named: Sequence[tuple[str, Member]], state: State) -> list[str]:
    first: dict[str, Member] = {}
    return [
        uid[:128]
        for uid, trace in named
        if uid not in state and first.setdefault(uid, trace) is not trace and first[uid] != trace
    ]


def _parent(trace: Member) -> str:
    return _first_text(trace, PARENTS)


def _upwards(uid: str, wanted: Mapping[str, Member], made: Mapping[str, Event]) -> Sequence[str]:
    """The trace and its predecessors that are still to be made, the earliest first; a circle is cut."""
    chain = {uid: None}
    above = _parent(wanted[uid])
    while above in wanted and above not in made and above not in chain:
        chain[above] = None
        above = _parent(wanted[above])
    return list(reversed(chain))


def _first_text(trace: Member, names: Sequence[str]) -> str:
    return next((v for name in names if isinstance(v := trace.get(name), str) and v), "")


def _first_time(trace: Member, names: Sequence[str]) -> int | None:
    return next((ms for name in names if (ms := _time(trace.get(name))) is not None), None)


def _time(given: Json) -> int | None:
    if isinstance(given, str):
        try:
            at = dt.datetime.fromisoformat(given)
        except ValueError:
            return None
        return max(0, int((at if at.tzinfo else at.replace(tzinfo=dt.UTC)).timestamp() * 1000))
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given) or given < 0:
        return None
    ms = int(given / next(per for least, per in UNITS if given >= least))
    return ms if ms < END_MS else None


def _whole(trace: Member, name: str) -> int | None:
    given = trace.get(name)
    if given is None:
        return None
    if type(given) is not int or given < 0:
        raise Invalid(f"{name} is no count", hint="mend the file")
    return given
