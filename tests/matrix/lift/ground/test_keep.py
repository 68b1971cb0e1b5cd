from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lakehouse.base.errors import LakehouseError
from lakehouse.matrix.lift.ground import keep
from lakehouse.matrix.lift.ground.base import Answer, Base
from lakehouse.matrix.lift.ground.data import Collection
from lakehouse.matrix.lift.ground.exact import ExactBase
from tests.matrix.lift.scene import collection

MADE = {"version": "1", "model": "m"}


class Counting:
    """A base that counts what it is asked."""

    model, version = "m", "1"

    def __init__(self, given: Collection) -> None:
        self._inner = ExactBase(given.texts)
        self.asked = 0

    def answers(self, texts: Sequence[str]) -> Sequence[Answer]:
        self.asked += len(texts)
        return self._inner.answers(texts)


def none(given: Collection) -> Base:
    raise AssertionError(given.name)


def test_a_world_is_answered_once_and_read_ever_after(tmp_path: Path) -> None:
    wanted = keep.plan(collection())
    first, path = keep.world(wanted, tmp_path / "new", base=Counting, **MADE)
    again, same = keep.world(wanted, tmp_path / "new", base=none, **MADE)
    assert (path, path.is_file()) == (same, True)
    assert [a.base for a in first.asked] == [a.base for a in again.asked]
    assert [a.order for a in first.asked] == [a.order for a in again.asked]
    assert all(np.array_equal(a.vector, b.vector) for a, b in zip(first.asked, again.asked, strict=True))


def test_what_is_read_is_what_the_base_said(tmp_path: Path) -> None:
    wanted = keep.plan(collection())
    made, _ = keep.world(wanted, tmp_path, base=Counting, **MADE)
    (said,) = ExactBase(collection().texts).answers([made.questions[7].text])
    assert (made.asked[7].text, made.asked[7].order) == (made.questions[7].text, tuple(said.scores))
    assert made.asked[7].base == said.scores
    assert (made.grades, made.documents) == (collection().grades, tuple(collection().texts))


def test_data_wordings_search_and_model_each_have_a_file_of_their_own(tmp_path: Path) -> None:
    wanted = keep.plan(collection())
    other = replace(collection(), grades={"n00-0": {"d00-0": 1.0}})
    keys = [
        wanted.key(version="1", model="m"),
        wanted.key(version="2", model="m"),
        wanted.key(version="1", model="n"),
        keep.plan(collection(), seed=8).key(version="1", model="m"),
        keep.Plan(collection=other, questions=wanted.questions).key(version="1", model="m"),
    ]
    assert len(set(keys)) == len(keys)


def test_a_collection_with_past_searches_is_asked_as_it_is(tmp_path: Path) -> None:
    wanted = keep.plan(collection(10))
    made, _ = keep.world(wanted, tmp_path, base=Counting, **MADE)
    assert {q.wording for q in made.questions} == {0}
    assert [past.asked.text for past in made.past] == [one.text for one in collection(10).past]
    assert made.past[3].right == collection(10).past[3].right


def test_a_disk_that_refuses_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LakehouseError):
        keep.world(keep.plan(collection()), tmp_path / "file", base=Counting, **MADE)


def test_no_half_file_is_left(tmp_path: Path) -> None:
    keep.world(keep.plan(collection()), tmp_path, base=Counting, **MADE)
    assert len(list(tmp_path.iterdir())) == 1
