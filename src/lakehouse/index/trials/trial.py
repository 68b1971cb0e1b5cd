"""[pure] Trials: what one configuration of an index cost and found, which was best, which to try next."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from hashlib import sha256
from typing import Any, Final, Literal

from lakehouse.base.errors import Corrupt
from lakehouse.index.ann import Config

Metric = Literal["recall", "latency", "pareto"]

SEED: Final = 42
PAIRS: Final = ((20, 30), (40, 30), (80, 30), (80, 60), (160, 30))
"""(ef_construction, ef_search) that the earlier system tried, in its order."""

EXPLORES: Final = 0.25
"""How often the tuner looks away from the best configuration so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One configuration, built and asked."""

    index_name: str
    generation: int | None = None
    """None: built aside and thrown away."""

    config: Config
    build_s: float
    bytes: int
    """Of memory while loaded."""

    p50_ms: float
    """Of single questions, one after the other, as are the next two."""

    p95_ms: float
    p99_ms: float
    recall: float
    """The mean over the questions."""

    recall_worst: float
    """Of the question that found least."""

    recall_low: float
    """Of the 95 % interval of the mean."""

    recall_high: float
    k: int
    queries: int
    eval_set: str
    """The name of the questions; empty: drawn from the vectors."""

    seed: int


def to_record(trial: Trial) -> dict[str, object]:
    """A trial as plain JSON, the members of the stream `trials`."""
    return asdict(trial)


def from_record(record: Mapping[str, Any]) -> Trial:
    """The trial that `to_record` wrote; members that it does not know are left out.

    Raises:
        Corrupt: a member is missing or of another kind.
    """
    try:
        known = {f.name: record[f.name] for f in fields(Trial) if f.name in record}
        settings = {f.name: known["config"][f.name] for f in fields(Config) if f.name in known["config"]}
        return Trial(**known | {"config": Config(**settings)})
    except (KeyError, TypeError) as error:
        raise Corrupt("the record of a trial cannot be read", hint="lakehouse doctor --fix") from error


def best(trials: Sequence[Trial], metric: Metric = "recall", floor: float = 0.95) -> tuple[Trial, ...]:
    """The winner, in front; empty when there is none.

    Args:
        trials: of one index.
        metric: recall: the best, ties to the lowest p50. latency: the lowest p50 of those that reach the
            floor. pareto: all that no other beats in both, by rising p50.
        floor: the mean recall below which nothing wins.
    """
    good = sorted((t for t in trials if t.recall >= floor), key=lambda t: (t.p50_ms, -t.recall))
    match metric:
        case "recall":
            return tuple(sorted(good, key=lambda t: (-t.recall, t.p50_ms))[:1])
        case "latency":
            return tuple(good[:1])
        case "pareto":
            return tuple(
                t for n, t in enumerate(good) if all(t.recall > faster.recall for faster in good[:n])
            )


def grid(base: Config | None = None) -> tuple[Config, ...]:
    """What a tuner tries over `base`: the earlier system's five pairs, then the ways to store."""
    start = base or Config()
    pairs = tuple(replace(start, ef_construction=c, ef_search=s) for c, s in PAIRS)
    stored = (
        replace(start, storage="fp16", rerank=0),
        replace(start, storage="fp32", rerank=0),
        replace(start, storage="int8", rerank=40),
    )
    return tuple(dict.fromkeys((*pairs, *stored)))


def next_config(trials: Sequence[Trial], grid: Sequence[Config], seed: int = SEED) -> Config | None:
    """What to try next; None: all of the grid was tried.

    Once in four times any configuration that was not tried, otherwise the one that differs from the best so
    far in the fewest settings. The dice are thrown by the number of past trials: the same past gives the same
    next one.
    """
    tried = {trial.config for trial in trials}
    left = [config for config in grid if config not in tried]
    if not left:
        return None
    champion = best(trials, floor=0.0)
    if not champion:
        return left[0]
    if _thrown(f"{seed}:{len(trials)}:explore") < EXPLORES:
        return left[int(_thrown(f"{seed}:{len(trials)}:which") * len(left))]
    return min(left, key=lambda config: _differences(config, champion[0].config))


def _thrown(name: str) -> float:
    """A number from 0 to below 1 that looks thrown, the same for the same name on every machine."""
    return int.from_bytes(sha256(name.encode()).digest()[:6], "big") / (1 << 48)


def _differences(one: Config, other: Config) -> int:
    return sum(getattr(one, f.name) != getattr(other, f.name) for f in fields(Config))
