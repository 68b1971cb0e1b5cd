"""Refresh: how far it is, whose turn it is, and what it did, worked out from plain figures."""

import fcntl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid, Unavailable
from lakehouse.index.refresh import Progress, turn, unwatched


def progress(done: int, total: int, elapsed_s: float) -> Progress:
    return Progress(phase="words", done=done, total=total, elapsed_s=elapsed_s)


def test_a_rate_is_rows_a_second_and_the_rest_takes_as_long_as_it_says() -> None:
    half = progress(500, 2000, 10.0)
    assert half.rate == 50.0
    assert half.eta_s == 30.0


def test_before_anything_is_done_no_time_is_promised() -> None:
    for early in (progress(0, 2000, 0.0), progress(0, 2000, 5.0), progress(0, 0, 0.0)):
        assert (early.rate, early.eta_s) == (0.0, 0.0)


@settings(max_examples=40)
@given(st.integers(1, 10**6), st.integers(0, 10**6), st.floats(0.001, 1e6))
def test_what_was_spent_and_what_is_left_are_in_the_ratio_of_the_rows(
    done: int, left: int, elapsed: float
) -> None:
    now = progress(done, done + left, elapsed)
    assert now.eta_s * done == pytest.approx(elapsed * left, rel=1e-9)


def test_the_end_is_no_time_away() -> None:
    assert progress(7, 7, 3.0).eta_s == 0.0


class Impatient(Exception):
    """Whoever waits has had enough."""


def test_whoever_waits_for_a_turn_is_told_and_may_give_up(tmp_path: Path) -> None:
    told: list[Progress] = []

    def watch(now: Progress) -> None:
        told.append(now)
        raise Impatient

    path = tmp_path / "index" / "lock"
    with turn(path, unwatched):
        with pytest.raises(Impatient), turn(path, watch):
            raise AssertionError("two at once")
        assert [(now.phase, now.done, now.total) for now in told] == [("waiting", 0, 0)]
        assert told[0].elapsed_s >= 0
    with turn(path, watch):  # free now, so nobody is told anything
        assert len(told) == 1


def test_a_turn_goes_to_the_next_when_the_one_before_fails(tmp_path: Path) -> None:
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), turn(tmp_path / "lock", unwatched):
            _ = 1 / 0
    with (tmp_path / "lock").open("rb") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # raises if anybody held it still


def test_of_many_at_once_each_has_the_turn_alone(tmp_path: Path) -> None:
    done: list[int] = []

    def work(n: int) -> None:
        with turn(tmp_path / "lock", unwatched):
            with (tmp_path / "lock").open("rb") as handle, pytest.raises(BlockingIOError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            done.append(n)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(8)))
    assert sorted(done) == list(range(8))


def test_turns_of_different_indexes_do_not_wait_for_each_other(tmp_path: Path) -> None:
    def complain(_: Progress) -> None:
        raise Impatient

    with turn(tmp_path / "a" / "lock", complain), turn(tmp_path / "b" / "lock", complain):
        assert (tmp_path / "a" / "lock").exists()
        assert (tmp_path / "b" / "lock").exists()


def test_a_folder_that_cannot_be_made_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("a file in the way")
    with pytest.raises((Invalid, Unavailable), match="cannot write the folder of an index") as refused:  # noqa: SIM117
        with turn(tmp_path / "index" / "lock", unwatched):
            raise AssertionError("no turn without a lock")
    assert refused.value.hint
