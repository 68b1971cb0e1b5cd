"""A folder whose content changes as a whole: one state or the next, whoever writes, reads or dies."""

import fcntl
import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import orjson
import pytest

from lakehouse.base.errors import Corrupt, Invalid, Unavailable
from lakehouse.index.words.states import LOCK, PARTIAL, SEAL, File, State, States, disk_errors

FORMAT = 7


def opened(folder: Path, *, format: int = FORMAT, wait_s: float = 5.0) -> States:  # noqa: A002
    return States(folder, format=format, lock_wait_s=wait_s)


def advance(states: States, **files: str | None) -> State:
    """The next state: these files written, replaced or (None) taken out."""
    with states.locked():
        state = states.read()
        with states.draft(state) as folder:
            for name, content in files.items():
                (folder / name).unlink(missing_ok=True)
                if content is not None:
                    (folder / name).write_text(content)
            return states.seal(state, [path.name for path in folder.iterdir()])


def content(states: States) -> dict[str, str]:
    """Of every file of the current state."""
    state = states.read()
    return {file.name: (states.place(state) / file.name).read_text() for file in state.files}


def test_a_new_folder_is_made_with_those_above_it_and_holds_nothing(tmp_path: Path) -> None:
    states = opened(tmp_path / "a" / "b" / "words")
    assert states.read() == State(format=FORMAT)
    assert sorted(path.name for path in states.folder.iterdir()) == [LOCK, SEAL]


def test_opening_again_writes_nothing(tmp_path: Path) -> None:
    mark = opened(tmp_path).mark()
    assert opened(tmp_path).mark() == mark


def test_a_sealed_draft_is_the_next_state(tmp_path: Path) -> None:
    states = opened(tmp_path)
    sealed = advance(states, b="two", a="one")
    assert sealed == states.read() == opened(tmp_path).read()
    assert (sealed.number, [file.name for file in sealed.files]) == (1, ["a", "b"])
    assert content(states) == {"a": "one", "b": "two"}
    states.check(sealed)


def test_files_stay_are_replaced_and_go_from_state_to_state(tmp_path: Path) -> None:
    states = opened(tmp_path)
    advance(states, a="one", b="two", c="three")
    advance(states, b="other", c=None, d="four")
    assert content(states) == {"a": "one", "b": "other", "d": "four"}
    advance(states, a=None, b=None, d=None)
    assert (content(states), states.read().number) == ({}, 3)


def test_a_file_that_stays_is_shared_and_not_copied(tmp_path: Path) -> None:
    states = opened(tmp_path)
    first = advance(states, a="one", b="two")
    inode = (states.place(first) / "a").stat().st_ino
    second = advance(states, b="other")
    assert (states.place(second) / "a").stat().st_ino == inode
    assert second.files[0] == first.files[0]
    assert second.files[1] != first.files[1]


def test_a_file_that_is_not_named_when_sealing_is_swept_away(tmp_path: Path) -> None:
    states = opened(tmp_path)
    with states.locked(), states.draft(states.read()) as folder:
        (folder / "kept").write_text("1")
        (folder / "left").write_text("2")
        sealed = states.seal(states.read(), ["kept"])
    assert [path.name for path in states.place(sealed).iterdir()] == ["kept"]


def test_of_old_states_nothing_is_left_on_the_disk(tmp_path: Path) -> None:
    states = opened(tmp_path)
    for n in range(4):
        advance(states, a=str(n))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["4", LOCK, SEAL]


def test_every_sealed_state_has_another_mark_and_reading_changes_none(tmp_path: Path) -> None:
    states = opened(tmp_path)
    marks = [states.mark()]
    for n in range(5):
        advance(states, a=str(n % 2))
        marks.append(states.mark())
        states.check(states.read())
        assert states.mark() == marks[-1]
    assert all(one != other for one, other in pairwise(marks))


def test_a_draft_that_fails_leaves_the_state_as_it_was(tmp_path: Path) -> None:
    states = opened(tmp_path)
    before, mark = advance(states, a="one"), states.mark()
    with pytest.raises(ZeroDivisionError), states.locked(), states.draft(before) as folder:
        (folder / "b").write_text(str(1 / 0))
    assert (states.read(), states.mark()) == (before, mark)
    assert not (tmp_path / "2").exists()
    assert content(states) == {"a": "one"}


def test_a_draft_that_is_not_sealed_is_thrown_away(tmp_path: Path) -> None:
    states = opened(tmp_path)
    with states.locked(), states.draft(states.read()) as folder:
        (folder / "a").write_text("one")
    assert not folder.exists()
    assert states.read().number == 0


