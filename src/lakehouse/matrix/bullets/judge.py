"""[acts] Hygiene with what it needs of the world: vectors, evidence, what was served, what is known."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lakehouse.base.clock import Clock
from lakehouse.matrix.bullets import limits
from lakehouse.matrix.bullets.draft import Read
from lakehouse.matrix.bullets.hygiene import verdict
from lakehouse.matrix.bullets.hygiene.served import Served
from lakehouse.matrix.bullets.hygiene.verdict import Candidate, Verdict
from lakehouse.matrix.bullets.hygiene.wording import read
from lakehouse.matrix.bullets.log import Log, View
from lakehouse.matrix.bullets.meaning import Meaning
from lakehouse.matrix.bullets.outside import Outside
from lakehouse.matrix.bullets.params import BulletParams


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A candidate with all that takes time done, so that a writer's turn is short."""

    decide: Callable[[View], Verdict]


class Judge:
    """Judges candidates. Safe between threads."""

    def __init__(
        self, log: Log, meaning: Meaning, *, outside: Outside, clock: Clock, params: BulletParams
    ) -> None:
        self._log, self._meaning, self._outside = log, meaning, outside
        self._clock, self._params = clock, params
        self._lock = threading.Lock()
        self._served = Served(params)

    def served(self, texts: Sequence[str]) -> None:
        """Remember passages that were served."""
        checked = [limits.text(text, "a passage") for text in texts]
        with self._lock:
            self._served.remember(checked, now_ms=self._clock.now_ms())

    def prepare(self, given: Read, *, but: frozenset[str] = frozenset()) -> Prepared:
        """Everything about a candidate that does not depend on what others write meanwhile.

        Args:
            but: entries that it may be like.
        """
        if given.content is None:
            found = self._unproven(given)
            return Prepared(decide=lambda _: found)
        if unfit := verdict.unfit(given.content, self._params):
            return Prepared(decide=lambda _: unfit)
        content, now_ms = given.content, self._clock.now_ms()
        vector = self._meaning.of(content)
        self._meaning.learn(self._log.read(_contents).values())
        with self._lock:
            copied = self._served.copied(content, now_ms=now_ms)
        candidate = Candidate(
            content=content,
            scope=given.scope or (),
            evidence=given.evidence or (),
            proven=self._proven(given.evidence or ()),
            wording=read(content),
        )

        def decide(view: View) -> Verdict:
            texts = _contents(view)
            if vector is not None:
                self._meaning.learn(texts.values())  # what others wrote since; seldom more than one
            cosines = self._meaning.cosines(vector, texts)
            alike = view.index.alike(
                candidate.wording, cosines=cosines, now_ms=now_ms, params=self._params, but=but
            )
            return verdict.judge(
                candidate, alike=alike, copied=copied, is_change=bool(but), params=self._params
            )

        return Prepared(decide=decide)

    def _unproven(self, given: Read) -> Verdict:
        candidate = Candidate(
            content="",
            evidence=given.evidence or (),
            proven=self._proven(given.evidence or ()),
            wording=read(""),
        )
        return verdict.unproven(candidate) or Verdict(outcome="add")

    def _proven(self, evidence: Sequence[str]) -> frozenset[str] | None:
        if self._outside.evidence is None:
            return None
        found = self._outside.evidence(evidence) if evidence else ()
        return frozenset(evidence) & frozenset(found)


def _contents(view: View) -> dict[str, str]:
    return {bullet.entry_id: bullet.content for bullet in view.state}
