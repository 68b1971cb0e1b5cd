"""[acts] Questions under conditions that leave few or many rows: what is found, and how fast."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lakehouse.assembly import open_lake
from lakehouse.bench.corpora.clusters import recall, truth
from lakehouse.bench.corpora.library import INDEX, Corpus, K
from lakehouse.bench.ground import Ground
from lakehouse.bench.outcome import Outcome
from lakehouse.bench.race import timed
from lakehouse.bench.search.vectors import answers
from lakehouse.bench.targets import FILTER_RECALL, FILTER_TIME
from lakehouse.lake.facade import Lakehouse

NAME: Final = "filtered"
COLD: Final = 15
"""Conditions asked for the first time: each is written another way, so none is remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filter:
    share: str
    column: str
    below: int

    @property
    def where(self) -> str:
        return f"{self.column} < {self.below}"

    def again(self, number: int) -> str:
        """The same rows by a condition that was never asked."""
        return f"{self.where} AND id >= {-number - 1}"


FILTERS: Final = (
    _Filter(share="0.1 %", column="pick", below=1),
    _Filter(share="1 %", column="pick", below=10),
    _Filter(share="10 %", column="pick", below=100),
    _Filter(share="50 %", column="pick", below=500),
    _Filter(share="10 %, whole clusters", column="cluster", below=100),
)


def measure(ground: Ground) -> Iterator[Outcome]:
    """Each condition: recall, the first time, and with other questions afterwards."""
    corpus = ground.vectors
    with open_lake(ground.vector_lake) as lake:
        lake.search(vector=corpus.questions[0], corpora=(INDEX,), k=K)
        for given in FILTERS:
            yield from _measured(lake, corpus, given)


def _measured(lake: Lakehouse, corpus: Corpus, given: _Filter) -> Iterator[Outcome]:
    allowed = corpus.chosen(given.column, given.below)
    true = truth(corpus.vectors, corpus.questions, K, allowed=allowed)
    first = tuple(_ask(lake, corpus, n, given.again(n)) for n in range(min(COLD, corpus.asked)))
    found = recall(answers(lake, corpus, where=given.where), true)
    warm = tuple(_ask(lake, corpus, n, given.where) for n in range(corpus.asked))
    yield Outcome(
        measure=NAME,
        what=f"recall@{K} under {given.share} of {corpus.rows:,}",
        target=FILTER_RECALL,
        ours=(found,),
        note="rows chosen at random, but for whole clusters: there most questions have no near row allowed",
    )
    yield Outcome(measure=NAME, what=f"{given.share}, condition asked before", target=FILTER_TIME, ours=warm)
    yield Outcome(
        measure=NAME,
        what=f"{given.share}, condition never asked before",
        target=FILTER_TIME,
        ours=first,
        note="a new condition is checked, and evaluated by SQL; its columns are held after the first two",
    )


def _ask(lake: Lakehouse, corpus: Corpus, number: int, where: str) -> float:
    question = corpus.questions[number]
    return timed(lambda: lake.search(vector=question, corpora=(INDEX,), k=K, where=where))
