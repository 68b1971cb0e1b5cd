"""What is checked before a search, and how real legs become one ranking: unit vectors, k, ties, places."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid, NotFound, Unavailable
from lakehouse.index.index import Index
from lakehouse.lake.facade import Lakehouse
from lakehouse.llm.embedding import Embedder
from lakehouse.llm.fake import FakeEmbedder
from lakehouse.search.bound import SIGNS, bound
from lakehouse.search.hits import Found, Hit
from lakehouse.search.leg import Candidate, Leg, Question, hit, look
from lakehouse.search.searcher import MOST, Searcher, check, fused, shown, unit
from tests.lake.conftest import PEOPLE, open_with

FEW = settings(max_examples=30, deadline=None)
NUMBERS = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lakehouse]:
    """Resumes by meaning and words, notes that wait for their vectors, both about the same people."""
    with open_with(tmp_path_factory.mktemp("asking") / "lake") as lake:
        lake.upsert("people", PEOPLE, key="id")
        lake.index.build("resumes", table="people", text="resume", id="id")
        lake.upsert("notes", [{"id": f"n{n}", "said": f"forklift note {n}"} for n in range(3)], key="id")
        lake.index.define("notes_ix", table="notes", text="said", id="id")
        yield lake


@pytest.fixture(scope="module")
def resumes(lake: Lakehouse) -> Index:
    return lake.index.get("resumes")


@pytest.fixture(scope="module")
def notes(lake: Lakehouse) -> Index:
    return lake.index.get("notes_ix")


def searched(question: Question, *indexes: Index, embedder: Embedder | None = None) -> Found:
    return Searcher(lambda: embedder).search(question, indexes, search_id="s")


def ids(hits: Sequence[Hit]) -> list[str]:
    return [one.id for one in hits]


@FEW
@given(NUMBERS.filter(lambda numbers: float(np.linalg.norm(numbers)) > 1e-3))
def test_a_vector_is_brought_to_unit_length_and_keeps_its_direction(numbers: list[float]) -> None:
    made = unit(numbers)
    assert made.dtype == np.float32
    assert float(np.linalg.norm(made)) == pytest.approx(1, abs=1e-5)
    assert float(made @ np.array(numbers)) == pytest.approx(float(np.linalg.norm(numbers)), rel=1e-5)


@pytest.mark.parametrize(
    "vector",
    [
        [],
        [0.0, 0.0],
        [float("nan"), 1.0],
        [float("inf")],
        [[1.0, 2.0]],
        ["a"],
        [None, 1.0],
        [[1.0], [1.0, 2.0]],
    ],
)
def test_what_is_no_direction_is_refused_with_an_example(vector: Sequence[float]) -> None:
    with pytest.raises(Invalid) as error:
        unit(vector)
    assert "send" in error.value.hint


def test_whole_numbers_make_a_vector_too() -> None:
    assert unit([3, 4]).tolist() == pytest.approx([0.6, 0.8])


@pytest.mark.parametrize("k", [0, -1, MOST + 1])
def test_k_out_of_range_is_refused_and_its_ends_are_not(resumes: Index, k: int) -> None:
    with pytest.raises(Invalid, match="k is from 1"):
        check(Question(text="x", k=k), [resumes])
    check(Question(text="x", k=1), [resumes])
    check(Question(text="x", k=MOST), [resumes])


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_a_question_without_text_needs_a_vector(resumes: Index, text: str) -> None:
    with pytest.raises(Invalid, match="empty"):
        check(Question(text=text), [resumes])
    check(Question(text=text, vector=unit([1.0])), [resumes])


def test_without_an_index_nothing_can_be_asked_and_the_hint_says_how_to_build_one() -> None:
    with pytest.raises(Unavailable, match="no index") as error:
        check(Question(text="x"), [])
    assert "lakehouse index build" in error.value.hint


def test_a_mistake_in_the_question_is_told_before_a_missing_index() -> None:
    with pytest.raises(Invalid):
        check(Question(text=""), [])


def test_hits_are_ranked_from_1_with_a_place_that_holds_their_text(resumes: Index) -> None:
    found = searched(Question(text="forklift night shifts", k=5), resumes, embedder=FakeEmbedder())
    texts = {str(row["id"]): str(row["resume"]) for row in PEOPLE}
    assert [one.rank for one in found.hits] == list(range(1, len(found.hits) + 1))
    for one in found.hits:
        assert texts[one.id][one.source.start : one.source.end] == one.text
        assert (one.source.table, one.source.row, one.corpus) == ("people", one.id, "resumes")
        assert one.sql_verified
        assert one.digest
    assert list(found.snapshots.values()) == [resumes.view().table_snapshot]


def test_k_hits_are_given_at_most_and_they_are_the_first_of_more(resumes: Index) -> None:
    more = ids(searched(Question(text="forklift", k=5), resumes, embedder=FakeEmbedder()).hits)
    for k in range(1, 5):
        assert (
            ids(searched(Question(text="forklift", k=k), resumes, embedder=FakeEmbedder()).hits) == more[:k]
        )


def test_a_condition_is_kept_by_every_hit_and_rows_named_as_excluded_do_not_come(resumes: Index) -> None:
    question = Question(text="forklift nurse welder", where="city = 'Oslo'", k=5)
    assert set(ids(searched(question, resumes, embedder=FakeEmbedder()).hits)) == {"1", "2"}
    without = replace(question, excluded=frozenset({"1"}))
    assert ids(searched(without, resumes, embedder=FakeEmbedder()).hits) == ["2"]


def test_a_condition_that_no_row_meets_gives_no_hit(resumes: Index) -> None:
    assert (
        searched(Question(text="nurse", where="city = 'Nowhere'"), resumes, embedder=FakeEmbedder()).hits
        == ()
    )


def test_a_condition_on_a_column_that_is_not_there_is_the_askers_mistake(resumes: Index) -> None:
    with pytest.raises((Invalid, NotFound)):
        searched(Question(text="nurse", where="salary > 3"), resumes)


def test_without_a_model_words_answer_and_the_note_says_why(resumes: Index) -> None:
    found = searched(Question(text="nurse"), resumes)
    assert ids(found.hits) == ["2"]
    assert "by words only" in found.notes[0]
    assert found.hits[0].parts.dense is None


def test_an_index_that_waits_for_its_vectors_says_how_to_get_them(notes: Index) -> None:
    found = searched(Question(text="note"), notes, embedder=FakeEmbedder())
    assert len(found.hits) == 3
    assert found.notes == ("notes_ix: by words only until lakehouse index refresh notes_ix",)


def test_several_indexes_are_one_ranking_that_names_where_each_hit_is_from(
    resumes: Index, notes: Index
) -> None:
    found = searched(Question(text="forklift", k=10), resumes, notes)
    assert {one.corpus for one in found.hits} == {"resumes", "notes_ix"}
    assert found.corpora == ("resumes", "notes_ix")
    scores = [one.score for one in found.hits]
    assert scores == sorted(scores, reverse=True)
    assert 0 <= scores[-1] <= scores[0] <= 1


def test_the_same_question_gets_the_same_hits_again(resumes: Index, notes: Index) -> None:
    one, two = (
        searched(Question(text="forklift"), resumes, notes, embedder=FakeEmbedder()) for _ in range(2)
    )
    assert one.hits == two.hits


def test_a_vector_alone_ranks_by_its_cosine(resumes: Index) -> None:
    (vector,) = FakeEmbedder().embed(["registered nurse"], use="query")
    legs = [look(Question(vector=vector, k=5), resumes, None)]
    ranked = fused(legs, most=None)
    assert [one.score for one in ranked] == sorted((one.dense or 0.0 for one in ranked), reverse=True)
    assert ranked[0].key == "2"
    assert all(one.lexical is None for one in ranked)


def test_meaning_may_be_asked_in_other_words_than_the_text(resumes: Index) -> None:
    leg = look(Question(text="forklift", meaning="registered nurse intensive care"), resumes, FakeEmbedder())
    assert max(leg.near.values(), key=lambda near: near.score).key == "2"
    assert set(leg.said) == {"1", "3"}


@pytest.mark.parametrize("text", ["nurse", "cold store", "", "a~b 'c' (d)"])
def test_a_question_without_signs_demands_nothing(resumes: Index, text: str) -> None:
    assert SIGNS.isdisjoint(text)
    assert bound(text, resumes.words()) is None


def test_signs_that_mean_nothing_demand_nothing(resumes: Index) -> None:
    assert bound('night-shift 6" pipe', resumes.words()) is None
    assert bound('"cold store"', None) is None


def test_a_phrase_binds_meaning_as_it_binds_words(resumes: Index) -> None:
    leg = look(Question(text='"cold store" nurse'), resumes, FakeEmbedder())
    assert set(leg.near) == {"3"}
    assert [leg.meets(str(row["id"])) for row in PEOPLE] == [False, False, True, False, False]


def test_what_is_excluded_is_not_found_by_meaning_either(resumes: Index) -> None:
    leg = look(Question(text="forklift -cold"), resumes, FakeEmbedder())
    assert "3" not in {*leg.near, *leg.said}
    assert leg.bound is not None
    assert leg.bound.kept(["1", "3"]) == {"1"}
    assert leg.bound.kept([]) == frozenset()


def test_two_phrases_must_both_be_said(resumes: Index) -> None:
    demands = bound('"forklift operator" "night shifts"', resumes.words())
    assert demands is not None
    assert demands.kept([str(row["id"]) for row in PEOPLE]) == {"1"}
    nobody = bound('"forklift operator" "cold store"', resumes.words())
    assert nobody is not None
    assert nobody.kept(["1", "3"]) == frozenset()


def test_a_question_of_exclusions_only_is_answered_by_words_or_told_what_it_lacks(resumes: Index) -> None:
    leg = look(Question(text="-forklift"), resumes, FakeEmbedder())
    assert leg.vector is None
    assert leg.notes == ("resumes: the question only says what must not be found",)


def test_a_row_that_is_gone_makes_room_for_the_next(resumes: Index) -> None:
    leg = look(Question(text="forklift"), resumes, None)
    ranked = [Candidate(leg=0, key=key, score=1.0) for key in ("77", "1", "88", "3", "2")]
    assert ids(shown(ranked, [leg], k=2)) == ["1", "3"]
    assert shown([], [leg], k=2) == []
    assert hit(ranked[0], leg, {}) is None


def test_a_leg_knows_its_name_its_snapshot_and_only_texts_that_are_there(resumes: Index) -> None:
    leg: Leg = look(Question(text="nurse"), resumes, None)
    assert leg.name == "resumes"
    assert leg.snapshot[1] == resumes.view().table_snapshot
    assert set(leg.texts(["2", "999"])) == {"2"}
    assert leg.texts([]) == {}


def test_rankings_of_meaning_and_of_words_come_each_by_itself(resumes: Index) -> None:
    near, said = Searcher(FakeEmbedder).rankings("forklift", resumes)
    assert set(said) == {"1", "3"}
    assert set(near) == {str(row["id"]) for row in PEOPLE}
    assert Searcher(lambda: None).rankings("forklift", resumes)[0] == {}
