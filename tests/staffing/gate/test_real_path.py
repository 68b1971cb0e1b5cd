"""What the gate plays in memory is what the lake does: the same lists, search by search."""

from lakehouse.matrix.lift.ground.split import split, traffic
from lakehouse.matrix.lift.oracle import FeedbackOracle
from lakehouse.matrix.lift.ours import DAY_MS, make_ours
from lakehouse.matrix.lift.stream import SHOWN, heard, lawful
from lakehouse.matrix.lift.users import Takes
from lakehouse.staffing.gate.world import CORPUS
from tests.staffing.gate.conftest import Scene

SEARCHES = 60
STEP_MS = DAY_MS // 50


def test_the_lake_shows_what_the_gate_says_it_shows_and_learns_the_same(scene: Scene) -> None:
    world, oracle, ours = scene.world, FeedbackOracle(scene.world.grades), make_ours()
    moved = 0
    for arrival in traffic(world, split(world, seed=1), seed=1, count=SEARCHES):
        asked = world.asked[arrival.question]
        ranked = lawful(ours.rank(asked), asked)
        found = scene.lake.matrix.search(asked.text, corpora=[CORPUS], k=SHOWN, strict=False)
        shown = tuple(one.hit.id for one in found.hits)
        assert shown == tuple(ranked[:SHOWN])
        assert found.learning.moved == ours.counters.moved
        moved += found.learning.moved
        said = heard(world, arrival, shown, Takes(noisy=0.2), oracle, seed=1)
        ours.learn(f"lift-{arrival.number:06d}", asked, shown, said)
        scene.lake.playbook.feedback_many(
            [
                {
                    "search_id": found.search_id, "doc_id": one.key, "outcome": one.kind,
                    "source": one.source, "value": one.value, "audit": one.is_audit,
                }
                for one in said
            ]
        )  # fmt: skip
        scene.clock.advance(STEP_MS)
    assert moved > 0
    stats = scene.lake.playbook.stats()
    assert stats.searches == len(ours.memory)
    assert (stats.far, stats.near, stats.repeat) == ours.memory.lessons.ledger.weights
