"""[pure] The calibrators that are there before anybody judged anything, fitted on public collections.

Cranfield, TIME, CISI, NPL and O*NET job titles were asked side by side with 806 questions of theirs (225,
82, 76, 93, 330; every collection weighs the same): MiniLM cosines, BM25 with English stems, 30 candidates
of each. So that neither overlap nor absence is taken for a mistake, half as much weight lies on the same
questions with their own collection missing, and with it in two corpora, cut at random and cut by topic.
What this gives on collections that were left out of the fit: docs/decisions/013-merge.md.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from lakehouse.matrix.relevance import Calibrator, Scales

MINILM: Final = "all-MiniLM-L6-v2"
"""The embedder whose cosines are known. Those of another run over another range: its corpora are merged by
words, and by what their own ranking says, until `fit` was given judged rows of theirs. With neither words nor
such rows they are put in order as if they were of this embedder, but never refused."""

SOURCE: Final = "five public collections"

MEANING: Final = Calibrator(
    uses=("meaning", "own", "meaning_gap"),
    weights=(9.3253, 1.1692, 10.0260),
    intercept=-7.3131,
    source=SOURCE,
    rows=507_780,
    errors=(0.0489, 0.0933, 0.0483, 0.2548),
    ece=0.0019,
)

RELEVANCE: Final = Scales(
    both=MappingProxyType(
        {
            MINILM: Calibrator(
                uses=("meaning", "words", "own", "meaning_gap", "words_gap"),
                weights=(7.2106, 2.9106, 1.5781, 6.4525, 6.8474),
                intercept=-6.6603,
                source=SOURCE,
                rows=507_780,
                errors=(0.0455, 0.0845, 0.0879, 0.0537, 0.2585, 0.2739),
                ece=0.0025,
            )
        }
    ),
    meaning=MappingProxyType({MINILM: MEANING}),
    words=Calibrator(
        uses=("words", "own", "words_gap"),
        weights=(5.2210, 3.0831, 20.8116),
        intercept=-5.3837,
        source=SOURCE,
        rows=411_542,
        errors=(0.0370, 0.0867, 0.0538, 0.3343),
        ece=0.0033,
    ),
    unknown=MEANING,
)
"""That a row is right. Errors take rows for independent, which those of one question are not: too small."""

EVIDENCE: Final = Scales(
    both=MappingProxyType(
        {
            MINILM: Calibrator(
                uses=("meaning", "words"),
                weights=(12.9991, 8.7358),
                intercept=-8.4717,
                source=SOURCE,
                rows=1_612,
                errors=(0.4094, 0.7440, 0.6147),
                ece=0.0250,
            )
        }
    ),
    meaning=MappingProxyType(
        {
            MINILM: Calibrator(
                uses=("meaning",),
                weights=(17.1950,),
                intercept=-8.2713,
                source=SOURCE,
                rows=1_612,
                errors=(0.4077, 0.8102),
            )
        }
    ),
    words=Calibrator(
        uses=("words",),
        weights=(10.8802,),
        intercept=-2.0384,
        source=SOURCE,
        rows=1_581,
        errors=(0.1699, 0.5521),
    ),
    unknown=None,
)
"""That the best row is of a corpus which has the answer, where one question of two has one: fitted on each
question twice, with its own collection and without. Alone, meaning and words tell that less well; their
intercepts are raised by .35 and 1.2, so that one level of the filter loses as much whichever there is."""

LEVELS: Final[Mapping[float, float]] = MappingProxyType(
    {0.02: 0.12, 0.05: 0.35, 0.1: 0.565, 0.15: 0.7, 0.2: 0.765, 0.3: 0.88}
)
"""Share of what is right that may be lost -> level of the filter."""
