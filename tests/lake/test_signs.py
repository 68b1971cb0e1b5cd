"""What is excluded is found by nobody, and whoever is found says every phrase: by words as by meaning."""

from collections.abc import Callable, Collection, Mapping

import pytest

from lakehouse.base.errors import Invalid
from lakehouse.lake.facade import Found, Lakehouse
from lakehouse.llm.fake import FakeEmbedder
from lakehouse.search.learned import Asked, Digests, Recalled, Row
from lakehouse.search.leg import Question
from lakehouse.search.searcher import Searcher


@pytest.fixture
def search(lake: Lakehouse) -> Callable[..., Found]:
    """Searches the resumes."""
    lake.index.build("resumes", table="people", text="resume", id="id")
    return lake.search


def ids(found: Found) -> set[str]:
    return {hit.id for hit in found.hits}


@pytest.mark.parametrize(
    "question", ["forklift -osha", 'forklift -"osha-10 card"', "forklift -“night shift”"]
)
def test_a_row_that_says_what_is_excluded_is_found_by_nobody(
    search: Callable[..., Found], question: str
) -> None:
    assert ids(search("forklift")) == {"1", "2", "3", "4", "5"}
    assert ids(search(question)) == {"2", "3", "4", "5"}


def test_every_row_that_is_found_says_every_phrase(search: Callable[..., Found]) -> None:
    assert ids(search('driver "cold store"')) == {"3"}
    assert ids(search('"cold store" "forklift driver"')) == {"3"}
    assert ids(search('"cold store" "night shifts"')) == set()
    assert ids(search('forklift "never said"')) == set()


def test_a_phrase_and_a_condition_bind_together(search: Callable[..., Found]) -> None:
    assert ids(search('worker "forklift"', where="city = 'Rome'")) == {"3"}
    assert ids(search("worker -forklift", where="city = 'Rome'")) == {"4"}


@pytest.mark.parametrize("question", ["follow-up of OSHA-10 cards", '6" pipe', '"of the"', '-"of the" card'])
def test_signs_that_ask_for_nothing_leave_every_row_to_meaning(
    search: Callable[..., Found], question: str
) -> None:
    assert ids(search(question)) == {"1", "2", "3", "4", "5"}


def test_meaning_is_of_the_question_without_what_it_excludes(search: Callable[..., Found]) -> None:
    plain, without = search("forklift driver"), search("forklift driver -osha -night")
    dense = {hit.id: hit.parts.dense for hit in plain.hits if hit.id != "1"}
    assert {hit.id: hit.parts.dense for hit in without.hits} == dense


def test_a_question_that_only_excludes_finds_nothing_and_says_why(search: Callable[..., Found]) -> None:
    found = search("-forklift")
    assert not found.hits
    assert found.notes == ("resumes: the question only says what must not be found",)
    with pytest.raises(Invalid):
        search('"--" -')


def test_rows_behind_many_excluded_ones_are_still_found_by_meaning(
    lake: Lakehouse, search: Callable[..., Found]
) -> None:
    many = [{"id": 1000 + n, "resume": "crane hoist temp"} for n in range(600)]
    few = [{"id": 10 + n, "resume": f"hoist, harbour of Kiel, berth{n}"} for n in range(5)]
    lake.upsert("people", [*many, *few], key="id")
    lake.index.refresh("resumes")
    found = search("crane hoist -temp", k=5)
    assert ids(found) == {str(10 + n) for n in range(5)}
    assert all(hit.parts.dense is not None for hit in found.hits)


def test_a_vector_that_is_sent_along_is_bound_as_well(search: Callable[..., Found]) -> None:
    (vector,) = FakeEmbedder(dimension=64).embed(["forklift operator"])
    assert ids(search("-operator", vector=vector.tolist())) == {"2", "3", "4", "5"}


class All:
    """Remembers that every row of the index was once right."""

    def recall(self, asked: Asked, digests: Digests) -> Mapping[Row, Recalled]:
        """Each row, as one that joins."""
        known: Collection[str] = digests(asked.corpora[0], [str(n) for n in range(1, 6)])
        return {(asked.corpora[0], key): Recalled(boost=1.0, joins=True, why="") for key in known}


@pytest.mark.parametrize(
    ("question", "found"), [("nurse -forklift", {"2", "4", "5"}), ('"forklift"', {"1", "3"})]
)
def test_what_was_learned_brings_no_row_that_the_question_rules_out(
    lake: Lakehouse, search: Callable[..., Found], question: str, found: set[str]
) -> None:
    searcher = Searcher(lambda: FakeEmbedder(dimension=64))
    index = lake.index.get("resumes")
    made = searcher.search(Question(text=question), [index], search_id="s", learned=All())
    assert ids(made) == found
