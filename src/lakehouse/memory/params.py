"""[pure] When a remembered path may be trusted; every figure with where it comes from."""

from dataclasses import dataclass
from typing import Final

from lakehouse.base.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class PathwayParams:
    """The gates of a hot swap. Source: the specification of the learning loops, 2.1."""

    similarity: float = 0.9
    """Of what is asked and what is remembered, at least."""

    success: float = 0.8
    """The success rate that a path must have."""

    sure: float = 0.9
    """How probable it must be that the rate is that high; as sure that it is not, and the path retires."""

    prior_successes: float = 1.0
    """Of the Beta prior. One and one is the uniform prior: before any replay every rate is as likely."""

    prior_failures: float = 1.0

    def __post_init__(self) -> None:
        shares = (self.similarity, self.success, self.sure)
        if not all(0 < share < 1 for share in shares):
            raise Invalid("a gate of [pathway] lies between 0 and 1", hint="see [pathway] in the settings")
        if min(self.prior_successes, self.prior_failures) <= 0:
            raise Invalid("the prior of [pathway] is above 0", hint="see [pathway] in the settings")


DEFAULTS: Final = PathwayParams()
