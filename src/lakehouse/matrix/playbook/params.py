"""[pure] How the playbook weighs what it remembers; every figure with where it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from lakehouse.base.errors import Invalid

WORTH: Final[Mapping[str, float]] = MappingProxyType(
    {"placed": 1.0, "accepted": 0.8, "clicked": 0.6, "rejected": 0.0, "failed": 0.0, "judged": 1.0}
)
"""What an outcome of each kind says about success, 0 to 1, where it brings no value of its own."""


PARTS: Final = frozenset({"trust", "floor", "negatives", "decay", "bound", "injection", "strata", "field"})
"""What an ablation can leave out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookParams:
    """The formula's constants. Source: the specification of the learning loops, 2.1."""

    is_on: bool = True
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
    """After which a success counts half; hiring repeats by seasons, so half a year."""

    changed: float = 0.5
    """Weight of a success whose row has another text now."""

    worth: Mapping[str, float] = field(default_factory=lambda: WORTH)
    without: frozenset[str] = frozenset()
    """Parts that are left out, to measure what each is worth: see `PARTS`."""

    def __post_init__(self) -> None:
        shares = (self.floor, self.base_rate, self.bound, self.changed, *self.worth.values())
        if not all(0 <= share <= 1 for share in shares) or self.base_rate == 1:
            raise Invalid(
                "a share of the playbook lies between 0 and 1", hint="see [playbook] in the settings"
            )
        if unknown := self.without - PARTS:
            raise Invalid(f"the playbook has no part {min(unknown)[:40]!r}", hint=f"parts: {sorted(PARTS)}")
        if min(self.prior_weight, self.half_life_days) <= 0 or self.neighbours < 1:
            raise Invalid("the playbook needs positive weights", hint="see [playbook] in the settings")


DEFAULTS: Final = PlaybookParams()
