"""[acts] The playbook's text of one lake: every operation, durable when it returns, seen by every process."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from lakehouse.base.clock import Clock
from lakehouse.base.errors import Invalid, LakehouseError, NotFound
from lakehouse.base.ids import ulid
from lakehouse.matrix.bullets import audit as audits
from lakehouse.matrix.bullets import choose as choices
from lakehouse.matrix.bullets import limits, plan, stale
from lakehouse.matrix.bullets.ask import Asking
from lakehouse.matrix.bullets.audit import Audit
from lakehouse.matrix.bullets.bullet import Bullet, Status
from lakehouse.matrix.bullets.choose import Choice
from lakehouse.matrix.bullets.draft import Draft, Read, read, require_clean
from lakehouse.matrix.bullets.events import Event
from lakehouse.matrix.bullets.fold import Judged
from lakehouse.matrix.bullets.hygiene.verdict import Verdict, Written
from lakehouse.matrix.bullets.judge import Judge
from lakehouse.matrix.bullets.log import Log, View
from lakehouse.matrix.bullets.meaning import Meaning
from lakehouse.matrix.bullets.outside import NOTHING, Outside
from lakehouse.matrix.bullets.params import DEFAULTS, BulletParams
from lakehouse.store.journal import Journal
from lakehouse.store.turns import Turns

MONTH_MS: Final = 30 * 86_400_000

Make = Callable[[View, Verdict], Event | None]


class Bullets:
    """Entries of a playbook. Safe between threads and processes."""

    def __init__(
        self,
        journal: Journal,
        *,
        turns: Turns,
        clock: Clock,
        outside: Outside = NOTHING,
        params: BulletParams = DEFAULTS,
    ) -> None:
        self._log = Log(journal, turns=turns, clock=clock)
        self._clock, self._outside, self.params = clock, outside, params
        meaning = Meaning(outside.embedder)
        self._judge = Judge(self._log, meaning, outside=outside, clock=clock, params=params)
        self._asking = Asking(self._log, meaning, outside=outside, params=params)

    def add(self, draft: Draft, *, source: str = "", is_trial: bool = False) -> Written:
        """Judge a candidate and write what becomes of it; a rejected text is not kept, only why.

        Args:
            source: who wrote it; has no vote on it.
            is_trial: it begins in shadow, where only trial calls get it.

        Raises:
            Invalid: no content, or a field that cannot be.
            Refused: a field beside the content holds a secret.
        """
        given, by = read(draft), limits.source(source)
        if given.content is None:
            raise Invalid("an entry needs content", hint='Draft(content="…")')
        judged = self._judge.prepare(given)
        entry_id = ulid(self._clock.now_ms())
        told: list[Verdict] = []

        def decide(view: View) -> Sequence[Event]:
            told.append(judged.decide(view))
            return [plan.add(view.state, entry_id, given, verdict=told[-1], source=by, is_trial=is_trial)]

        def show(view: View) -> Written:
            named = entry_id if entry_id in view.state else told[-1].entry_id
            return Written(verdict=told[-1], entry=view.state.get(named) if named else None)

        return self._log.write(decide, show)

    def update(
        self, entry_id: str, draft: Draft, *, status: str | None = None, source: str = "", reason: str = ""
    ) -> Bullet:
        """Change what the draft gives; all else stays. A new text passes hygiene, and begins without votes.

        Args:
            status: active or shadow; so an entry leaves shadow or quarantine, with a reason.

        Raises:
            NotFound: no such entry.
            Refused: it is retired, or hygiene keeps the new text out.
            Conflict: another entry says it.
            Invalid: nothing is given, or it cannot be.
        """
        named, given, by, why = limits.name(entry_id), read(draft), limits.source(source), _why(reason)
        to = _status(status, why)
        return self._change(
            named,
            given,
            lambda view, verdict: plan.update(
                view.state, named, given, status=to, verdict=verdict, source=by, reason=why
            ),
            but=frozenset({named}),
            source=by,
        )

    def merge(self, entry_ids: Sequence[str], draft: Draft, *, reason: str, source: str = "") -> Bullet:
        """The first entry says what all of them say; the others retire into it.

        Args:
            draft: a content for all; without one, that of the first stays, with the votes of all.

        Raises:
            NotFound: one is not there.
            Refused: one is retired or in quarantine, or hygiene keeps the new text out.
            Invalid: fewer than two, or scopes that differ and none given for all.
        """
        ids = [limits.name(entry_id) for entry_id in entry_ids]
        given, by, why = read(draft), limits.source(source), _why(limits.reason(reason))
        if not ids:
            raise Invalid("merge which entries?", hint="merge([one, other], Draft(), reason=…)")
        return self._change(
            ids[0],
            given,
            lambda view, verdict: plan.merge(view.state, ids, given, verdict=verdict, source=by, reason=why),
            but=frozenset(ids),
            source=by,
        )

    def retire(self, entry_id: str, *, reason: str, source: str = "") -> Bullet:
        """Take an entry out of use; it stays in the log, and is not learned again.

        Raises:
            NotFound: no such entry.
            Invalid: no reason.
        """
        named, why, by = limits.name(entry_id), _why(limits.reason(reason)), limits.source(source)
        return self._log.write(
            lambda view: _some(plan.retire(view.state, named, reason=why, source=by)),
            lambda view: view.state.get(named),
        )

    def vote(
        self,
        entry_id: str,
        *,
        call_id: str,
        helpful: bool | None = None,
        difference: float | None = None,
        source: str = "",
    ) -> Bullet:
        """Tell what an entry did for a call that was served it.

        Args:
            difference: of the call's result with the entry minus without it, -1 to 1; counts more than votes.

        Raises:
            NotFound: no such entry.
            Refused: the call was not served it, or its author votes.
        """
        named, call, by = limits.name(entry_id), limits.name(call_id, "a call's id"), limits.source(source)

        def decide(view: View) -> Sequence[Event]:
            return [
                plan.vote(view.state, named, call_id=call, helpful=helpful, difference=difference, source=by)
            ]

        return self._log.write(decide, lambda view: view.state.get(named))

    def get(self, entry_id: str) -> Bullet:
        """One entry as it stands, retired or not.

        Raises:
            NotFound: there is none.
        """
        return self._log.read(lambda view: view.state.get(limits.name(entry_id)))

    def ls(
        self,
        *,
        section: str = "",
        status: str = "",
        facets: Mapping[str, str] | None = None,
        k: int = 100,
    ) -> tuple[Bullet, ...]:
        """Entries, the latest change first.

        Args:
            status: by default all but the retired ones.
            facets: only entries whose scope matches.
            k: at most, 1 to 1,000.
        """
        return self._asking.ls(section=section, status=status, facets=facets, k=k)

    def history(self, entry_id: str) -> tuple[Bullet, ...]:
        """Every version of an entry, newest first.

        Raises:
            NotFound: there is no such entry.
        """
        return self._log.read(lambda view: view.state.history(limits.name(entry_id)))

    def choose(
        self,
        question: str,
        *,
        facets: Mapping[str, str] | None = None,
        call_id: str = "",
        k: int | None = None,
        is_trial: bool = False,
    ) -> Choice:
        """The one or two entries for a prompt.

        Args:
            facets: of the question (role, city …); an entry's scope must match.
            call_id: of the call that gets them; without one it is a look, nothing is recorded, nobody can
                vote.
            is_trial: entries in shadow may be chosen too.

        Raises:
            Invalid: a blank question, or k is not 1 or 2.
        """
        call = limits.name(call_id, "a call's id") if call_id else ""
        chosen = self._asking.choose(question, facets=facets, k=k, is_trial=is_trial)
        return self._serve(chosen, call) if call else chosen

    def served(self, texts: Sequence[str]) -> None:
        """Remember passages that an answer or a prompt was given, so that copies of them are not learned.

        By this process, for a window; entries of the playbook are remembered by every process.
        """
        self._judge.served(texts)

    def check(self, draft: Draft) -> Verdict:
        """What would become of a candidate; nothing is written."""
        given = read(draft)
        if given.content is None:
            raise Invalid("an entry needs content", hint='Draft(content="…")')
        return self._log.read(self._judge.prepare(given).decide)

    def audit(self, *, window_ms: int = MONTH_MS) -> Audit:
        """The state of the entries, and what hygiene did within a window."""
        if type(window_ms) is not int or window_ms < 1:
            raise Invalid("a window is at least a millisecond", hint="window_ms=86_400_000")

        def ask(view: View) -> tuple[tuple[Bullet, ...], tuple[Judged, ...], int, int]:
            state = view.state
            return tuple(state), tuple(state.judged), view.follower.damaged, len(view.unknown)

        every, judged, damaged, unknown = self._log.read(ask)
        return audits.audit(
            every,
            judged,
            since_ms=self._clock.now_ms() - window_ms,
            stale=stale.find([one for one in every if one.is_in_use], self._outside.digests),
            unread=(damaged, unknown),
            params=self.params,
        )

    def rollback(self, entry_id: str, *, version: int, reason: str) -> Bullet:
        """An earlier version of an entry stands again, as a new version, with the votes that its text had.

        Raises:
            NotFound: no such entry or version.
        """
        named, why = limits.name(entry_id), _why(limits.reason(reason))
        return self._log.write(
            lambda view: _some(plan.restore(view.state, named, version=version, reason=why)),
            lambda view: view.state.get(named),
        )

    def rollback_all(self, *, to: str, reason: str, is_moment: bool = False) -> tuple[Bullet, ...]:
        """Every entry as it stood after an event of the playbook; those that changed. Votes stay.

        Raises:
            NotFound: no such event; with `is_moment`, any id of the log will do.
        """
        why = _why(limits.reason(reason))
        changed: list[str] = []

        def decide(view: View) -> Sequence[Event]:
            events = plan.restore_all(view.state, to, reason=why, is_moment=is_moment)
            changed.extend(event.entry_id for event in events)
            return events

        return self._log.write(decide, lambda view: tuple(map(view.state.get, changed)))

    @property
    def version(self) -> str:
        """Id of the latest event; `rollback_all` takes one. Empty before the first."""
        return self._log.read(lambda view: view.state.last[1])

    def _change(
        self,
        entry_id: str,
        given: Read,
        make: Make,
        *,
        but: frozenset[str],
        source: str,
    ) -> Bullet:
        judged = self._judge.prepare(given, but=but)
        refused: list[LakehouseError] = []

        def decide(view: View) -> Sequence[Event]:
            verdict = judged.decide(view)
            try:
                return _some(make(view, verdict))
            except LakehouseError as error:
                if verdict.outcome != "reject":
                    raise
                refused.append(error)  # what hygiene kept out is counted, also on an update
                return [plan.add(view.state, "", given, verdict=verdict, source=source)]

        def show(view: View) -> Bullet | None:
            return view.state.get(entry_id) if entry_id in view.state else None

        found = self._log.write(decide, show)
        if refused:
            raise refused[0]
        if found is None:
            raise NotFound(f"the playbook has no entry {entry_id!r}", hint="lakehouse playbook entries")
        return found

    def _serve(self, chosen: Choice, call_id: str) -> Choice:
        # The version that was shown, which another process may have changed since.
        given = [(one.bullet.entry_id, one.bullet.version) for one in chosen.chosen]
        self._log.write(lambda view: _some(plan.serve(view.state, call_id, given)), lambda _: None)
        return choices.named(chosen, call_id)


def _some(event: Event | None) -> Sequence[Event]:
    return [event] if event else []


def _why(reason: str) -> str:
    require_clean([reason])
    return reason.strip()


def _status(given: str | None, reason: str) -> Status | None:
    match given:
        case None:
            return None
        case "active" | "shadow" if reason:
            return given
        case "active" | "shadow":
            raise Invalid("a status is changed for a reason", hint='reason="looked at it, it is safe"')
        case _:
            raise Invalid("an entry is set active or shadow", hint='status="active"')
