"""[pure] What an operation writes: each looks at what is known and gives its events, or says why not."""

from collections.abc import Sequence

from lakehouse.base.errors import Conflict, Invalid, NotFound, Refused
from lakehouse.matrix.bullets import limits
from lakehouse.matrix.bullets.bullet import Bullet, Status
from lakehouse.matrix.bullets.draft import Read
from lakehouse.matrix.bullets.events import Event
from lakehouse.matrix.bullets.fold import State
from lakehouse.matrix.bullets.hygiene.verdict import Verdict

GENERAL = "general"


def add(
    state: State, entry_id: str, given: Read, *, verdict: Verdict, source: str, is_trial: bool = False
) -> Event:
    """What a verdict on a candidate writes; a rejected text is not kept."""
    match verdict.outcome:
        case "reject":
            return Event(
                op="reject",
                entry_id=verdict.entry_id,
                rule=verdict.rule,
                reason=verdict.reason,
                source=source,
            )
        case "link":
            known = state.get(verdict.entry_id)
            waits = known.status == "quarantined" and known.rule == "no_evidence"
            return Event(
                op="link",
                entry_id=known.entry_id,
                evidence=given.evidence,
                rule=verdict.rule,
                reason=verdict.reason,
                source=source,
                status="active" if waits else None,
            )
        case _:
            status: Status = "shadow" if is_trial else "active"
            return Event(
                op="add",
                entry_id=entry_id,
                section=given.section or GENERAL,
                content=given.content,
                scope=given.scope,
                evidence=given.evidence,
                doc_refs=given.doc_refs,
                status="quarantined" if verdict.outcome == "quarantine" else status,
                rule=verdict.rule,
                reason=verdict.reason,
                source=source,
            )


def update(
    state: State,
    entry_id: str,
    given: Read,
    *,
    status: Status | None,
    verdict: Verdict,
    source: str,
    reason: str,
) -> Event | None:
    """Other fields of an entry; whatever is not given stays. None where nothing changes.

    Raises:
        NotFound: no such entry.
        Refused: it is retired, or hygiene says no.
        Conflict: another entry says what it would say.
        Invalid: nothing is given.
    """
    known = state.get(entry_id)
    if given.is_empty and status is None:
        raise Invalid("an update needs something to change", hint='Draft(content="…")')
    require_alive(known)
    require_passed(verdict)
    is_kept_apart = verdict.outcome == "quarantine"
    event = Event(
        op="update",
        entry_id=entry_id,
        section=given.section,
        content=given.content,
        scope=given.scope,
        evidence=given.evidence,
        doc_refs=given.doc_refs,
        status="quarantined" if is_kept_apart else status,
        rule=verdict.rule if is_kept_apart else "",
        reason=verdict.reason if is_kept_apart else reason,
        source=source,
    )
    return None if _is_same(known, event) else event


def merge(
    state: State, entry_ids: Sequence[str], given: Read, *, verdict: Verdict, source: str, reason: str
) -> Event:
    """Make the first entry say what all say; the others retire into it, evidence and rows go along.

    Raises:
        NotFound: one of them is not there.
        Refused: one is retired, or hygiene says no.
        Invalid: fewer than two, or they hold for different scopes and none is given.
    """
    ids = tuple(dict.fromkeys(entry_ids))
    if len(ids) < 2 or len(ids) > limits.DOC_REFS:
        raise Invalid(f"2 to {limits.DOC_REFS} different entries are merged", hint="merge([one, other])")
    known = [state.get(entry_id) for entry_id in ids]
    for one in known:
        require_alive(one)
        if one.status == "quarantined":
            raise Refused(f"{one.entry_id} is in quarantine", hint=f"lakehouse playbook entry {one.entry_id}")
    require_passed(verdict)
    if given.scope is None and len({one.scope for one in known}) > 1:
        raise Invalid("they hold for different scopes", hint='say for which: Draft(scope={"role": "welder"})')
    evidence = dict.fromkeys((*(given.evidence or ()), *(e for one in known for e in one.evidence)))
    refs = dict.fromkeys((*(given.doc_refs or ()), *(r for one in known for r in one.doc_refs)))
    is_kept_apart = verdict.outcome == "quarantine"
    return Event(
        op="merge",
        entry_id=ids[0],
        entries=tuple((one.entry_id, one.version) for one in known[1:]),
        section=given.section,
        content=given.content,
        scope=given.scope,
        evidence=tuple(evidence)[: limits.EVIDENCE],
        doc_refs=tuple(refs),
        status="quarantined" if is_kept_apart else None,
        rule=verdict.rule if is_kept_apart else "",
        reason=reason,
        source=source,
    )


