"""What was served is known when it comes back, for a while, and costs a bounded amount."""

from lakehouse.matrix.bullets.hygiene.served import Served
from lakehouse.matrix.bullets.params import BulletParams
from tests.matrix.bullets.desk import BUS, CALL, CARD

PASSAGE = f"The manual says much. {CALL}. {CARD}! And so on."


def test_a_copied_sentence_is_known_and_so_is_one_with_a_word_changed() -> None:
    served = Served(BulletParams())
    served.remember([PASSAGE], now_ms=0)
    assert served.copied(f"{CALL.upper()}?", now_ms=1) == 1
    assert 0.6 <= served.copied(CALL.replace("morning", "night"), now_ms=1) < 1
    assert served.copied(BUS, now_ms=1) == 0
    assert served.copied("on a building site", now_ms=1) == 0


def test_it_is_forgotten_after_the_window_and_beyond_the_number_of_texts() -> None:
    served = Served(BulletParams(window_ms=10, window_texts=2))
    served.remember([PASSAGE, BUS], now_ms=0)
    assert served.copied(CALL, now_ms=10) == 1
    assert served.copied(CALL, now_ms=11) == 0
    assert len(served) == 0
    served.remember([PASSAGE, BUS, PASSAGE], now_ms=20)
    assert (len(served), served.copied(CALL, now_ms=20)) == (2, 1)
    served.remember([BUS, BUS], now_ms=21)
    assert served.copied(CALL, now_ms=21) == 0