def test_what_a_killed_writer_left_is_in_nobodys_way(tmp_path: Path) -> None:
    states = opened(tmp_path)
    advance(states, a="one")
    (tmp_path / "2").mkdir()
    (tmp_path / "2" / "half").write_text("of a state")
    (tmp_path / f"0123{PARTIAL}").write_text("of a seal")
    assert content(opened(tmp_path)) == {"a": "one"}
    advance(states, b="two")
    assert content(states) == {"a": "one", "b": "two"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2", LOCK, SEAL]


def test_a_file_that_was_removed_cut_or_changed_is_damage(tmp_path: Path) -> None:
    states = opened(tmp_path)
    state = advance(states, a="one", b="two")
    path = states.place(state) / "b"
    for damaged in ("", "tw", "twp", "two "):
        path.write_text(damaged)
        with pytest.raises(Corrupt, match="not what was written") as corrupt:
            states.check(state)
        assert corrupt.value.hint == "delete its folder; it is made again"
    path.unlink()
    with pytest.raises(Corrupt, match="a file is missing"):
        states.check(state)
    path.write_text("two")
    states.check(state)


def test_files_that_were_looked_at_before_are_not_looked_at_again(tmp_path: Path) -> None:
    states = opened(tmp_path)
    state = advance(states, a="one", b="two")
    (states.place(state) / "a").unlink()
    states.check(state, known=state.files[:1])
    with pytest.raises(Corrupt):
        states.check(state, known=state.files[1:])
    with pytest.raises(Corrupt):
        states.check(state, known=[replace(state.files[0], bytes=4)])


@pytest.mark.parametrize(
    "seal",
    [
        b"",
        b"{",
        b"[]",
        b"3",
        b"null",
        b'"text"',
        b"{}",
        b'{"state": {}}',
        b'{"sha256": "x", "state": {}}',
        b"\xff",
    ],
)
def test_a_seal_that_is_none_is_damage(tmp_path: Path, seal: bytes) -> None:
    states = opened(tmp_path)
    (tmp_path / SEAL).write_bytes(seal)
    with pytest.raises(Corrupt, match="the seal") as corrupt:
        states.read()
    assert corrupt.value.hint


@pytest.mark.parametrize("change", [{"number": 5}, {"files": []}, {"format": FORMAT + 1}, {"more": 1}])
def test_a_seal_that_says_something_else_than_was_sealed_is_damage(
    tmp_path: Path, change: dict[str, object]
) -> None:
    states = opened(tmp_path)
    advance(states, a="one")
    said = json.loads((tmp_path / SEAL).read_bytes())
    said["state"] |= change
    (tmp_path / SEAL).write_bytes(orjson.dumps(said))
    with pytest.raises(Corrupt, match="not what was written"):
        states.read()


def test_files_of_another_format_are_read_as_damage(tmp_path: Path) -> None:
    advance(opened(tmp_path), a="one")
    with pytest.raises(Corrupt, match="another version"):
        opened(tmp_path, format=FORMAT + 1).read()
    assert content(opened(tmp_path)) == {"a": "one"}


def test_states_without_a_seal_are_damage_and_are_not_begun_anew(tmp_path: Path) -> None:
    states = opened(tmp_path)
    advance(states, a="one")
    (tmp_path / SEAL).unlink()
    with pytest.raises(Corrupt, match="the seal is missing"):
        opened(tmp_path)
    with pytest.raises(Corrupt, match="the seal is missing"):
        states.mark()
    with pytest.raises(Corrupt, match="cannot be read"):
        states.read()
    assert (tmp_path / "1" / "a").read_text() == "one"


def test_a_folder_with_other_peoples_files_may_become_one(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("kept")
    advance(opened(tmp_path), a="one")
    assert (tmp_path / "notes.txt").read_text() == "kept"


def test_a_writer_gives_up_when_another_has_the_lock_for_too_long(tmp_path: Path) -> None:
    states = opened(tmp_path, wait_s=0.0)
    with (tmp_path / LOCK).open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(Unavailable, match="another process is writing") as refused, states.locked():
            raise AssertionError("two writers")
        assert refused.value.retry
        assert refused.value.context["folder"] == str(tmp_path)
        assert states.read().number == 0  # whoever only reads waits for nobody
    advance(states, a="one")


def test_a_writer_that_fails_gives_the_lock_back(tmp_path: Path) -> None:
    states = opened(tmp_path, wait_s=0.0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), states.locked():
            _ = 1 / 0
    assert advance(states, a="one").number == 1


def test_writers_side_by_side_take_turns_and_lose_nothing(tmp_path: Path) -> None:
    def write(n: int) -> None:
        advance(opened(tmp_path, wait_s=60.0), **{f"file{n}": str(n)})

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(12)))
    states = opened(tmp_path)
    assert states.read().number == 12
    assert content(states) == {f"file{n}": str(n) for n in range(12)}


def test_many_may_begin_one_folder_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        marks = {
            states.mark() for states in pool.map(lambda _: opened(tmp_path / "new", wait_s=60.0), range(8))
        }
    assert len(marks) == 1


def test_a_file_where_the_folder_must_be_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "words").write_text("in the way")
    with pytest.raises(Invalid, match="a file stands where a folder must be"):
        opened(tmp_path / "words")


def test_what_the_disk_refuses_is_raised_as_an_error_of_ours() -> None:
    with (
        pytest.raises(Unavailable, match="cannot write the index of words: No space left") as refused,
        disk_errors(),
    ):
        raise OSError(28, os.strerror(28))
    assert "free disk space" in refused.value.hint
    with pytest.raises(ValueError, match="not the disk"), disk_errors():
        raise ValueError("not the disk")


def test_files_are_ordered_by_name_and_known_by_all_they_say() -> None:
    one, other = File("a", 1, "x"), File("b", 0, "w")
    assert sorted([other, one]) == [one, other]
    assert len({one, File("a", 1, "x"), replace(one, sha256="y"), replace(one, bytes=2)}) == 3
