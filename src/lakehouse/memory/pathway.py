"""[acts] The memory of pathways: every operation, durable when it returns, seen by every process."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar, cast

from lakehouse.base.clock import Clock
from lakehouse.base.errors import Invalid
from lakehouse.base.ids import ulid
from lakehouse.memory import known, limits, path, plan, state_file, swap, vector
from lakehouse.memory.events import Event
from lakehouse.memory.find import Index, Match, Question
from lakehouse.memory.fingerprint import Bug
from lakehouse.memory.fold import State
from lakehouse.memory.known import Stats
from lakehouse.memory.log import Decide, Log, View
from lakehouse.memory.params import DEFAULTS, PathwayParams
from lakehouse.memory.state_file import Imported
from lakehouse.memory.swap import Swap
from lakehouse.memory.trace import Trace
from lakehouse.store.journal import Journal
from lakehouse.store.turns import Turns

T = TypeVar("T")

MOST: Final = 1_000
"""Traces of one search."""

NEAREST: Final = 5
"""Traces of other kinds that a refused hot swap is explained by."""

WORDS_CHARS: Final = 32 * 1024


class PathwayMemory:
    """Traces of what was tried. Safe between threads and processes."""

    def __init__(
        self, journal: Journal, *, turns: Turns, clock: Clock, params: PathwayParams = DEFAULTS
    ) -> None:
        self._log = Log(journal, turns=turns, clock=clock)
        self._clock, self._params = clock, params

    def add(
        self, content: object, *, tags: object = (), uid: str | None = None, idempotent: bool = False
    ) -> Trace:
        """Remember something new.

        Args:
            content: any JSON up to 256 KB; a rich trace says `"schema": "pathway/1"` (see `path`).
            tags: words to find it by, 64 at most.
            uid: by default a new one.
            idempotent: where the uid is there, keep its content and count one more use.

        Raises:
            Conflict: the uid is taken.
            Invalid: the content, a tag or the uid cannot be.
        """
        if idempotent and uid is None:
            raise Invalid("only a uid can be added again", hint='add(…, uid="task-17", idempotent=True)')
        named = self._new(uid)
        return self._write(
            named, lambda s: [plan.add(s, uid=named, content=content, tags=tags, is_again=idempotent)]
        )

    def update(self, uid: str, *, content: object = None, tags: object = None) -> Trace:
        """Change content or tags in place; the version stays.

        Raises:
            NotFound: no such trace.
            Refused: it is retired, or was replayed and the content tells of another way: revise it.
            Invalid: nothing is given, or it cannot be.
        """
        return self._write(uid, lambda s: _one(plan.update(s, uid, content=content, tags=tags)))

    def revise(
        self, predecessor_uid: str, content: object, *, tags: object = None, uid: str | None = None
    ) -> Trace:
        """A new version of a trace, which must be the last one of its chain; its replays start anew.

        Raises:
            NotFound: no such predecessor.
            Conflict: it was revised already.
            Invalid: the content, a tag or the uid cannot be.
        """
        named = self._new(uid)
        return self._write(
            named, lambda s: [plan.revise(s, predecessor_uid, uid=named, content=content, tags=tags)]
        )

    def retire(self, uid: str, reason: str) -> Trace:
        """Take a trace out of use, for good: searches no longer find it, `get` and `history` do.

        Raises:
            NotFound: no such trace.
            Invalid: no reason.
        """
        return self._write(uid, lambda s: _one(plan.retire(s, uid, reason=reason)))

    def replay(self, uid: str, *, succeeded: bool, note: str = "") -> Trace:
        """Tell what came of using a trace again; one that is surely too bad is retired by that.

        Raises:
            NotFound: no such trace.
            Refused: it is retired.
        """
        return self._write(
            uid, lambda s: plan.replay(s, uid, succeeded=succeeded, note=note, params=self._params)
        )

    def get(self, uid: str) -> Trace:
        """One trace as it stands, retired or not.

        Raises:
            NotFound: there is none.
        """
        return self._log.read(lambda view: view.state.get(uid))

    def history(self, uid: str) -> tuple[Trace, ...]:
        """A trace and its predecessors, newest first.

        Raises:
            NotFound: no such trace.
            Corrupt: the predecessors run in a circle.
        """
        return self._log.read(lambda view: view.state.history(uid))

    def search(
        self,
        text: str = "",
        *,
        tags: object = (),
        like: object = None,
        pathway_id: str = "",
        file_prefix: str = "",
        every_version: bool = False,
        k: int = 10,
    ) -> tuple[Match, ...]:
        """Traces in use that fit all that is given; the most alike first, else the latest.

        Args:
            text: words that the content must hold.
            tags: all of them.
            like: a text, to be compared with every trace as a whole; or members of a rich trace (task_class,
                file_path, signal_class …), to be compared with rich ones.
            file_prefix: the first one or two folders of the task's file.
            every_version: also those that were revised.
            k: most traces, 1 to 1,000.

        Raises:
            Invalid: something given cannot be.
        """
        if type(k) is not int or not 1 <= k <= MOST:
            raise Invalid(f"k is 1 to {MOST:,}", hint="k=10")
        alike, is_rich = _likeness(like)
        asked = Question(
            text=_text(text),
            tags=limits.tags(tags),
            alike=alike,
            is_rich=is_rich,
            pathway_id=_text(pathway_id),
            file_prefix=path.file_prefix(_text(file_prefix)),
            every_version=every_version,
            k=k,
        )
        return self._find(lambda index: index.find(asked))

    def hot_swap(self, task: Mapping[str, object]) -> Swap:
        """May a remembered model replace the ladder for this task? With every gate and its reason.

        Args:
            task: members of a rich trace that are known beforehand: task_class, file_path, signal_class, and
                kb_chunks, semantic_flags, type_hints_used, bug_fingerprints where there are any.

        Raises:
            Invalid: the task is not described.
        """
        asked = _task(task)

        def decide(index: Index) -> Swap:
            same = [trace for trace in index.of_kind(asked.pathway_id) if trace.is_tip]
            near = Question(alike=asked.vector, is_rich=True, k=NEAREST)
            return swap.decide(asked, same or [m.trace for m in index.find(near)], self._params)

        return self._find(decide)

    def bug_fingerprints(self, file_prefix: str) -> tuple[Bug, ...]:
        """Bugs that reviews found below a folder (of the path's first two), most frequent first."""
        folder = path.file_prefix(_text(file_prefix))
        if not folder:
            raise Invalid("bugs of which folder?", hint='bug_fingerprints("crates/vectord")')
        return self._find(lambda index: known.bugs_of(index.in_folder(folder)))

    def stats(self) -> Stats:
        """Figures of what is remembered, and of lines of the log that were skipped."""
        return self._log.read(
            lambda view: known.stats(
                view.state, self._params, damaged=view.follower.damaged, unknown=len(view.unknown)
            )
        )

    def import_state(self, text: bytes | str) -> Imported:
        """Take in the state file of an earlier system; the same file again adds nothing.

        Raises:
            Invalid: it is no such file.
        """
        found = state_file.read(text)
        report: list[Imported] = []

        def decide(state: State) -> Sequence[Event]:
            events, told = state_file.plan(found, state)
            report.append(told)
            return events

        self._log.write(decide, lambda _: None)
        return report[-1]

    def _new(self, uid: str | None) -> str:
        return limits.uid(uid) if uid is not None else ulid(self._clock.now_ms())

    def _write(self, uid: str, decide: Decide) -> Trace:
        named = limits.uid(uid)
        found = self._log.write(decide, lambda state: state.get(named))
        return cast(Trace, found)

    def _find(self, ask: Callable[[Index], T]) -> T:
        def find(view: View) -> T:
            view.index.refresh()
            return ask(view.index)

        return self._log.read(find)


def _one(event: Event | None) -> Sequence[Event]:
    return [event] if event else []


def _text(given: object) -> str:
    if not isinstance(given, str) or len(given) > WORDS_CHARS:
        raise Invalid("what to look for is a text", hint='search("flaky build")')
    return given


def _likeness(like: object) -> tuple[vector.Vector | None, bool]:
    match like:
        case None:
            return None, False
        case str() if like.strip() and len(like) <= WORDS_CHARS:
            return vector.vector(vector.words(like)), False
        case Mapping():
            return _task(like).vector, True
        case _:
            raise Invalid("alike to what?", hint='like="a text", or like={"task_class": …}')


def _task(given: object) -> path.Path:
    if not isinstance(given, Mapping):
        raise Invalid("a task is described by its members", hint='{"task_class": …, "file_path": …}')
    return path.written(limits.parsed(limits.content(dict(given))))  # type: ignore[arg-type]  # of a dict
