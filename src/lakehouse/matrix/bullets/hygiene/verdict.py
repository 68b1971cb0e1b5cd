"""[pure] Hygiene: what becomes of a candidate, and by which rule. The reason never quotes the text.

The order is that of harm: what must not be kept at all, what came from us, what is known already, what must
wait for a person or for evidence.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from lakehouse.matrix.bullets.bullet import Bullet, Scope
from lakehouse.matrix.bullets.fold import Outcome
from lakehouse.matrix.bullets.hygiene import leaks, orders
from lakehouse.matrix.bullets.hygiene.same import How, same
from lakehouse.matrix.bullets.hygiene.wording import Wording
from lakehouse.matrix.bullets.params import BulletParams
from lakehouse.store.streams import Json

Rule = Literal[
    "",
    "blank",
    "too_long",
    "secret",
    "personal",
    "loop",
    "duplicate",
    "similar",
    "retired",
    "unproven",
    "no_evidence",
    "order",
    "hidden",
]
"""loop: we served it ourselves. duplicate: known, and nothing new shows it. similar: perhaps known.
retired: known and taken out of use. unproven: evidence that does not exist. no_evidence: none was given.
order: it instructs a model. hidden: it holds characters that nobody sees."""

SAID: Final[Mapping[How, str]] = {
    "exact": "word for word",
    "near": "almost word for word",
    "contained": "within more words",
    "rephrased": "in other words",
    "similar": "perhaps",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of a candidate."""

    outcome: Outcome
    rule: Rule = ""
    reason: str = ""
    entry_id: str = ""
    """The entry that says the same; of a link: that gets its evidence."""

    def told(self) -> dict[str, Json]:
        """The verdict as JSON."""
        return {
            "outcome": self.outcome,
            "rule": self.rule,
            "reason": self.reason,
            "entry_id": self.entry_id or None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of a candidate."""

    verdict: Verdict
    entry: Bullet | None
    """The new entry, or the one that says the same; None: it was rejected for what it is."""

    def told(self) -> dict[str, Json]:
        """The same as JSON."""
        return {**self.verdict.told(), "entry": self.entry.told() if self.entry else None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What somebody wants to write."""

    content: str
    scope: Scope = ()
    evidence: tuple[str, ...] = ()
    proven: frozenset[str] | None = None
    """Those of the evidence that exist; None: nobody could look."""

    wording: Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """An entry that says the same as a candidate."""

    bullet: Bullet
    how: How
    is_recent: bool
    """It was served within the window."""


def unfit(content: str, params: BulletParams) -> Verdict | None:
    """Why a text must not be kept whatever it says; None: it may."""
    if not any(map(str.isalnum, content)):
        return Verdict(outcome="reject", rule="blank", reason="there is nothing to learn from it")
    if len(content) > params.content_chars:
        why = f"{len(content):,} characters are more than {params.content_chars:,}: say one thing"
        return Verdict(outcome="reject", rule="too_long", reason=why)
    if kind := leaks.secret(content):
        return Verdict(outcome="reject", rule="secret", reason=f"it holds {kind}")
    if kind := leaks.personal(content):
        return Verdict(outcome="reject", rule="personal", reason=f"it holds {kind}")
    return None


def unsafe(content: str) -> Verdict | None:
    """Why a text must wait for a person; None: it need not."""
    if orders.hides(content):
        why = "it holds characters that cannot be seen"
        return Verdict(outcome="quarantine", rule="hidden", reason=why)
    if kind := orders.unsafe(content):
        return Verdict(outcome="quarantine", rule="order", reason=f"it {kind}")
    return None


def judge(
    candidate: Candidate,
    *,
    alike: Sequence[Likeness],
    copied: float,
    params: BulletParams,
    is_change: bool = False,
) -> Verdict:
    """Add it, link it to what says the same, reject it, or keep it apart.

    Args:
        alike: entries that say the same, the likest first.
        copied: share of it that was served lately, 0 to 1.
        is_change: it is to change an entry, which has evidence of its own.
    """
    if found := unfit(candidate.content, params):
        return found
    if copied >= params.copied:
        return Verdict(outcome="reject", rule="loop", reason="it is a copy of a passage that was served")
    if kept_apart := unsafe(candidate.content):
        return kept_apart
    if missing := unproven(candidate):
        return missing
    if alike and (known := _known(candidate, _first(alike, candidate.scope))):
        return known
    if not candidate.evidence and not is_change:
        return Verdict(
            outcome="quarantine", rule="no_evidence", reason="no search, trace or pathway shows it"
        )
    return Verdict(outcome="add")


def likenesses(
    wording: Wording,
    known: Iterable[tuple[Bullet, Wording, float | None, int | None]],
    *,
    now_ms: int,
    params: BulletParams,
) -> tuple[Likeness, ...]:
    """The entries that say the same as a text, exact ones first.

    Args:
        known: entries with their wording, the cosine to the text, and when they were served last.
    """
    order = tuple(SAID)
    found = [
        Likeness(bullet=bullet, how=how, is_recent=at is not None and now_ms - at <= params.window_ms)
        for bullet, other, cosine, at in known
        if (how := same(wording, other, cosine=cosine, params=params))
    ]
    return tuple(sorted(found, key=lambda one: (order.index(one.how), one.bullet.entry_id)))


def covers(scope: Scope, other: Scope) -> bool:
    """Does what holds for `scope` hold for all of `other`?"""
    asked = {facet: value.casefold() for facet, value in other}
    return all(asked.get(facet) == value.casefold() for facet, value in scope)


def unproven(candidate: Candidate) -> Verdict | None:
    """Why its evidence does not count; None: it does."""
    missing = len(candidate.evidence) - len(candidate.proven or ())
    if candidate.proven is None or not missing:
        return None
    why = f"{missing} of {len(candidate.evidence)} pieces of evidence do not exist"
    return Verdict(outcome="reject", rule="unproven", reason=why)


def _first(alike: Sequence[Likeness], scope: Scope) -> Likeness:
    """Of entries alike, one in use that holds where the candidate does, then the others."""

    def rank(one: Likeness) -> tuple[bool, bool]:
        return not covers(one.bullet.scope, scope), not one.bullet.is_in_use

    return min(alike, key=rank)


def _known(candidate: Candidate, one: Likeness) -> Verdict | None:
    bullet, said = one.bullet, SAID[one.how]
    if not covers(bullet.scope, candidate.scope):
        return None  # the same, where the known entry says nothing
    if one.how == "similar":
        why = "an entry says it, perhaps, in other or fewer words: somebody must look"
        return Verdict(outcome="quarantine", rule="similar", reason=why, entry_id=bullet.entry_id)
    if bullet.status == "retired":
        why = f"a retired entry says it, {said}: {bullet.reason}"
        return Verdict(outcome="reject", rule="retired", reason=why, entry_id=bullet.entry_id)
    if one.is_recent:
        why = f"an entry that was served lately says it, {said}"
        return Verdict(outcome="reject", rule="loop", reason=why, entry_id=bullet.entry_id)
    if set(candidate.evidence) <= set(bullet.evidence):
        why = f"an entry says it, {said}, and no new evidence came with it"
        return Verdict(outcome="reject", rule="duplicate", reason=why, entry_id=bullet.entry_id)
    return Verdict(
        outcome="link", rule="duplicate", reason=f"it says the same, {said}", entry_id=bullet.entry_id
    )
