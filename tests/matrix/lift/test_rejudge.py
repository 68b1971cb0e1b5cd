from collections.abc import Sequence
from dataclasses import replace

from lakehouse.matrix.lift import rejudge
from lakehouse.matrix.lift.arm import Asked
from lakehouse.matrix.lift.ours import make_ours
from lakehouse.matrix.lift.rivals import Cache, Nothing
from tests.matrix.lift.scene import tiny


class Worst(Nothing):
    """Shows the base's last candidate first."""

    def rank(self, asked: Asked) -> Sequence[str]:
        return asked.order[::-1]


def test_without_memory_nothing_moves() -> None:
    found = rejudge.play(tiny(), Nothing())
    assert found.needs == len(tiny().grades)
    assert 0 < found.found < found.needs
    assert (found.verbatim, found.better, found.worse) == (0, 0, 0)


def test_a_cache_passes_the_test_word_for_word_and_fails_in_other_words() -> None:
    # Why the earlier test proves little: it asks for the recorded answer, in the recorded words.
    found = rejudge.play(tiny(), Cache())
    assert found.verbatim > 0.5 * found.found
    assert found.paraphrase < 0.5 * found.found


def test_ours_brings_recorded_answers_up_and_makes_first_hits_better() -> None:
    found = rejudge.play(tiny(), make_ours())
    assert found.verbatim > 0.5 * found.found
    assert found.better > found.worse


def test_a_need_that_the_base_finds_nothing_for_records_nothing() -> None:
    lost = {**tiny().grades, "n00-0": {"d23-0": 1.0}}
    found = rejudge.play(replace(tiny(), grades=lost), Cache())
    assert found.needs == len(lost)
    assert found.found <= rejudge.play(tiny(), Cache()).found


def test_a_ranker_that_harms_is_seen_to_harm() -> None:
    found = rejudge.play(tiny(), Worst())
    assert found.worse > found.better
