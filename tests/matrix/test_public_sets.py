"""On real collections side by side: the right corpus is found, and the merges that were rejected lose.

By words alone, so that no model is needed; what meaning adds stands in docs/decisions/013-merge.md.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from lakehouse.index.words.lexical import Document, Lexical, WordHit
from lakehouse.index.words.weigh import together
from lakehouse.matrix.features import Side
from lakehouse.matrix.filter import shipped
from lakehouse.matrix.merge import keep, merge
from lakehouse.search.fusion import fuse
from lakehouse.search.measure import gain, ndcg

SETS = Path(__file__).parents[3] / "shared" / "data" / "ir"
NAMES = ("cran", "time", "cisi", "onet_titles")
QUESTIONS = 40

pytestmark = pytest.mark.skipif(
    not SETS.exists(), reason="the public retrieval sets are not beside the project"
)

Found = tuple[str, str]
"""Corpus and key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One judged question, asked of every corpus."""

    home: str
    grades: dict[str, float]
    hits: dict[str, tuple[WordHit, ...]]
    sides: tuple[Side, ...]

    def quality(self, ranking: list[Found]) -> float:
        """nDCG@10: only rows of its own collection are right."""
        wanted = {f"{self.home}|{key}": grade for key, grade in self.grades.items()}
        return ndcg([f"{corpus}|{key}" for corpus, key in ranking], wanted)

    def pollution(self, ranking: list[Found]) -> float:
        """Share of the top ten from another collection."""
        top = ranking[:10]
        return sum(corpus != self.home for corpus, _ in top) / max(1, len(top))


def lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def judged(name: str) -> list[tuple[str, dict[str, float]]]:
    """Questions with their right documents, some of each set, the same every time."""
    grades: dict[str, dict[str, float]] = {}
    for line in (SETS / name / "qrels.tsv").read_text().splitlines():
        query, document, *_, grade = line.split("\t")
        if grade.replace(".", "").isdigit() and float(grade) > 0:
            grades.setdefault(query, {})[document] = float(grade)
    asked = [(q["text"], grades[q["id"]]) for q in lines(SETS / name / "queries.jsonl") if q["id"] in grades]
    return [asked[at] for at in np.random.default_rng(0).permutation(len(asked))[:QUESTIONS]]


def ask(text: str, corpora: dict[str, Lexical]) -> tuple[dict[str, tuple[WordHit, ...]], tuple[Side, ...]]:
    shared = together([one.terms(text) for one in corpora.values()])
    hits = {name: one.search(text, 100) for name, one in corpora.items()}
    sides = []
    for name, found in hits.items():
        own = fuse({}, {hit.key: hit.score for hit in found})
        weighed = corpora[name].weighed(shared.weights, [one.key for one in own])
        sides.append(
            Side(
                corpus=name,
                keys=tuple(one.key for one in own),
                own=np.array([one.score for one in own]),
                meaning=np.full(len(own), np.nan),
                words=np.array([weighed[one.key] for one in own]) / shared.attainable,
            )
        )
    return hits, tuple(sides)


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Lexical]:
    made = {}
    for name in NAMES:
        made[name] = Lexical(tmp_path_factory.mktemp(name))
        rows = lines(SETS / name / "docs.jsonl")
        made[name].update(Document(r["id"], "", f"{r.get('title', '')} {r['text']}") for r in rows)
    return made


@pytest.fixture(scope="module")
def asked(corpora: dict[str, Lexical]) -> list[Asked]:
    return [
        Asked(home=name, grades=grades, hits=hits, sides=sides)
        for name in NAMES
        for text, grades in judged(name)
        for hits, sides in [ask(text, corpora)]
    ]


def by_probability(one: Asked) -> list[Found]:
    return [(c.corpus, c.key) for c in merge(one.sides, {}).candidates]


def of_the_right_corpus(one: Asked) -> list[Found]:
    return [(one.home, hit.key) for hit in one.hits[one.home]]


def scored(one: Asked, score: Callable[[tuple[WordHit, ...], int], float]) -> list[Found]:
    """A merge by a score of a place in a list."""
    rows = [
        (score(hits, at), name, hit.key) for name, hits in one.hits.items() for at, hit in enumerate(hits)
    ]
    return [(name, key) for _, name, key in sorted(rows, key=lambda row: -row[0])]


def by_ranks(one: Asked) -> list[Found]:
    return scored(one, lambda hits, at: 1 / (61 + at))


def by_min_max(one: Asked) -> list[Found]:
    return scored(one, lambda hits, at: (hits[at].score - hits[-1].score) / (hits[0].score or 1))


def by_raw_bm25(one: Asked) -> list[Found]:
    return scored(one, lambda hits, at: hits[at].score)


def mean(asked: list[Asked], value: Callable[[Asked], float]) -> float:
    return float(np.mean([value(one) for one in asked]))


def test_words_alone_reach_the_floor_of_the_merge(asked: list[Asked]) -> None:
    best = mean(asked, lambda one: one.quality(of_the_right_corpus(one)))
    merged = mean(asked, lambda one: one.quality(by_probability(one)))
    polluted = mean(asked, lambda one: one.pollution(by_probability(one)))
    assert merged / best >= 0.85
    assert polluted <= 0.20


@pytest.mark.parametrize("rejected", [by_ranks, by_min_max, by_raw_bm25])
def test_the_merges_that_were_rejected_lose(
    asked: list[Asked], rejected: Callable[[Asked], list[Found]]
) -> None:
    ours = [one.quality(by_probability(one)) for one in asked]
    theirs = [one.quality(rejected(one)) for one in asked]
    assert gain(ours, theirs).low > 0
    polluted = mean(asked, lambda one: one.pollution(rejected(one)))
    assert polluted > 1.5 * mean(asked, lambda one: one.pollution(by_probability(one)))


def test_the_filter_keeps_its_promise_and_is_silent_more_often_without_the_right_corpus(
    asked: list[Asked],
) -> None:
    by = shipped(0.1)
    losses, silent, without = [], [], []
    for one in asked:
        ranking = merge(one.sides, {})
        right = [c for c in ranking.candidates[:10] if c.corpus == one.home and c.key in one.grades]
        kept = keep(ranking, k=10, by=by)
        losses.append(1 - len(set(right) & set(kept.hits)) / len(right) if right else 0.0)
        silent.append(not kept.is_answered)
        others = tuple(side for side in one.sides if side.corpus != one.home)
        without.append(not keep(merge(others, {}), k=10, by=by).is_answered)
    assert np.mean(losses) <= 0.12
    assert np.mean(without) > np.mean(silent) + 0.3


def test_what_is_promised_is_about_what_is_true(asked: list[Asked]) -> None:
    promised, right = [], []
    for one in asked:
        for candidate in merge(one.sides, {}).candidates[:10]:
            promised.append(candidate.p)
            right.append(candidate.corpus == one.home and candidate.key in one.grades)
    assert np.mean(promised) == pytest.approx(np.mean(right), abs=0.05)
