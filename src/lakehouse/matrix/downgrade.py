"""[pure] When less context is better: composed context or the question alone, by model and by evidence.

Strong models lose by surplus context: in five paired repetitions composed context cost one of them 1.8
grounded findings. So they get less of it, until audited pairs prove that more helps. Weak models get all of
it, until pairs prove that it harms. Source: the facts about earlier implementations, section 7.

The proof is a bet that anyone may watch: a fair game if context makes no difference, so that wealth of 20
comes with a chance of at most 1 in 20, however often one looks. Source: Waudby-Smith and Ramdas, "Estimating
means of bounded random variables by betting" (2024), section 4; the wealth here is the mean over fixed bets.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from lakehouse.base.errors import Invalid

Mode = Literal["composed", "matrix", "playbook", "isolation", "none"]
"""composed: everything that was found. matrix, playbook: one of both. isolation: what is asked about, alone.
none: not even that."""

MODES: Final[tuple[Mode, ...]] = ("composed", "matrix", "playbook", "isolation", "none")
GATED: Final[frozenset[Mode]] = frozenset({"composed"})
"""Modes that the gate may take back to isolation."""

Tier = Literal["weak", "strong"]

BETS: Final = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Shares of the wealth: small ones win by small effects, large ones win soon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DowngradeParams:
    """What the gate goes by."""

    weak_models: tuple[str, ...] = ()
    """Beside those whose name says that they are free."""

    proof: float = 20.0
    """Wealth at which a claim counts as shown: at most 1 in 20 false claims, at any moment."""

    def __post_init__(self) -> None:
        if not self.proof > 1:
            raise Invalid("proof is above 1", hint="[downgrade] proof = 20")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What audited pairs say of one tier and mode."""

    pairs: int = 0
    total: float = 0.0
    """Sum of the differences: with context minus without."""

    helps: tuple[float, ...] = (0.0,) * len(BETS)
    harms: tuple[float, ...] = (0.0,) * len(BETS)
    """Logarithms of the wealth of each bet on "context helps", and on "context harms"."""

    most_help: float = 1.0
    most_harm: float = 1.0
    """The highest wealth so far, of both."""

    @property
    def help(self) -> float:
        """E-value of "more context helps": 1 is no evidence."""
        return _mean(self.helps)

    @property
    def harm(self) -> float:
        """E-value of "more context harms"."""
        return _mean(self.harms)

    def after(self, difference: float) -> "Evidence":
        """The evidence after one more pair.

        Args:
            difference: audited value with context minus without, each from 0 to 1.

        Raises:
            Invalid: it lies outside -1 to 1.
        """
        if not -1 <= difference <= 1:
            raise Invalid("a paired difference lies between -1 and 1", hint="scale both values to 0 to 1")
        helps = tuple(w + math.log1p(bet * difference) for w, bet in zip(self.helps, BETS, strict=True))
        harms = tuple(w + math.log1p(-bet * difference) for w, bet in zip(self.harms, BETS, strict=True))
        return Evidence(
            pairs=self.pairs + 1,
            total=self.total + difference,
            helps=helps,
            harms=harms,
            most_help=max(self.most_help, _mean(helps)),
            most_harm=max(self.most_harm, _mean(harms)),
        )


NOTHING: Final = Evidence()


def _mean(logs: tuple[float, ...]) -> float:
    high = max(logs)
    return math.exp(min(high, 700.0)) * sum(math.exp(one - high) for one in logs) / len(logs)


def learn(differences: Iterable[float]) -> Evidence:
    """The evidence of many pairs, in the order in which they were audited."""
    evidence = NOTHING
    for difference in differences:
        evidence = evidence.after(difference)
    return evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is about to be asked of a model. The body of POST /v1/matrix/downgrade."""

    model: str
    mode: Mode = "composed"
    force_mode: Mode | None = None
    """A person's choice: kept, whatever the evidence."""

    full_context: bool = False
    """Leave the mode as it is, for this request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """How it is asked. The answer of POST /v1/matrix/downgrade."""

    mode: Mode
    downgraded_from: Mode | None = None
    """The mode that was wanted, where less is given."""

    model: str
    tier: Tier
    reason: str
    pairs: int = 0
    e_value: float = 1.0
    """Of the claim that decides for this tier: that context helps a strong model, or harms a weak one."""


def tier(model: str, weak_models: Iterable[str] = ()) -> Tier:
    """Weak: a name that ends in ":free" or contains ":free/", or one that is listed."""
    name = model.strip().casefold()
    is_free = name.endswith(":free") or ":free/" in name
    return "weak" if is_free or name in {m.strip().casefold() for m in weak_models} else "strong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The settings, and what was learned so far."""

    params: DowngradeParams = field(default_factory=DowngradeParams)
    evidence: Mapping[tuple[Tier, Mode], Evidence] = field(default_factory=dict)


def decide(request: Request, gate: Gate) -> Decision:
    """In which mode a model is asked.

    Raises:
        Invalid: no model is named, or a mode is unknown.
    """
    if not request.model.strip():
        raise Invalid("the model has no name", hint='"model": "qwen3:8b"')
    if request.mode not in MODES or (request.force_mode and request.force_mode not in MODES):
        raise Invalid("there is no such mode", hint=f"one of {', '.join(MODES)}")
    of = tier(request.model, gate.params.weak_models)
    if request.force_mode:
        return Decision(mode=request.force_mode, model=request.model, tier=of, reason="the mode was forced")
    if request.full_context:
        return Decision(mode=request.mode, model=request.model, tier=of, reason="full context was asked for")
    if request.mode not in GATED:
        reason = f"{request.mode} is no surplus of context"
        return Decision(mode=request.mode, model=request.model, tier=of, reason=reason)
    return _weighed(request, of, gate)


def _weighed(request: Request, of: Tier, gate: Gate) -> Decision:
    known = gate.evidence.get((of, request.mode), NOTHING)
    proof, pairs = gate.params.proof, f"{known.pairs} audited pairs"
    if of == "strong":
        e_value, is_kept = known.help, known.most_help >= proof
        said = "more context helps strong models" if is_kept else "nothing shows yet that more context helps"
        peak = known.most_help
    else:
        e_value, is_kept = known.harm, known.most_harm < proof
        said = "nothing shows yet that context harms" if is_kept else "context harms weak models"
        peak = known.most_harm
    return Decision(
        mode=request.mode if is_kept else "isolation",
        downgraded_from=None if is_kept else request.mode,
        model=request.model,
        tier=of,
        reason=f"{said}: e-value {peak:.3g} of {proof:g} after {pairs}",
        pairs=known.pairs,
        e_value=e_value,
    )
