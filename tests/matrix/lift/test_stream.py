"""The traps: what makes a naive gate look good, each with the check that catches it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from lakehouse.base.errors import Corrupt
from lakehouse.matrix.lift.arm import Asked
from lakehouse.matrix.lift.ground.split import split, traffic
from lakehouse.matrix.lift.ours import make_ours
from lakehouse.matrix.lift.plan import arm
from lakehouse.matrix.lift.rivals import Cache, Nothing, Popularity, Similarities
from lakehouse.matrix.lift.run import ours as make
from lakehouse.matrix.lift.stream import CHECKPOINTS, Setting, play, questions
from lakehouse.matrix.lift.users import Clicks, Perfect
from lakehouse.matrix.playbook.events import Outcome
from tests.matrix.lift.scene import Scrambled, lift, run, tiny

SCENE = tiny()


class Leaking(Nothing):
    """Reads the labels of documents that nobody was shown."""

    name = "leaking"

    def rank(self, asked: Asked) -> Sequence[str]:
        need = next(q.need for q in SCENE.questions if q.text == asked.text)
        strange = [key for key in SCENE.documents if key not in asked.base]
        return [*SCENE.grades[need], strange[0], *asked.order]


class Peeking(Nothing):
    """Learns from being asked."""

    name = "peeking"

    def __init__(self) -> None:
        self._asked = 0

    def rank(self, asked: Asked) -> Sequence[str]:
        self._asked += 1
        return asked.order[self._asked % 2 :]


class Hoarding(Nothing):
    """Keeps what it is asked, though its lists do not show it yet."""

    name = "hoarding"

    def __init__(self) -> None:
        self._kept: list[Asked] = []

    def __len__(self) -> int:
        return len(self._kept)

    def rank(self, asked: Asked) -> Sequence[str]:
        self._kept.append(asked)
        return asked.order


class Stammering(Nothing):
    """Names its first hit ten times."""

    name = "stammering"

    def rank(self, asked: Asked) -> Sequence[str]:
        return [asked.order[0]] * 10 + list(asked.order)


class Noting(Nothing):
    """Notes what it is told, and when."""

    name = "noting"

    def __init__(self) -> None:
        self.told: list[tuple[str, tuple[str, ...], tuple[Outcome, ...]]] = []
        self.asked: list[Asked] = []

    def rank(self, asked: Asked) -> Sequence[str]:
        self.asked.append(asked)
        return asked.order

    def learn(self, search_id: str, asked: Asked, shown: Sequence[str], outcomes: Sequence[Outcome]) -> None:
        del asked
        self.told.append((search_id, tuple(shown), tuple(outcomes)))


def test_an_arm_that_reads_labels_of_what_was_not_shown_is_caught() -> None:
    assert run(Leaking(), count=20).counters["unseen"] > 0


@pytest.mark.parametrize("name", ["cache", "popularity", "distance", "similarities", "ours"])
def test_no_honest_arm_ranks_what_it_cannot_know(name: str) -> None:
    # Documents that are right and were never shown have no evidence, so nothing can bring them in.
    assert run(arm(name, SCENE, make)).counters["unseen"] == 0


@pytest.mark.parametrize("arm", [Peeking, Hoarding])
def test_an_arm_that_learns_from_being_measured_is_refused(arm: type[Nothing]) -> None:
    with pytest.raises(Corrupt, match="measured"):
        run(arm(), count=5)


def test_measuring_leaves_the_log_of_ours_as_long_as_it_was() -> None:
    ours = make_ours()
    run(ours, count=60)
    before = len(ours.memory)
    for asked in SCENE.asked:
        ours.rank(asked)
    assert len(ours.memory) == before > 0


def test_a_hit_that_is_named_twice_counts_once() -> None:
    assert lift(run(Stammering(), count=5), run(Nothing(), count=5)) == 0


def test_ours_lifts_unseen_wordings_and_leaves_new_needs_alone() -> None:
    base = run(Nothing())
    ours = run(make_ours())
    assert lift(ours, base) > 0.1
    assert abs(lift(ours, base, "new")) < 0.02


def test_a_cache_lifts_the_learned_wording_only_so_classes_are_reported_apart() -> None:
    # A cache knows the traffic's wordings; the verbatim class holds one of them, the paraphrases none.
    base, cache = run(Nothing()), run(Cache())
    assert lift(cache, base, "verbatim") > 0.1
    assert lift(cache, base, "paraphrase") == lift(cache, base, "new") == 0


@pytest.mark.parametrize("user", ["random", "shuffled"])
def test_feedback_without_meaning_lifts_nothing(user: str) -> None:
    base, ours = run(Nothing(), user), run(make_ours(), user)
    assert abs(lift(ours, base)) < 0.02
    assert abs(lift(ours, base, "new")) < 0.01


def test_under_other_names_of_documents_the_lift_vanishes() -> None:
    base, scrambled = run(Nothing()), run(Scrambled(make_ours()))
    assert lift(scrambled, base) < 0.01
    assert lift(scrambled, base, "verbatim") < 0.01


def test_when_all_sources_collude_nothing_is_believed_and_nothing_moves() -> None:
    base, ours = run(Nothing(), "inverted-all"), run(make_ours(), "inverted-all")
    assert abs(lift(ours, base)) < 0.005
    assert lift(run(Similarities(), "inverted-all"), base) < -0.03


def test_popularity_hurts_somebody_whatever_its_mean() -> None:
    base, popular = run(Nothing(), "random"), run(Popularity(), "random")
    assert (popular.final["paraphrase"].ndcg - base.final["paraphrase"].ndcg).min() < -0.05


def test_retired_documents_are_never_shown_again() -> None:
    retired = frozenset(SCENE.documents[::3])
    for name in ("cache", "ours", "similarities"):
        played = run(arm(name, SCENE, make), setting=Setting(retired=retired, checkpoints=()))
        assert played.counters["dead"] == 0


def test_retired_documents_are_out_of_the_base_and_out_of_what_counts_as_right() -> None:
    retired = frozenset(SCENE.documents[::3])
    noting = Noting()
    run(noting, count=40, setting=Setting(retired=retired, checkpoints=()))
    assert any(one.base.keys() & retired for one in noting.asked[:20])
    assert not any(one.base.keys() & retired or one.gone != retired for one in noting.asked[20:])


def test_what_was_learned_says_nothing_of_documents_that_came_later() -> None:
    hidden = frozenset(SCENE.documents[::2])
    setting = Setting(hidden=hidden, checkpoints=())
    base, ours = run(Nothing(), setting=setting), run(make_ours(), setting=setting)
    assert all(abs(lift(ours, base, of)) < 1e-9 for of in ("verbatim", "paraphrase", "new"))
    assert not base.exposure.keys() & hidden
    assert len(base.final["new"].questions) <= len(run(Nothing(), count=5).final["new"].questions)


def test_every_arm_meets_the_same_stream() -> None:
    one, two = Noting(), Noting()
    assert run(one, "clicks", count=50).live.tolist() == run(two, "clicks", count=50).live.tolist()
    assert one.told == two.told


def test_outcomes_speak_of_what_was_shown_in_the_order_of_the_ranks() -> None:
    noting = Noting()
    played = run(noting, count=100)
    for search_id, shown, outcomes in noting.told:
        said = [one.key for one in outcomes if not one.is_audit]
        assert said == list(shown)
        assert {one.search_id for one in outcomes} == {search_id}
    assert played.labels == sum(len(outcomes) for _, _, outcomes in noting.told)


def test_audits_cover_the_whole_list_and_tell_the_truth() -> None:
    noting = Noting()
    run(noting, "inverted-60", count=300)
    audited = [
        (shown, [o for o in outcomes if o.is_audit])
        for _, shown, outcomes in noting.told
        if any(o.is_audit for o in outcomes)
    ]
    assert 5 < len(audited) < 30
    for shown, found in audited:
        assert [one.key for one in found] == list(shown)
        assert {one.value for one in found} <= {0.0, 1.0}
        assert {one.source for one in found} == {"auditor"}


def test_delayed_outcomes_are_heard_later_and_the_last_ones_never() -> None:
    noting = Noting()
    parted = split(SCENE, seed=1)
    arrivals = traffic(SCENE, parted, seed=1, count=60)
    play(SCENE, parted, arrivals, Clicks(delay=20), noting, seed=1, setting=Setting(checkpoints=()))
    assert [search_id for search_id, _, _ in noting.told] == [f"lift-{n:06d}" for n in range(40)]


def test_a_list_is_scored_before_anything_is_said_of_it() -> None:
    parted = split(SCENE, seed=1)
    (first, *_) = traffic(SCENE, parted, seed=1, count=10)
    twice = (first, replace(first, number=1), replace(first, number=2))
    base = play(SCENE, parted, twice, Perfect(), Nothing(), seed=1, setting=Setting(checkpoints=()))
    ours = play(SCENE, parted, twice, Perfect(), Cache(), seed=1, setting=Setting(checkpoints=()))
    assert ours.live[0] == base.live[0]
    assert ours.live[1] >= base.live[1]


def test_the_curve_starts_at_nothing_and_has_every_checkpoint() -> None:
    setting = Setting(checkpoints=(0, 100, 300))
    base, ours = run(Nothing(), setting=setting), run(make_ours(), setting=setting)
    assert list(ours.at) == [0, 100, 300, 400]
    lifts = [float((ours.at[n]["paraphrase"].ndcg - base.at[n]["paraphrase"].ndcg).mean()) for n in ours.at]
    assert lifts[0] == 0 < lifts[1] < lifts[-1]
    assert CHECKPOINTS[0] == 0


def test_the_same_seed_plays_the_same_run() -> None:
    one, two = run(make_ours(), "clicks"), run(make_ours(), "clicks")
    assert one.live.tolist() == two.live.tolist()
    assert one.counters == two.counters
    assert all(np.array_equal(one.final[of].ndcg, two.final[of].ndcg) for of in one.final)


def test_counters_tell_a_boost_that_moves_from_one_that_hits_nothing() -> None:
    counters = run(make_ours()).counters
    assert counters["computed"] >= counters["hit"] > 0
    assert counters["moved"] > 0
    assert run(Nothing(), count=5).counters["moved"] == 0


def test_classes_hold_their_own_questions() -> None:
    parted = split(SCENE, seed=1)
    found = questions(SCENE, parted, Setting())
    of = {name: [SCENE.questions[n] for n in places] for name, places in found.items()}
    assert {q.need for q in of["new"]} == set(parted.new)
    assert {q.wording for q in of["paraphrase"]} == {4, 5}
    assert {q.need for q in of["verbatim"]} == {q.need for q in of["paraphrase"]} == set(parted.learned)
