"""Turns: one writer at a time over all processes, and a mark that never says "nothing new" wrongly."""

import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from lakehouse.base.errors import Invalid, Unavailable
from lakehouse.store.turns import UNKNOWN, FileTurns, MemoryTurns, Turns
from tests.suites.turns import TurnsSuite


class TestMemoryTurns(TurnsSuite):
    @pytest.fixture
    def turns(self) -> Turns:
        return MemoryTurns()


class TestFileTurns(TurnsSuite):
    @pytest.fixture
    def turns(self, tmp_path: Path) -> Turns:
        return FileTurns(tmp_path / "turn")


def test_turns_of_one_file_are_the_same_whoever_opened_it(tmp_path: Path) -> None:
    one, other = FileTurns(tmp_path / "turn"), FileTurns(tmp_path / "turn")
    with one.hold() as turn:
        mark = turn.settle()
    assert other.mark() == mark


def test_where_others_write_elsewhere_there_is_never_a_mark(tmp_path: Path) -> None:
    turns = FileTurns(tmp_path / "turn", is_everyone=False)
    with turns.hold() as turn:
        turn.begin()
        turn.settle()
    assert turns.mark() == UNKNOWN


def test_a_turn_that_never_ends_is_given_up(tmp_path: Path) -> None:
    one, other = FileTurns(tmp_path / "turn"), FileTurns(tmp_path / "turn", wait_s=0.05)
    with one.hold(), pytest.raises(Unavailable), other.hold():
        pass
    with other.hold() as turn:
        assert turn.settle()


def test_a_file_that_is_removed_or_spoilt_leaves_doubt_only(tmp_path: Path) -> None:
    path = tmp_path / "turn"
    turns = FileTurns(path)
    with turns.hold() as turn:
        turn.settle()
        path.unlink()
    assert turns.mark() == UNKNOWN
    path.write_bytes(b"half a mark")
    assert turns.mark() == UNKNOWN
    with turns.hold() as turn:
        assert turn.mark == UNKNOWN


def test_a_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unavailable), FileTurns(tmp_path / "nowhere" / "turn").hold():
        pass
    (tmp_path / "folder").mkdir()
    with pytest.raises(Invalid):
        FileTurns(tmp_path / "folder").mark()


def _hold_and_die(path: Path) -> None:
    with FileTurns(path).hold() as turn:
        turn.begin()
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.crash
def test_a_killed_writer_gives_its_turn_back_and_leaves_doubt(tmp_path: Path) -> None:
    turns = FileTurns(tmp_path / "turn")
    with turns.hold() as turn:
        turn.settle()
    victim = multiprocessing.get_context("spawn").Process(target=_hold_and_die, args=(tmp_path / "turn",))
    victim.start()
    victim.join(60)
    assert victim.exitcode == -signal.SIGKILL
    assert turns.mark() == UNKNOWN
    with turns.hold() as turn:
        turn.begin()
        assert turn.settle() != UNKNOWN