def retire(state: State, entry_id: str, *, reason: str, source: str = "") -> Event | None:
    """Take an entry out of use; None where it is already.

    Raises:
        NotFound: no such entry.
    """
    known = state.get(entry_id)
    if known.status == "retired":
        return None
    return Event(op="retire", entry_id=entry_id, reason=reason, source=source)


def restore(state: State, entry_id: str, *, version: object, reason: str) -> Event | None:
    """An earlier version of an entry stands again, as a new version; None where it stands already.

    Raises:
        NotFound: no such entry, or no such version of it.
    """
    known = state.get(entry_id)
    if type(version) is not int or not 1 <= version <= known.version:
        raise NotFound(
            f"{entry_id} has versions 1 to {known.version}", hint=f"lakehouse playbook entry {entry_id}"
        )
    if version == known.version:
        return None
    return Event(op="restore", entry_id=entry_id, to_version=version, reason=reason)


def restore_all(state: State, event_id: str, *, reason: str, is_moment: bool = False) -> tuple[Event, ...]:
    """Every entry as it stood after an event: restored, or retired where it was not there yet.

    Args:
        is_moment: the event is known, and may be none of entries.

    Raises:
        NotFound: no such event.
    """
    if not state.has(event_id) and not is_moment:
        raise NotFound("the playbook has no such version", hint="lakehouse playbook history")
    place = state.place(event_id) if state.has(event_id) else state.place_by(event_id)
    then: dict[str, int] = {}
    now: dict[str, int] = {}
    for number, (_, entry_id) in enumerate(state.log):
        now[entry_id] = now.get(entry_id, 0) + 1
        if number < place:
            then[entry_id] = now[entry_id]
    events: list[Event | None] = []
    for entry_id, version in now.items():
        if entry_id not in then:
            events.append(retire(state, entry_id, reason=reason))
        elif then[entry_id] != version:
            events.append(restore(state, entry_id, version=then[entry_id], reason=reason))
    return tuple(event for event in events if event)


def serve(state: State, call_id: str, entries: Sequence[tuple[str, int]]) -> Event | None:
    """That a call is given these versions of entries; None where it has them already."""
    held = state.served(call_id)
    fresh = tuple((one, version) for one, version in entries if held.get(one) != version)
    return Event(op="serve", call_id=call_id, entries=fresh) if fresh else None


def vote(
    state: State, entry_id: str, *, call_id: str, helpful: object, difference: object, source: str
) -> Event:
    """What came of a call that was served an entry; the same source's later word on it replaces the earlier.

    Raises:
        NotFound: no such entry.
        Refused: the call was not served it, or its author votes.
        Invalid: neither a word nor a difference is given.
    """
    known = state.get(entry_id)
    if helpful is not None and not isinstance(helpful, bool):
        raise Invalid("an entry helped or it did harm", hint="helpful=True or helpful=False")
    apart = _difference(difference)
    if helpful is None and apart is None:
        raise Invalid("a vote says something", hint="helpful=True, or difference=0.2")
    if entry_id not in state.served(call_id):
        raise Refused(
            f"{entry_id} was not served to that call",
            hint="choose(…, call_id=…) before, then vote by that id",
        )
    if source and source in {one.source for one in state.history(entry_id)}:
        raise Refused(
            "whoever wrote an entry has no vote on it", hint=f"lakehouse playbook entry {known.entry_id}"
        )
    return Event(
        op="vote", entry_id=entry_id, call_id=call_id, helpful=helpful, difference=apart, source=source
    )


def require_alive(known: Bullet) -> None:
    """Raises `Refused` where an entry is retired."""
    if known.status == "retired":
        where = f", merged into {known.merged_into}" if known.merged_into else ""
        raise Refused(
            f"{known.entry_id} is retired{where}: {known.reason}",
            hint=f"lakehouse playbook entry {known.entry_id}",
        )


def require_passed(verdict: Verdict) -> None:
    """Raises `Refused` or `Conflict` where hygiene keeps a text out."""
    if verdict.outcome in {"add", "quarantine"}:
        return
    if verdict.rule == "duplicate":
        raise Conflict(
            f"another entry says this: {verdict.entry_id}",
            hint=f"lakehouse playbook entry {verdict.entry_id}",
        )
    raise Refused(
        f"not taken ({verdict.rule}): {verdict.reason}", hint="say it without that", rule=verdict.rule
    )


def _difference(given: object) -> float | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float) or not -1 <= given <= 1:
        raise Invalid("a difference is a number from -1 to 1", hint="with the entry minus without it")
    return float(given)


def _is_same(known: Bullet, event: Event) -> bool:
    given = (
        (event.section, known.section),
        (event.content, known.content),
        (event.scope, known.scope),
        (event.doc_refs, known.doc_refs),
        (event.status, known.status),
    )
    is_shown = set(event.evidence or ()) <= set(known.evidence)
    return is_shown and all(new is None or new == old for new, old in given)
