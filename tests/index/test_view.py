"""One moment of an index: what was built, what came since, what a condition leaves."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.index import view as views
from lakehouse.index.allowed import Mask, Slots
from lakehouse.index.ann import Config, Vectors
from lakehouse.index.definition import Definition
from lakehouse.index.generation import Facts, Generation
from lakehouse.index.near.guarded import Guarded
from lakehouse.index.near.recall import Recall
from lakehouse.index.near.route import Costs
from lakehouse.index.vectors import PASSAGES
from lakehouse.index.view import Near, View
from lakehouse.query.engine import Version
from tests.index.test_guarded import InMemory
from tests.suites.vector_index import clustered, unit

RESUMES = Definition(name="resumes", table="people", id="id", text=("resume",))
D = 8


def passages(keys: Sequence[str]) -> pa.Table:
    """One row for each key; equal keys are passages of one row, ten characters each."""
    chunk = [list(keys[:at]).count(key) for at, key in enumerate(keys)]
    columns = [keys, chunk, [10 * c for c in chunk], [10 * c + 9 for c in chunk], [f"of {k}" for k in keys]]
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, PASSAGES, strict=True)], schema=PASSAGES)


def generation(keys: Sequence[str], vectors: Vectors) -> Generation:
    """A generation whose graph reaches every vector."""
    sure = Recall(mean=1, worst=1, low=1, high=1, k=10, queries=1)
    facts = Facts(
        generation=1, index="resumes", model="m", dimension=D, count=len(keys), config=Config(),
        table_uuid="u", snapshot_id=1, recall=sure, costs=Costs(), build_s=0, built_at="", bytes=0,
    )  # fmt: skip
    return Generation(facts, Guarded(InMemory(vectors, len(vectors)), Config(), None), passages(keys))


@dataclass(slots=True)
class People:
    """A table of which any condition is the keys that it names: `a b` leaves the rows a and b."""

    all: tuple[str, ...]
    quick: bool = True
    asked: list[str] = field(default_factory=list)

    def allowed(self, where: str, *, at: Version = None) -> pa.Array:
        self.asked.append(f"keys at {at}")
        return pa.array([key for key in self.all if key in where.split()], pa.string())

    def slots(self, where: str, *, at: Version = None) -> Slots | None:
        self.asked.append(f"slots at {at}")
        places = [place for place, key in enumerate(self.all) if key in where.split()]
        return np.array(places, np.int32) if self.quick else None

    def keys(self, *, at: Version = None) -> pa.Array:
        self.asked.append(f"order at {at}")
        return pa.array(self.all, pa.string())


def looked(
    built: Sequence[str] = (),
    fresh: Sequence[str] = (),
    *,
    alive: Mask | None = None,
    waiting: Collection[str] = (),
    at: int | None = 1,
) -> View:
    """A view over passages of these rows; vectors of the built ones come first in `VECTORS`."""
    return View(
        RESUMES,
        table_snapshot=at,
        rows=len({*built, *fresh, *waiting}),
        waiting=waiting,
        words=None,
        generation=generation(built, VECTORS[: len(built)]) if built else None,
        alive=alive,
        fresh=passages(fresh),
        fresh_vectors=VECTORS[len(built) :][: len(fresh)],
    )


VECTORS = clustered(120, D, centres=5)
QUERY = unit(np.arange(1, D + 1, dtype=np.float32)[None])[0]


def ranked(keys: Sequence[str], dead: Collection[int] = ()) -> list[str]:
    """The rows by their nearest passage, worked out the long way."""
    scores: dict[str, float] = {}
    for at, key in enumerate(keys):
        if at not in dead:
            scores[key] = max(scores.get(key, -2), float(VECTORS[at] @ QUERY))
    return sorted(scores, key=lambda key: -scores[key])


def names(near: tuple[Near, ...]) -> list[str]:
    return [one.key for one in near]


def test_a_view_of_nothing_finds_nothing_and_has_no_dimension() -> None:
    view = looked()
    assert (view.dimension, view.vectors, view.fresh, view.dead) == (0, 0, 0, 0)
    assert view.nearest(QUERY, 5) == ()
    assert view.nearest(np.zeros(3, np.float32), 5) == ()  # nothing that it could fail to fit


@pytest.mark.parametrize("split", [0, 1, 20, 39, 40])
@pytest.mark.parametrize("exact", [True, False])
def test_built_and_fresh_rows_are_one_ranking(split: int, exact: bool) -> None:
    keys = [f"k{n}" for n in range(40)]
    view = looked(keys[:split], keys[split:])
    near = view.nearest(QUERY, 7, exact=exact)
    assert names(near) == ranked(keys)[:7]
    assert [one.is_fresh for one in near] == [keys.index(one.key) >= split for one in near]
    for one in near:
        assert one.score == pytest.approx(float(VECTORS[keys.index(one.key)] @ QUERY), abs=1e-6)
        assert one.position == keys.index(one.key) - (split if one.is_fresh else 0)


def test_counts_say_what_was_built_what_died_and_what_came() -> None:
    view = looked("abcd", "ef", alive=np.array([True, False, True, False]), waiting=["w"])
    assert (view.vectors, view.dead, view.fresh, view.dimension, view.rows) == (4, 2, 2, D, 7)


def test_passages_that_are_no_longer_true_are_not_found() -> None:
    keys = [f"k{n}" for n in range(30)]
    alive = np.arange(30) % 3 != 0
    near = looked(keys, alive=alive).nearest(QUERY, 30)
    assert names(near) == ranked(keys, dead=range(0, 30, 3))


def test_where_all_of_a_generation_died_only_what_is_fresh_is_found() -> None:
    view = looked("abc", "xy", alive=np.zeros(3, bool))
    assert set(names(view.nearest(QUERY, 5))) == {"x", "y"}
    assert looked("abc", alive=np.zeros(3, bool)).nearest(QUERY, 5) == ()


def test_a_row_stands_once_by_its_best_passage() -> None:
    keys = ["long"] * 60 + [f"k{n}" for n in range(20)]
    view = looked(keys)
    near = view.nearest(QUERY, 10)
    assert names(near) == ranked(keys)[:10]
    assert len(set(names(near))) == 10


def test_a_row_whose_passages_are_all_the_nearest_crowds_nobody_out() -> None:
    keys = [f"k{n}" for n in range(80)]
    for at in np.argsort(-(VECTORS[:80] @ QUERY))[:60].tolist():
        keys[at] = "long"
    for split in (0, 40, 80):
        near = looked(keys[:split], keys[split:]).nearest(QUERY, 10)
        assert names(near) == ranked(keys)[:10]
        assert near[0].key == "long"


def test_a_row_of_which_passages_are_built_and_fresh_stands_once() -> None:
    view = looked(["a", "b", "a"], ["a", "c"])
    assert sorted(names(view.nearest(QUERY, 10))) == ["a", "b", "c"]


def test_rows_that_score_alike_are_ordered_by_key() -> None:
    same = np.tile(np.eye(1, D, dtype=np.float32), (6, 1))  # one member, so no sum that could round
    view = View(
        RESUMES, table_snapshot=1, rows=6, waiting=(), words=None, generation=None, alive=None,
        fresh=passages("fbdace"), fresh_vectors=same,
    )  # fmt: skip
    assert names(view.nearest(QUERY, 6)) == list("abcdef")


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=40),
    st.integers(0, 40),
    st.integers(1, 9),
    st.data(),
)
def test_any_rows_of_any_passages_are_found_as_looking_at_all_finds_them(
    keys: list[str], split: int, k: int, data: st.DataObject
) -> None:
    out = data.draw(st.sets(st.sampled_from("abcdefgh"), max_size=3))
    view = looked(keys[:split], keys[split:])
    assert names(view.nearest(QUERY, k, excluded=out)) == [key for key in ranked(keys) if key not in out][:k]


def test_what_is_excluded_leaves_its_place_to_the_next() -> None:
    keys = [f"k{n}" for n in range(30)]
    view = looked(keys[:20], keys[20:])
    best = ranked(keys)
    assert names(view.nearest(QUERY, 5, excluded=best[:4])) == best[4:9]
    assert view.nearest(QUERY, 5, excluded=keys) == ()


@pytest.mark.parametrize(
    "given", [unit(np.ones((1, D - 1)))[0], unit(np.ones((1, D + 1)))[0], unit(np.ones((1, D)))]
)
def test_a_question_of_another_dimension_is_refused_with_both(given: Vectors) -> None:
    with pytest.raises(Invalid, match=rf"the vector has {given.shape[-1]} members, the index {D}") as refused:
        looked("ab").nearest(given, 1)
    assert "model" in refused.value.hint


@pytest.mark.parametrize("quick", [True, False])
def test_only_rows_that_a_condition_leaves_are_found_the_first_time_and_later(quick: bool) -> None:
    keys = [f"k{n}" for n in range(30)]
    view, people = looked(keys[:20], keys[20:]), People(tuple(keys), quick)
    for wanted in ({"k1", "k25", "k7"}, {"k0"}, {"k29", "k3"}, set[str]()):
        allowed = view.allowed(" ".join(sorted(wanted)), lambda: people)
        assert names(view.nearest(QUERY, 10, allowed=allowed)) == [
            key for key in ranked(keys) if key in wanted
        ]
        assert allowed.keys == wanted


def test_the_first_condition_is_asked_by_keys_and_later_ones_by_places() -> None:
    view, people = looked("abc", at=77), People(("a", "b", "c"))
    for condition in ("a", "b", "a b", "c"):
        view.allowed(condition, lambda: people)
    assert people.asked == ["keys at 77", "slots at 77", "order at 77", "slots at 77", "slots at 77"]


def test_a_table_that_was_never_written_to_is_asked_by_keys_alone() -> None:
    view, people = looked("abc", at=None), People(("a", "b", "c"))
    for condition in ("a", "b", "c"):
        view.allowed(condition, lambda: people)
    assert people.asked == ["keys at None"] * 3


def test_a_condition_is_evaluated_once_while_a_view_lasts() -> None:
    view, people = looked("abc"), People(("a", "b", "c"))
    first = view.allowed("a b", lambda: people)
    assert all(view.allowed("a b", lambda: people) is first for _ in range(5))
    assert people.asked == ["keys at 1"]


def test_of_many_conditions_those_asked_last_are_remembered() -> None:
    view, people = looked("abc"), People(("a", "b", "c"), quick=False)
    kept = view.allowed("a", lambda: people)
    for n in range(views.FILTERS + 10):
        view.allowed(f"b {n}", lambda: people)
        assert view.allowed("a", lambda: people) is kept
    before = len(people.asked)
    view.allowed("b 5", lambda: people)  # went long ago
    assert len(people.asked) > before


def test_a_condition_that_fails_is_not_remembered_as_one_that_held() -> None:
    view, people = looked("abc"), People(("a", "b", "c"))

    def refusing() -> People:
        raise Invalid("no such column")

    for _ in range(2):
        with pytest.raises(Invalid, match="no such column"):
            view.allowed("a", refusing)
    assert view.allowed("a", lambda: people).keys == {"a"}


def test_named_rows_are_those_of_a_condition_too_when_both_are_given() -> None:
    keys = [f"k{n}" for n in range(20)]
    view, people = looked(keys[:10], keys[10:]), People(tuple(keys))
    named = view.among(["k1", "k12", "gone"])
    assert set(names(view.nearest(QUERY, 9, allowed=named))) == {"k1", "k12"}
    both = view.among(["k1", "k12"], within=view.allowed("k12 k13", lambda: people))
    assert names(view.nearest(QUERY, 9, allowed=both)) == ["k12"]
    assert both.keys == {"k12"}
    assert view.nearest(QUERY, 9, allowed=view.among([])) == ()


def test_a_condition_never_brings_back_what_died() -> None:
    view = looked("ab", "c", alive=np.array([False, True]))
    assert set(names(view.nearest(QUERY, 9, allowed=view.among(["a", "b", "c"])))) == {"b", "c"}


def test_a_hit_says_where_its_passage_stands_in_the_text() -> None:
    view = looked(["a", "b", "a"], ["c", "c"])
    spans = {(one.key, one.position): view.span(one) for one in view.nearest(QUERY, 5)}
    for (key, position), span in spans.items():
        chunk = {"a": {0: 0, 2: 1}, "b": {1: 0}, "c": {0: 0, 1: 1}}[key][position]
        assert (span.chunk, span.start, span.end) == (chunk, 10 * chunk, 10 * chunk + 9)
        assert span.digest == f"of {key}"
    assert len(spans) == 3
