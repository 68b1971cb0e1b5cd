import pytest

from lakehouse.base.errors import Refused
from lakehouse.matrix.lift.oracle import FeedbackOracle

GRADES = {"wing": {"a": 2.0, "b": 1.0}, "flap": {"c": 1.0}}


def test_what_is_shown_is_judged_and_counted() -> None:
    oracle = FeedbackOracle(GRADES)
    oracle.show(["a", "c"])
    assert [oracle.is_right("wing", key) for key in ("a", "c")] == [True, False]
    assert oracle.is_right("unknown", "a") is False
    assert oracle.answered == 3


def test_nobody_learns_the_label_of_what_was_not_shown() -> None:
    oracle = FeedbackOracle(GRADES)
    oracle.show(["a"])
    with pytest.raises(Refused):
        oracle.is_right("wing", "b")
    assert oracle.answered == 0


def test_what_was_shown_before_is_shown_no_more() -> None:
    oracle = FeedbackOracle(GRADES)
    oracle.show(["a"])
    oracle.show(["b"])
    with pytest.raises(Refused):
        oracle.is_right("wing", "a")
