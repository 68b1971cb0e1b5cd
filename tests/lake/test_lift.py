from pathlib import Path

import pytest

from lakehouse.base.errors import Invalid
from lakehouse.lake import lift
from lakehouse.lake.lift import LakeBase
from lakehouse.matrix.lift.ground.data import Collection
from tests.lake.conftest import open_with

TEXTS = {
    "a": "Forklift operator with an OSHA-10 card.",
    "b": "Registered nurse, intensive care.",
    "c": "Forklift driver in a cold store.",
}
GIVEN = Collection(name="people", texts=TEXTS, needs={"q": "forklift"}, grades={"q": {"a": 1.0}})


def test_the_lake_answers_as_its_own_search_does(tmp_path: Path) -> None:
    with open_with(tmp_path / "lake") as lake:
        base = LakeBase(lake, GIVEN)
        (answer,) = base.answers(["forklift driver"])
        found = lake.search("forklift driver", corpora=lake.index.names(), k=3)
    assert list(answer.scores) == [hit.id for hit in found.hits]
    assert [round(hit.score, 6) for hit in found.hits] == list(answer.scores.values())
    assert answer.vector.shape == (64,)
    assert base.model.startswith("fake@")


def test_questions_of_one_base_are_answered_in_order(tmp_path: Path) -> None:
    with open_with(tmp_path / "lake") as lake:
        answers = LakeBase(lake, GIVEN).answers(["nurse", "forklift", "nurse"])
    assert [next(iter(one.scores)) for one in answers][0::2] == ["b", "b"]
    assert answers[0].scores == answers[2].scores


def test_a_lake_without_a_model_answers_by_words_and_says_so(tmp_path: Path) -> None:
    with open_with(tmp_path / "lake", has_model=False) as lake:
        base = LakeBase(lake, GIVEN)
        (answer,) = base.answers(["cold store"])
        assert lift.model(lake) == base.model == lift.WORDS_ONLY
    assert list(answer.scores) == ["c"]


def test_two_collections_live_in_one_lake(tmp_path: Path) -> None:
    other = Collection(name="people", texts={"z": "cold"}, needs={"q": "cold"}, grades={"q": {"z": 1.0}})
    with open_with(tmp_path / "lake") as lake:
        one, two = LakeBase(lake, GIVEN), LakeBase(lake, other)
        assert list(two.answers(["cold"])[0].scores) == ["z"]
        assert "z" not in one.answers(["cold"])[0].scores


def test_a_collection_without_texts_is_refused(tmp_path: Path) -> None:
    empty = Collection(name="none", texts={}, needs={}, grades={})
    with open_with(tmp_path / "lake") as lake, pytest.raises(Invalid, match="no texts"):
        LakeBase(lake, empty)


def test_the_version_is_that_of_the_code_that_searches() -> None:
    assert lift.version() == lift.version() != lift.code()
    assert len(lift.version()) == 64
