"""The constants of the formula: the specified ones, and what cannot be set."""

import pytest

from lakehouse.base.errors import Invalid
from lakehouse.matrix.playbook.params import DEFAULTS, PARTS, PlaybookParams


def test_the_defaults_are_those_of_the_specification() -> None:
    given = (DEFAULTS.floor, DEFAULTS.prior_weight, DEFAULTS.base_rate, DEFAULTS.bound, DEFAULTS.neighbours)
    assert given == (0.5, 0.5, 0.3, 0.3, 50)
    assert DEFAULTS.changed == 0.5
    assert DEFAULTS.left_out == frozenset()


def test_a_choice_that_lasted_says_more_than_one_that_was_made_and_that_more_than_a_click() -> None:
    worth = [DEFAULTS.worth(kind) for kind in ("placed", "accepted", "clicked", "rejected", "failed")]
    assert worth[:2] == [1.0, 0.8]
    assert worth == sorted(worth, reverse=True)
    assert worth[3:] == [0, 0]


@pytest.mark.parametrize(
    "given",
    [{"floor": 1.1}, {"bound": -0.1}, {"base_rate": 1.0}, {"clicked": 2.0}, {"changed": float("nan")},
     {"prior_weight": 0.0}, {"half_life_days": 0.0}, {"neighbours": 0}],
)  # fmt: skip
def test_a_figure_that_cannot_be_is_refused(given: dict[str, float]) -> None:
    with pytest.raises(Invalid):
        PlaybookParams(**given)  # type: ignore[arg-type] - figures of several types, on purpose


def test_parts_are_left_out_by_name_and_unknown_ones_refused() -> None:
    assert PlaybookParams(without="trust, floor").left_out == {"trust", "floor"}
    assert PlaybookParams(without=",".join(PARTS)).left_out == PARTS
    with pytest.raises(Invalid, match="luck"):
        PlaybookParams(without="luck")
