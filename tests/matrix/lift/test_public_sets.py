"""The gate's ground on real collections, where they lie beside the repository."""

from functools import lru_cache
from pathlib import Path

import pytest

from lakehouse.matrix.lift.arm import Arm
from lakehouse.matrix.lift.ground import keep, world
from lakehouse.matrix.lift.ground.data import read
from lakehouse.matrix.lift.ground.exact import ExactBase
from lakehouse.matrix.lift.ground.split import split, traffic
from lakehouse.matrix.lift.ground.world import World
from lakehouse.matrix.lift.ours import make_ours
from lakehouse.matrix.lift.proof.stats import hurt
from lakehouse.matrix.lift.rivals import Nothing, Similarities
from lakehouse.matrix.lift.stream import Played, Setting, play
from lakehouse.matrix.lift.users import users
from lakehouse.search.measure import ndcg

SETS = Path(__file__).parents[4] / "shared" / "data" / "ir"
SIZES = {
    "cran": (1400, 225, 0),
    "time": (423, 82, 0),
    "cisi": (1460, 76, 0),
    "npl": (11429, 93, 0),
    "onet_titles": (1016, 1000, 5000),
}

pytestmark = pytest.mark.skipif(
    not SETS.is_dir(), reason="the judged collections are not beside the repository"
)


@lru_cache(maxsize=1)
def news() -> World:
    """TIME, answered by the twin in memory."""
    wanted = keep.plan(read(SETS / "time"))
    answers = ExactBase(wanted.collection.texts).answers(wanted.texts)
    return World(
        name="time",
        model="exact",
        metric="ndcg@10",
        questions=wanted.questions,
        asked=tuple(world.asked(t, a) for t, a in zip(wanted.texts, answers, strict=True)),
        grades=wanted.collection.grades,
        documents=tuple(wanted.collection.texts),
        past=(),
        digests={},
    )


def played(arm: Arm, user: str) -> Played:
    parted = split(news(), seed=1)
    arrivals = traffic(news(), parted, seed=1, count=600)
    kind = users(news(), parted, seed=1)[user]
    return play(news(), parted, arrivals, kind, arm, seed=1, setting=Setting(checkpoints=()))


def lift(ours: Played, base: Played, of: str) -> float:
    return float((ours.final[of].ndcg - base.final[of].ndcg).mean())


@pytest.mark.parametrize("name", SIZES)
def test_a_collection_is_read_whole(name: str) -> None:
    found = read(SETS / name)
    documents, needs, past = SIZES[name]
    assert abs(len(found.texts) - documents) <= 2  # one or two of CISI and Cranfield are empty
    assert (len(found.needs), len(found.past)) == (needs, past)


def test_other_wordings_are_harder_than_the_given_one() -> None:
    by_wording = {
        n: [
            ndcg(a.order, news().grades[q.need])
            for q, a in zip(news().questions, news().asked, strict=True)
            if q.wording == n
        ]
        for n in range(6)
    }
    means = [sum(values) / len(values) for values in by_wording.values()]
    assert all(0.4 * means[0] < mean < 0.95 * means[0] for mean in means[1:])


def test_ours_lifts_unseen_wordings_of_real_needs_and_leaves_new_ones_alone() -> None:
    base, ours = played(Nothing(), "perfect"), played(make_ours(), "perfect")
    assert lift(ours, base, "paraphrase") > 0.05
    assert lift(ours, base, "new") > -0.02
    assert ours.counters["unseen"] == 0


def test_clicks_at_random_lift_nothing_real() -> None:
    base = played(Nothing(), "random")
    assert abs(lift(played(make_ours(), "random"), base, "paraphrase")) < 0.02


def test_an_average_hides_the_new_needs_that_a_sum_of_similarities_hurts() -> None:
    base, rival = played(Nothing(), "perfect"), played(Similarities(), "perfect")
    assert lift(rival, base, "paraphrase") > 0.02
    assert hurt(rival.final["new"].ndcg - base.final["new"].ndcg) > 0.1
