"""[acts] Questions to the playbook's text: what a prompt gets, and what there is."""

from collections.abc import Mapping
from typing import Final

from lakehouse.base.errors import Invalid
from lakehouse.matrix.bullets import choose as choices
from lakehouse.matrix.bullets import limits, stale
from lakehouse.matrix.bullets.bullet import STATUSES, Bullet
from lakehouse.matrix.bullets.choose import Choice, Known, Question
from lakehouse.matrix.bullets.hygiene.wording import read
from lakehouse.matrix.bullets.log import Log
from lakehouse.matrix.bullets.meaning import Meaning
from lakehouse.matrix.bullets.outside import Outside
from lakehouse.matrix.bullets.params import BulletParams

MOST: Final = 1_000
"""Entries of one listing."""

LOOK_MS: Final = 1_000
"""How late a prompt may see what other processes wrote; a look costs more than the choice."""


class Asking:
    """Questions to the entries. Safe between threads."""

    def __init__(self, log: Log, meaning: Meaning, *, outside: Outside, params: BulletParams) -> None:
        self._log, self._meaning, self._outside = log, meaning, outside
        self._params = params

    def choose(
        self, question: str, *, facets: Mapping[str, str] | None, k: int | None, is_trial: bool
    ) -> Choice:
        """The one or two entries for a prompt."""
        text = limits.text(question, "a question")
        if not text or (k is not None and (type(k) is not int or k not in {1, 2})):
            raise Invalid("choose 1 or 2 entries for a question", hint='choose("who can weld?", k=1)')
        held = self._log.read(lambda view: view.index.every(), within_ms=LOOK_MS)
        used = [(bullet, wording) for bullet, wording in held if bullet.is_in_use]
        self._meaning.learn(bullet.content for bullet, _ in used)
        cosines = self._meaning.cosines(
            self._meaning.of(text, use="query"), {bullet.entry_id: bullet.content for bullet, _ in used}
        )
        asked = Question(
            terms=read(text).terms,
            facets=dict(limits.scope(facets or {})),
            stale=stale.find([bullet for bullet, _ in used], self._outside.digests) or (),
            is_trial=is_trial,
        )
        known = [
            Known(bullet=bullet, wording=wording, cosine=cosines.get(bullet.entry_id))
            for bullet, wording in used
        ]
        return choices.choose(asked, known, count=self._count, params=self._params, k=k)

    def ls(
        self, *, section: str, status: str, facets: Mapping[str, str] | None, k: int
    ) -> tuple[Bullet, ...]:
        """Entries, the latest change first."""
        if type(k) is not int or not 1 <= k <= MOST:
            raise Invalid(f"k is 1 to {MOST:,}", hint="k=100")
        if status and status not in STATUSES:
            raise Invalid(f"no entry is {status[:40]!r}", hint=f"one of {', '.join(STATUSES)}")
        asked = dict(limits.scope(facets)) if facets is not None else None
        found = [
            one
            for one in self._log.read(lambda view: tuple(view.state))
            if (one.status == status if status else one.status != "retired")
            and section in {"", one.section}
            and (asked is None or one.holds_for(asked))
        ]
        return tuple(sorted(found, key=lambda one: (one.updated_ms, one.entry_id), reverse=True)[:k])

    def _count(self, text: str) -> int:
        counted = self._meaning.count(text)
        return choices.about(text) if counted is None else counted
