import time
from collections.abc import Sequence

from lakehouse.matrix.lift.arm import Asked
from lakehouse.matrix.lift.cost import Timed, cost
from lakehouse.matrix.lift.rivals import Cache, Nothing
from tests.matrix.lift.scene import tiny


class Busy(Nothing):
    """Takes two milliseconds for each list of its own."""

    def rank(self, asked: Asked) -> Sequence[str]:
        until = time.perf_counter() + 0.002
        while time.perf_counter() < until:
            pass
        return asked.order


def test_what_an_arm_adds_is_its_own_time_without_the_control_s() -> None:
    found = cost(tiny(), Busy())
    assert 1.9 < found.p50_ms <= found.p95_ms
    assert found.searches == 1500


def test_a_clock_changes_no_list_and_hides_no_lesson() -> None:
    plain, timed = Cache(), Timed(Cache())
    asked = tiny().asked[0]
    for arm in (plain, timed):
        arm.learn("s", asked, asked.order[:10], [])
    assert list(timed.rank(asked)) == list(plain.rank(asked))
    assert (timed.name, len(timed.seconds)) == ("cache", 1)
