"""[pure] What several corpora say to one question, as figures that compare from one to the other.

Scores of a search compare within one corpus only. Five figures compare across corpora: the cosine of one
embedder; BM25 with words weighed over all corpora asked, as a share of what the question could attain; the
score in the corpus's own ranking; and how far the corpus's best lies below the best of all, by meaning and by
words. Ranks within a corpus do not: every corpus has a first. What was measured: docs/decisions/013-merge.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lakehouse.base.errors import Invalid

Floats = NDArray[np.float64]

FIGURES: Final = ("meaning", "words", "own", "meaning_gap", "words_gap")
"""Columns of what `compare` gives."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Side:
    """One corpus as one question sees it: its candidates, the best of its own ranking first."""

    corpus: str
    keys: tuple[str, ...]
    own: Floats
    """(n,), score of the corpus's own ranking, 0 to 1, falling."""

    meaning: Floats
    """(n,), cosine; NaN: not compared by meaning. A row that words alone have found has the lowest cosine
    that was retrieved: its own is not above that."""

    words: Floats
    """(n,), BM25 under the words' shared weights, as a share of the attainable; NaN: no words to compare."""

    model: str = ""
    """Embedder of the cosines, its name without its version; empty: none or unknown."""

    def __post_init__(self) -> None:
        n = len(self.keys)
        if any(column.shape != (n,) for column in (self.own, self.meaning, self.words)):
            raise Invalid("a corpus has as many scores as candidates", hint="rebuild its index", rows=n)


def compare(sides: Sequence[Side]) -> tuple[Floats, ...]:
    """For each corpus (n, 5), the `FIGURES` of its candidates; NaN where there is none.

    Gaps are 0 for the best corpus and negative for the others; by meaning they are taken among the corpora
    of one embedder, since cosines of two say nothing to each other.
    """
    said = [_best(side.words) for side in sides]
    meant = [_best(side.meaning) for side in sides]
    top_said = max((one for one in said if one is not None), default=0.0)
    tops: dict[str, float] = {}
    for side, best in zip(sides, meant, strict=True):
        if best is not None:
            tops[side.model] = max(best, tops.get(side.model, best))
    return tuple(
        _figures(
            side,
            meaning_gap=np.nan if near is None else near - tops[side.model],
            words_gap=np.nan if word is None else word - top_said,
        )
        for side, near, word in zip(sides, meant, said, strict=True)
    )


def _figures(side: Side, *, meaning_gap: float, words_gap: float) -> Floats:
    n = len(side.keys)
    columns = (side.meaning, side.words, side.own, np.full(n, meaning_gap), np.full(n, words_gap))
    made: Floats = np.column_stack(columns)
    # A row without a cosine of its own is judged by words alone, whatever the rest of its corpus has.
    made[np.isnan(made[:, 0]), 3] = np.nan
    return made


def _best(column: Floats) -> float | None:
    known = column[~np.isnan(column)]
    return float(known.max()) if len(known) else None
