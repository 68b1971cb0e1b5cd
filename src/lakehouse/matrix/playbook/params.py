"""[pure] How the playbook weighs what it remembers; every figure with where it comes from."""

from dataclasses import dataclass
from typing import Final

from lakehouse.base.errors import Invalid
from lakehouse.matrix.playbook.events import OutcomeKind

PARTS: Final = frozenset({"trust", "floor", "negatives", "decay", "bound", "injection", "strata"})
"""What an ablation can leave out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookParams:
    """The formula's constants. Source: the specification of the learning loops, 2.1."""

    is_on: bool = True
    """Off: outcomes are kept, and move nothing."""

    floor: float = 0.5
    """Similarity below which an earlier search counts for nothing, until audits say better (tau)."""

    neighbours: int = 50
    """Most earlier searches that one question listens to."""

    prior_weight: float = 0.5
    """Pseudo-observations of the base rate in a row's success rate (kappa)."""

    base_rate: float = 0.3
    """Success rate of shown rows where nothing is known (pi)."""

    bound: float = 0.3
    """Of a boost, on a score of 0 to 1 (B)."""

    half_life_days: float = 180.0
    """After which a success counts half: people who hire, buy or publish do so by seasons."""

    changed: float = 0.5
    """Weight of a success whose row has another text now."""

    placed: float = 1.0
    """What an outcome says about success, 0 to 1: the choice lasted."""

    accepted: float = 0.8
    """It was chosen, and may not last."""

    clicked: float = 0.6
    """It was opened, and may be put away again."""

    without: str = ""
    """Parts that are left out, with commas between: to measure what each is worth."""

    def __post_init__(self) -> None:
        shares = (self.floor, self.base_rate, self.bound, self.changed, *self._worth().values())
        if not all(0 <= share <= 1 for share in shares) or self.base_rate == 1:
            raise Invalid("a share of the playbook lies between 0 and 1", hint="correct [playbook]")
        if unknown := self.left_out - PARTS:
            raise Invalid(f"the playbook has no part {min(unknown)[:40]!r}", hint=f"parts: {sorted(PARTS)}")
        if min(self.prior_weight, self.half_life_days) <= 0 or self.neighbours < 1:
            raise Invalid("weights of the playbook are above 0", hint="correct [playbook]")

    @property
    def left_out(self) -> frozenset[str]:
        """Names of the parts in `without`."""
        return frozenset(part.strip() for part in self.without.split(",") if part.strip())

    def worth(self, kind: OutcomeKind) -> float:
        """What an outcome of this kind says about success, where it brings no value of its own."""
        return self._worth().get(kind, 0.0)

    def _worth(self) -> dict[str, float]:
        return {"placed": self.placed, "accepted": self.accepted, "clicked": self.clicked, "judged": 1.0}


DEFAULTS: Final = PlaybookParams()
