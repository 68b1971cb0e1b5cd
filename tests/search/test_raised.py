"""What was learned raises rows of real legs: within the condition, with its reason, scores still 0 to 1."""

from collections.abc import Callable, Collection, Iterator, Mapping

import pytest

from lakehouse.index.index import Index
from lakehouse.search.hits import Found, Learning
from lakehouse.search.learned import Asked, Digests, Recalled, Row
from lakehouse.search.leg import Leg, Question
from lakehouse.search.searcher import Searcher, fused, raised
from tests.lake.conftest import PEOPLE, open_with

FORKLIFT = "forklift night shifts"
KEYS = [str(one["id"]) for one in PEOPLE]


@pytest.fixture(scope="module")
def resumes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    with open_with(tmp_path_factory.mktemp("raised") / "lake", has_model=False) as lake:
        lake.upsert("people", PEOPLE, key="id")
        lake.index.build("resumes", table="people", text="resume", id="id")
        yield lake.index.get("resumes")


class Past:
    """A memory that says what a test tells it, and notes what it was asked."""

    def __init__(self, known: Mapping[Row, Recalled]) -> None:
        self.known = known
        self.asked: list[Asked] = []
        self.digests: dict[str, str] = {}

    def recall(self, asked: Asked, digests: Digests) -> Mapping[Row, Recalled]:
        self.asked.append(asked)
        self.digests = dict(digests("resumes", KEYS))
        return self.known


def knows(key: str, boost: float, *, joins: bool = False, corpus: str = "resumes") -> dict[Row, Recalled]:
    return {(corpus, key): Recalled(boost=boost, joins=joins, why=f"worked: {key}")}


def look(index: Index, **asked: object) -> list[Leg]:
    question = Question(text=FORKLIFT, **asked)  # type: ignore[arg-type] - fields of the question
    return [Searcher(lambda: None).look(question, index)]


def search(index: Index, past: Past, *, excluded: Collection[str] = (), where: str = "") -> Found:
    question = Question(text=FORKLIFT, k=3, excluded=frozenset(excluded), where=where)
    return Searcher(lambda: None).search(
        question, [index], search_id="s", learned=past, keys={"city": "Oslo"}
    )


def ids(found: Found) -> list[str]:
    return [hit.id for hit in found.hits]


def test_without_anything_learned_the_ranking_is_as_it_was(resumes: Index) -> None:
    legs = look(resumes)
    ranked = fused(legs, most=None)
    assert raised(ranked, legs, {}, k=3) == (ranked, Learning())
    assert ids(search(resumes, Past({}))) == ["1", "3"]


def test_a_row_that_was_found_is_raised_with_its_reason_and_its_base_kept(resumes: Index) -> None:
    legs = look(resumes)
    before = {one.key: one.score for one in fused(legs, most=None)}
    found = search(resumes, Past(knows("3", 0.3)))
    hit = next(one for one in found.hits if one.id == "3")
    assert (hit.parts.boost, hit.parts.base) == (0.3, pytest.approx(before["3"], abs=1e-6))
    assert "worked: 3" in hit.why
    assert found.learning.hit == found.learning.computed == 1


def test_a_row_that_was_not_found_joins_with_a_base_of_its_own(resumes: Index) -> None:
    found = search(resumes, Past(knows("4", 0.3, joins=True)))
    joined = next(one for one in found.hits if one.id == "4")
    assert (joined.parts.base, joined.parts.boost, joined.parts.lexical) == (0.0, 0.3, None)
    assert found.learning.injected == 1
    assert "pipes" in joined.text


def test_a_row_that_may_not_join_stays_out_and_is_not_counted(resumes: Index) -> None:
    found = search(resumes, Past(knows("4", 0.3, joins=False)))
    assert ids(found) == ["1", "3"]
    assert found.learning.computed == 0


@pytest.mark.parametrize(
    "narrow",
    [lambda index, past: search(index, past, where="city = 'Oslo'"),
     lambda index, past: search(index, past, excluded=["4"])],
    ids=["condition", "excluded"],
)  # fmt: skip
def test_nothing_that_was_learned_brings_in_what_the_question_rules_out(
    resumes: Index, narrow: Callable[[Index, Past], Found]
) -> None:
    assert "4" not in ids(narrow(resumes, Past(knows("4", 0.3, joins=True))))


def test_rows_of_other_corpora_and_rows_that_are_gone_are_not_shown(resumes: Index) -> None:
    known = knows("4", 0.3, joins=True, corpus="elsewhere") | knows("999", 0.3, joins=True)
    assert ids(search(resumes, Past(known))) == ["1", "3"]


def test_scores_stay_between_0_and_1_and_in_order(resumes: Index) -> None:
    found = search(resumes, Past(knows("1", 0.9) | knows("3", -0.129) | knows("4", 0.1, joins=True)))
    scores = [hit.score for hit in found.hits]
    assert scores == sorted(scores, reverse=True)
    assert 0 <= scores[-1] <= scores[0] == 1


def test_the_past_is_asked_with_the_question_its_hard_keys_and_todays_texts(resumes: Index) -> None:
    past = Past({})
    search(resumes, past)
    (asked,) = past.asked
    assert (asked.text, asked.keys, asked.corpora) == (FORKLIFT, {"city": "Oslo"}, ("resumes",))
    assert (asked.vector, asked.model) == (None, "")
    assert set(past.digests) == set(KEYS)
    assert len(set(past.digests.values())) == len(KEYS)
