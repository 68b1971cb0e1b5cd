"""What turns at a log must do, whatever they are made of."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from lakehouse.store.turns import UNKNOWN, Turns


class TurnsSuite:
    """A new kind of turns inherits this and adds one `turns` fixture."""

    def test_nobody_wrote_yet_so_nobody_can_say(self, turns: Turns) -> None:
        assert turns.mark() == UNKNOWN

    def test_a_mark_stays_until_somebody_writes(self, turns: Turns) -> None:
        with turns.hold() as turn:
            turn.begin()
            first = turn.settle()
        assert turns.mark() == first != UNKNOWN
        with turns.hold() as turn:
            assert turn.mark == first
        assert turns.mark() == first
        with turns.hold() as turn:
            turn.begin()
            second = turn.settle()
        assert turns.mark() == second != first

    def test_while_somebody_writes_nobody_can_say(self, turns: Turns) -> None:
        with turns.hold() as turn:
            turn.begin()
            assert turns.mark() == UNKNOWN
            turn.settle()

    def test_a_writer_that_fails_leaves_doubt_and_gives_its_turn_back(self, turns: Turns) -> None:
        with turns.hold() as turn:
            turn.settle()
        with suppress(ValueError), turns.hold() as turn:
            turn.begin()
            raise ValueError
        assert turns.mark() == UNKNOWN
        with turns.hold() as turn:
            assert turn.mark == UNKNOWN

    def test_one_at_a_time(self, turns: Turns) -> None:
        inside, most = 0, 0
        seen = threading.Lock()

        def work(_: int) -> None:
            nonlocal inside, most
            with turns.hold() as turn:
                with seen:
                    inside += 1
                    most = max(most, inside)
                turn.begin()
                turn.settle()
                with seen:
                    inside -= 1

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(work, range(100)))
        assert most == 1
