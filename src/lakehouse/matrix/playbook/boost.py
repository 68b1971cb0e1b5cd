"""[pure] How much past outcomes move a row: a bounded, smoothed success rate of questions like this one.

    used     earlier searches at least `floor` similar, equal in every hard key, at most `neighbours`
    w        similarity^3 * J(source) * 2^(-age / half_life) * fresh(row)
    a        sum of w * y                                    successes
    f        sum of w * similarity^5 * seen * (1 - y)        failures; they say little about another need
    p        (a + kappa * pi) / (a + f + kappa)
    boost    B * (p - pi) / (1 - pi)                         -0.129 to +0.3 with the defaults

A rate and not a count: a thousand views do not beat three successes of three. One source gives at most weight
1 for one row here, on either side.
Source: the specification of the learning loops, 2.1, where each part was measured.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lakehouse.matrix.playbook.events import Doc
from lakehouse.matrix.playbook.params import PlaybookParams

GAIN_POWER = 3
LOSS_POWER = 5
DAY_MS = 86_400_000
CAP = 1.0
"""Of one source, for one row."""


Edition = tuple[Doc, str]
"""A row, and the digest of the text that was shown; what was learned of one text may not hold for another."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What one source said of one row that a search showed."""

    doc: Doc
    source: str
    worth: float
    """Success, 0 to 1 (y)."""

    seen: float
    """Chance that the row was looked at, 0 to 1; 1 where something was said of it."""

    digest: str
    """Of the row's text then; empty: unknown."""

    is_chosen: bool = False
    """The source held the row to be right, whatever came of it later: what its trust is judged by."""


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier search like this one."""

    search_id: str
    similarity: float
    at_ms: int
    marks: Sequence[Mark]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of one row for this question."""

    boost: float
    """-0.129 to 0.3 with the defaults; before the ledger has its say."""

    successes: float
    failures: float
    searches: tuple[tuple[str, float], ...]
    """Those whose successes moved it: search id and weight, heaviest first; the first three."""


def evidence(
    past: Sequence[Past],
    *,
    trust: Mapping[str, float],
    fresh: Mapping[Edition, float],
    now_ms: int,
    params: PlaybookParams,
) -> dict[Doc, Evidence]:
    """What similar searches say of every row that they showed.

    Args:
        past: nearest first; only the first `params.neighbours` count.
        trust: J by source, 0 to 1.
        fresh: 1 for rows that are as they were, 0 for rows that are gone; what is not in it has 1.
        now_ms: from which ages are taken.
    """
    sums: dict[Doc, dict[str, list[float]]] = {}
    moved: dict[Doc, list[tuple[str, float]]] = {}
    for one in past[: params.neighbours]:
        alike = one.similarity**GAIN_POWER * _decay(now_ms - one.at_ms, params)
        steep = 0.0 if "negatives" in params.left_out else one.similarity**LOSS_POWER
        for mark in one.marks:
            weight = alike * trust[mark.source] * fresh.get((mark.doc, mark.digest), 1.0)
            if weight == 0:
                continue
            both = sums.setdefault(mark.doc, {}).setdefault(mark.source, [0.0, 0.0])
            both[0] += weight * mark.worth
            both[1] += weight * steep * mark.seen * (1 - mark.worth)
            if mark.worth > 0:
                moved.setdefault(mark.doc, []).append((one.search_id, weight * mark.worth))
    return {doc: _judged(by_source.values(), moved.get(doc, []), params) for doc, by_source in sums.items()}


def _judged(
    by_source: Iterable[Sequence[float]], moved: Sequence[tuple[str, float]], params: PlaybookParams
) -> Evidence:
    won = lost = 0.0
    for good, bad in by_source:
        won += min(good, CAP)
        lost += min(bad, CAP)
    kappa, pi = params.prior_weight, params.base_rate
    rate = (won + kappa * pi) / (won + lost + kappa)
    boost = params.bound * (rate - pi) / (1 - pi)
    if "bound" in params.left_out:  # for the ablation: a count, as popularity would have it
        boost = params.bound * (won - lost)
    heaviest = tuple(sorted(moved, key=lambda pair: -pair[1])[:3])
    return Evidence(boost=boost, successes=won, failures=lost, searches=heaviest)


def _decay(age_ms: int, params: PlaybookParams) -> float:
    if "decay" in params.left_out:
        return 1.0
    days = max(age_ms, 0) / DAY_MS
    decayed: float = 2 ** (-days / params.half_life_days)
    return decayed
