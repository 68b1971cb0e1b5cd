"""Corpora asked side by side: on one scale, by one deadline, and a lost one is named or fails the request."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lakehouse.base.errors import Invalid, Unavailable
from lakehouse.lake.facade import Lakehouse
from lakehouse.llm.embedding import Embedder, Use, Vectors
from lakehouse.llm.fake import FakeEmbedder
from lakehouse.matrix.corpus import Corpus, card
from lakehouse.matrix.gather import Ask, Gatherer, asks
from lakehouse.matrix.merge import merge
from lakehouse.search.leg import Question
from lakehouse.search.searcher import shown
from tests.lake.conftest import open_with

RESUMES = (
    {"id": "r1", "city": "Oslo", "body": "Forklift operator with an OSHA-10 card and night shifts."},
    {"id": "r2", "city": "Oslo", "body": "Registered nurse, intensive care, seven years."},
    {"id": "r3", "city": "Rome", "body": "Forklift driver in a cold store."},
)
JOBS = (
    {"id": "j1", "city": "Oslo", "body": "Nurse wanted for intensive care in a small hospital."},
    {"id": "j2", "city": "Rome", "body": "Bookkeeper wanted: ledgers, payroll, tax."},
)
RULES = ({"id": "p1", "city": "", "body": "Overtime is paid with half as much again."},)


class Stuck(FakeEmbedder):
    """An embedder that answers when it is let go, and counts who asked."""

    def __init__(self) -> None:
        super().__init__()
        self.go, self.asked = threading.Event(), 0

    def embed(self, texts: Sequence[str], *, use: Use = "document") -> Vectors:
        self.asked += 1
        assert self.go.wait(30)
        return super().embed(texts, use=use)


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lakehouse]:
    """Three corpora: resumes, jobs and rules; rules wait for their vectors."""
    with open_with(tmp_path / "lake") as lake:
        for name, rows in (("resumes", RESUMES), ("jobs", JOBS), ("rules", RULES)):
            lake.upsert(name, rows, key="id")
            make = lake.index.define if name == "rules" else lake.index.build
            make(f"{name}_ix", table=name, text="body", id="id")
        yield lake


@pytest.fixture
def opened() -> Iterator[Callable[[Embedder | None], Gatherer]]:
    """Opens gatherers, and closes them."""
    made: list[Gatherer] = []

    def make(embedder: Embedder | None) -> Gatherer:
        made.append(Gatherer(lambda: embedder))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def gatherer(opened: Callable[[Embedder | None], Gatherer]) -> Gatherer:
    return opened(FakeEmbedder())


def about(lake: Lakehouse, question: Question, *corpora: Corpus | str) -> tuple[Ask, ...]:
    """A question for corpora, or for indexes without a card."""
    named = [one if isinstance(one, Corpus) else card(f"{one}_ix") for one in corpora]
    return asks(question, [(one, lake.index.get(one.index)) for one in named])


def test_every_corpus_answers_and_the_answers_merge(lake: Lakehouse, gatherer: Gatherer) -> None:
    found = gatherer.ask(about(lake, Question(text="intensive care nurse"), "resumes", "jobs", "rules"))
    assert [corpus.name for corpus in found.corpora] == ["resumes_ix", "jobs_ix", "rules_ix"]
    assert found.missing == ()
    first = merge(found.sides, found.cards()).candidates[:2]
    assert {(one.corpus, one.key) for one in first} == {("resumes_ix", "r2"), ("jobs_ix", "j1")}


def test_words_weigh_the_same_in_every_corpus(lake: Lakehouse, gatherer: Gatherer) -> None:
    resumes, jobs = gatherer.ask(about(lake, Question(text="nurse"), "resumes", "jobs")).sides
    best = [side.words.max() for side in (resumes, jobs)]
    assert best[0] == pytest.approx(best[1], rel=0.2)
    assert all(0 <= value <= 1 for side in (resumes, jobs) for value in side.words)
    alone = lake.index.get("jobs_ix").view().words
    assert alone is not None
    assert alone.search("nurse", 1)[0].score != pytest.approx(best[1], rel=0.2)


def test_a_side_is_the_ranking_of_its_corpus_alone(lake: Lakehouse, gatherer: Gatherer) -> None:
    (side,) = gatherer.ask(about(lake, Question(text="forklift night"), "resumes")).sides
    alone = lake.search("forklift night", corpora=["resumes_ix"], k=3)
    assert list(side.keys) == [hit.id for hit in alone.hits]
    assert (np.diff(side.own) <= 0).all()
    assert side.own[0] == 1


def test_an_unknown_model_and_a_missing_one_leave_words_and_a_known_one_brings_meaning(
    lake: Lakehouse, opened: Callable[[Embedder | None], Gatherer], tmp_path: Path
) -> None:
    asked = about(lake, Question(text="forklift"), "resumes")
    (fake,) = opened(FakeEmbedder()).ask(asked).sides
    assert fake.model == "fake"
    (none,) = opened(None).ask(asked).sides
    assert np.isnan(none.meaning).all()
    assert not np.isnan(none.words).any()
    assert not np.isnan(fake.meaning).any()


def test_rows_without_a_vector_have_words_only(lake: Lakehouse, gatherer: Gatherer) -> None:
    lake.upsert("resumes", [{"id": "r9", "city": "Oslo", "body": "Forklift mechanic, new here."}], key="id")
    (side,) = gatherer.ask(about(lake, Question(text="forklift"), "resumes")).sides
    new = side.keys.index("r9")
    assert np.isnan(side.meaning[new])
    assert side.words[new] > 0
    assert np.isnan(side.meaning).sum() == 1


def test_a_question_without_a_known_word_is_compared_by_meaning(lake: Lakehouse, gatherer: Gatherer) -> None:
    (side,) = gatherer.ask(about(lake, Question(text="zzz"), "resumes")).sides
    assert side.words.tolist() == [0.0] * len(side.keys)
    assert side.own[0] == 1
    assert side.own[-1] == 0


def test_a_vector_instead_of_a_text_has_no_words_to_compare(lake: Lakehouse, gatherer: Gatherer) -> None:
    vector = FakeEmbedder().embed(["forklift driver"])[0]
    (side,) = gatherer.ask(about(lake, Question(vector=vector), "resumes")).sides
    assert side.keys[0] in {"r1", "r3"}
    assert np.isnan(side.words).all()
    assert merge([side], {}).candidates[0].key == side.keys[0]


def test_filter_of_the_card_and_condition_of_the_question_both_hold(
    lake: Lakehouse, gatherer: Gatherer
) -> None:
    oslo = replace(card("resumes_ix"), name="oslo", filter="city = 'Oslo'")
    asked = about(lake, Question(text="forklift nurse", where="id <> 'r1'"), oslo, "resumes")
    found = gatherer.ask(asked)
    assert [set(side.keys) for side in found.sides] == [{"r2"}, {"r2", "r3"}]
    assert set(found.cards()) == {"oslo", "resumes_ix"}


def test_excluded_rows_are_not_candidates(lake: Lakehouse, gatherer: Gatherer) -> None:
    question = Question(text="forklift", excluded=frozenset({"r1"}))
    (side,) = gatherer.ask(about(lake, question, "resumes")).sides
    assert "r1" not in side.keys


def test_no_more_candidates_than_asked_for(lake: Lakehouse, gatherer: Gatherer) -> None:
    found = gatherer.ask(about(lake, Question(text="forklift nurse"), "resumes", "jobs"), depth=1)
    assert [len(side.keys) for side in found.sides] == [1, 1]


def test_a_merged_ranking_can_be_shown_with_texts_and_places(lake: Lakehouse, gatherer: Gatherer) -> None:
    found = gatherer.ask(about(lake, Question(text="forklift night shifts"), "jobs", "resumes"))
    ranking = merge(found.sides, found.cards())
    hits = shown(found.candidates(ranking), found.legs, k=2)
    assert [(hit.corpus, hit.id) for hit in hits] == [(c.corpus, c.key) for c in ranking.candidates[:2]]
    assert hits[0].text == RESUMES[0]["body"]
    assert hits[0].score == 1
    assert hits[0].parts.lexical is not None


def test_the_question_is_embedded_once_for_all_corpora(
    lake: Lakehouse, opened: Callable[[Embedder | None], Gatherer]
) -> None:
    model = Stuck()
    model.go.set()
    opened(model).ask(about(lake, Question(text="forklift"), "resumes", "jobs"))
    assert model.asked == 1


def test_a_late_corpus_fails_the_request_and_is_named(
    lake: Lakehouse, opened: Callable[[Embedder | None], Gatherer]
) -> None:
    model = Stuck()
    asked = about(lake, Question(text="forklift"), "resumes")
    with pytest.raises(Unavailable, match=r"resumes_ix is missing: it did not answer in time") as error:
        opened(model).ask(asked, deadline_s=0.2)
    model.go.set()
    assert error.value.hint
    assert error.value.context["corpora"] == "resumes_ix"


def test_partial_answers_go_on_without_the_late_corpus_and_name_it(
    lake: Lakehouse, opened: Callable[[Embedder | None], Gatherer]
) -> None:
    model = Stuck()
    asked = about(lake, Question(text="overtime"), "rules", "resumes")
    lake.search("overtime")  # what is late is the model, and not the first look at a table
    found = opened(model).ask(asked, deadline_s=2.0, allow_partial=True)
    model.go.set()
    assert [corpus.name for corpus in found.corpora] == ["rules_ix"]
    assert [one.corpus for one in found.missing] == ["resumes_ix"]
    assert merge(found.sides, found.cards()).candidates[0].key == "p1"


def test_a_failed_corpus_is_treated_as_a_late_one(lake: Lakehouse, gatherer: Gatherer) -> None:
    asked = about(lake, Question(text="forklift nurse"), "resumes", "jobs")
    lake.drop("jobs")
    with pytest.raises(Unavailable, match="jobs_ix is missing") as error:
        gatherer.ask(asked)
    assert "partial" in error.value.hint
    found = gatherer.ask(asked, allow_partial=True)
    assert [one.corpus for one in found.missing] == ["jobs_ix"]
    assert found.sides[0].keys


def test_partial_answers_need_at_least_one_corpus(lake: Lakehouse, gatherer: Gatherer) -> None:
    asked = about(lake, Question(text="nurse"), "jobs")
    lake.drop("jobs")
    with pytest.raises(Unavailable):
        gatherer.ask(asked, allow_partial=True)


def test_a_condition_that_fits_no_column_is_the_askers_mistake(lake: Lakehouse, gatherer: Gatherer) -> None:
    with pytest.raises(Invalid):
        gatherer.ask(about(lake, Question(text="nurse", where="salary > 3"), "jobs"), allow_partial=True)


def test_asking_twice_gives_the_same(lake: Lakehouse, gatherer: Gatherer) -> None:
    asked = about(lake, Question(text="nurse forklift"), "resumes", "jobs", "rules")
    one, two = (merge((found := gatherer.ask(asked)).sides, found.cards()) for _ in range(2))
    assert one.candidates == two.candidates
