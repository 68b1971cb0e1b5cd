from lakehouse.matrix.lift.ground.base import Answer
from lakehouse.matrix.lift.ground.world import METRICS, Question, asked, digest, without
from tests.matrix.lift.scene import tiny


def test_a_question_without_some_documents_keeps_the_order_of_the_others() -> None:
    given = tiny().asked[0]
    gone = frozenset(given.order[:3])
    left = without(given, gone, are_gone=True)
    assert left.order == given.order[3:]
    assert left.base == {key: given.base[key] for key in left.order}
    assert left.gone == gone


def test_documents_that_have_not_come_yet_are_no_secret_that_arms_are_told() -> None:
    given = tiny().asked[0]
    assert without(given, frozenset(given.order[:3]), are_gone=False).gone == frozenset()


def test_an_arm_gets_nothing_but_the_question_and_the_candidates() -> None:
    given = tiny().asked[0]
    assert set(given.base) == set(given.order)
    assert asked(given.text, Answer(vector=given.vector, scores={"b": 0.9, "a": 0.2})).order == ("b", "a")


def test_every_wording_counts_in_the_hash() -> None:
    one = (Question(need="a", wording=0, text="x"), Question(need="a", wording=1, text="y"))
    assert digest(one) != digest(one[:1])
    assert digest(one) == digest(tuple(one))


def test_the_metric_of_a_world_is_there() -> None:
    assert METRICS[tiny().metric](["a"], {"a": 1.0}) == 1.0
