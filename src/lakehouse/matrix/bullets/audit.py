"""[pure] How healthy the playbook's text is: what came in, what stayed out and why, what stands.

And how well hygiene does its work, on cases that were planted: a filter that stops everything or nothing
would look as clean. The figures were measured with the planted cases of the tests, which fail where they do
not hold.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from lakehouse.base.clock import iso
from lakehouse.matrix.bullets import worth
from lakehouse.matrix.bullets.bullet import STATUSES, Bullet
from lakehouse.matrix.bullets.fold import Judged
from lakehouse.matrix.bullets.params import BulletParams
from lakehouse.store.streams import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many of how many."""

    count: int
    of: int

    @property
    def rate(self) -> float:
        """0 to 1; 0 of nothing."""
        return self.count / self.of if self.of else 0.0

    def told(self) -> dict[str, Json]:
        """The share as JSON."""
        return {"count": self.count, "of": self.of, "rate": round(self.rate, 4)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """What hygiene made of planted candidates."""

    caught: Mapping[str, Share]
    """By kind of copy: those that were not added."""

    clean: Share
    """Of clean candidates, those that were not added: false positives."""


MEASURED: Final[Mapping[str, Mapping[str, float]]] = {
    "words": {"verbatim": 1.0, "near": 0.99, "rephrased": 0.01, "clean": 0.006},
    "vectors": {"verbatim": 1.0, "near": 0.99, "rephrased": 0.91, "clean": 0.012},
    "fresh": {"rephrased": 0.925, "clean": 0.05},
}
"""Share of planted candidates that were not added, by kind; of `clean` ones that is what should not be.

words: without an embedder. vectors: with all-MiniLM-L6-v2, 100 of each kind and 500 clean. fresh: 40 pairs
written after everything was settled; their clean ones are other lessons of the same trade, of which none
was linked.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The state of the playbook's text."""

    since_ms: int
    """Candidates are those since then; entries are all."""

    candidates: int
    outcomes: Mapping[str, Share]
    """add, link, reject, quarantine."""

    duplicates: Share
    """Of candidates: known already, linked or rejected; so are the next."""

    loops: Share
    leaks: Share
    """Secrets or personal data."""

    without_evidence: Share
    orders: Share
    """They instruct a model, or hide something."""

    entries: int
    statuses: Mapping[str, int]
    retired: Share
    """Of entries."""

    harmful: Share
    """Of entries in use: more votes against than for; so are the next."""

    surely_harmful: Share
    stale: Share | None
    """A row that they rest on changed or is gone; None: nobody could look."""

    never_used: Share
    unshown: Share
    """Nothing shows them: in use without evidence."""

    damaged: int = 0
    """Lines of the log that could not be read."""

    unknown: int = 0
    """Records of the log that no version up to this one writes."""

    def told(self) -> dict[str, Json]:
        """The audit as JSON."""
        of_candidates = {
            "duplicates": self.duplicates,
            "loops": self.loops,
            "leaks": self.leaks,
            "without_evidence": self.without_evidence,
            "orders": self.orders,
        }
        of_entries = {
            "retired": self.retired,
            "harmful": self.harmful,
            "surely_harmful": self.surely_harmful,
            "never_used": self.never_used,
            "unshown": self.unshown,
        }
        return {
            "since": iso(self.since_ms),
            "candidates": self.candidates,
            "outcomes": {name: share.told() for name, share in self.outcomes.items()},
            **{name: share.told() for name, share in of_candidates.items()},
            "entries": self.entries,
            "statuses": dict(self.statuses),
            **{name: share.told() for name, share in of_entries.items()},
            "stale": self.stale.told() if self.stale else None,
            "damaged_lines": self.damaged,
            "unknown_events": self.unknown,
            "measured": {name: dict(figures) for name, figures in MEASURED.items()},
        }


def audit(
    bullets: Iterable[Bullet],
    judged: Iterable[Judged],
    *,
    since_ms: int,
    stale: Collection[str] | None,
    params: BulletParams,
    unread: tuple[int, int] = (0, 0),
) -> Audit:
    """The state of the playbook's text.

    Args:
        stale: ids of entries whose rows changed; None: nobody could look.
        unread: damaged lines, and unknown records.
    """
    recent = [one for one in judged if one.at_ms >= since_ms]
    rules = Counter(one.rule for one in recent)
    every = tuple(bullets)
    used = [one for one in every if one.is_in_use]

    def ruled(*names: str) -> Share:
        return Share(count=sum(rules[name] for name in names), of=len(recent))

    def those(count: int) -> Share:
        return Share(count=count, of=len(used))

    told = Counter(one.outcome for one in recent)
    statuses = Counter(one.status for one in every)
    return Audit(
        since_ms=since_ms,
        candidates=len(recent),
        outcomes={
            name: Share(count=told[name], of=len(recent)) for name in ("add", "link", "reject", "quarantine")
        },
        duplicates=ruled("duplicate", "retired"),
        loops=ruled("loop"),
        leaks=ruled("secret", "personal"),
        without_evidence=ruled("unproven", "no_evidence"),
        orders=ruled("order", "hidden"),
        entries=len(every),
        statuses={status: statuses[status] for status in STATUSES},
        retired=Share(count=statuses["retired"], of=len(every)),
        harmful=those(sum(one.harmful > one.helpful for one in used)),
        surely_harmful=those(sum(worth.harms(one.votes, params) for one in used)),
        stale=None if stale is None else those(sum(one.entry_id in stale for one in used)),
        never_used=those(sum(not one.uses for one in used)),
        unshown=those(sum(not one.evidence for one in used)),
        damaged=unread[0],
        unknown=unread[1],
    )


def accuracy(cases: Iterable[tuple[str, bool]]) -> Accuracy:
    """How many planted cases were caught.

    Args:
        cases: the kind, `clean` or a kind of copy, and whether the candidate was kept out or linked.
    """
    seen: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    for kind, is_caught in cases:
        seen[kind] += 1
        caught[kind] += is_caught
    shares = {kind: Share(count=caught[kind], of=seen[kind]) for kind in sorted(seen)}
    clean = shares.pop("clean", Share(count=0, of=0))
    return Accuracy(caught=shares, clean=clean)
