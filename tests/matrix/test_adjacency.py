"""Passages about a file are kept, passages about what it imports are not."""

import pytest

from lakehouse.base.errors import Invalid
from lakehouse.matrix.adjacency import AdjacencyParams, Chunk, Focus, judge, kept, score

FOCUS = Focus(
    path="src/store/journal.py",
    text="alpha beta gamma delta",
    defined=("JournalWriter",),
    imported=("fsync_folder",),
)


def test_the_known_case_comes_out_as_it_was_measured() -> None:
    about = Chunk(id="a", text="alpha beta JournalWriter one1 two2 three3 four4 five5")
    beside = Chunk(id="b", text="alpha fsync_folder one1 two2 three3 four4 five5")
    nothing = Chunk(id="c", text="the harvest was good")
    judged = judge(FOCUS, [nothing, beside, about])
    assert {one.id: one.score for one in (*judged.kept, *judged.dropped)} == {
        "a": pytest.approx(0.68),
        "b": pytest.approx(-0.46),
        "c": 0,
    }
    assert kept(judged.kept) == ("a",)
    assert [one.id for one in judged.dropped] == ["c", "b"]
    assert judged.threshold == 0.3


@pytest.mark.parametrize(
    ("chunk", "worth"),
    [
        (Chunk(id="1", text="", path="src/store/journal.py"), 1.0),
        (Chunk(id="2", text="see src/store/journal.py."), 1.0),
        (Chunk(id="3", text="see journal.py"), 0.6),
        (Chunk(id="4", text="see old_journal.py"), 0.0),
        (Chunk(id="5", text="", path="src/store/lanes.py"), 0.3),
        (Chunk(id="6", text="", path="src/other/lanes.py"), 0.0),
        (Chunk(id="7", text="JournalWriter and fsync_folder"), 0.6),
        (Chunk(id="8", text="alpha beta gamma delta"), 0.4),
    ],
)
def test_each_sign_has_its_worth(chunk: Chunk, worth: float) -> None:
    assert score(FOCUS, chunk) == pytest.approx(worth)


def test_symbols_are_read_out_of_the_text_where_none_are_given() -> None:
    python = Focus(
        path="a/b/c.py",
        text="from os.path import join_all\nimport lib.tools\n\n\ndef build_it(x):\n    pass\n",
    )
    rust = Focus(path="m.rs", text="use crate::wire::Frame;\npub async fn run_once() {}\npub struct Lane;")
    script = Focus(path="m.ts", text="import { Hook, type Other } from 'x';\nexport function useIt() {}")
    for focus, own, other in (
        (python, "build_it", "join_all"),
        (python, "build_it", "tools"),
        (rust, "run_once", "Frame"),
        (rust, "Lane", "Frame"),
        (script, "useIt", "Hook"),
    ):
        assert score(focus, Chunk(id="1", text=f"see {own}, {other}")) > 0.55
        assert score(focus, Chunk(id="2", text=f"see {other}")) < -0.3


def test_every_score_tells_its_reasons() -> None:
    (one,) = judge(FOCUS, [Chunk(id="a", text="journal.py has JournalWriter")]).kept
    assert one.reasons == ("+0.60 names the file", "+0.60 speaks of JournalWriter, which the file defines")


def test_a_filter_that_is_off_keeps_all_and_a_threshold_moves_the_cut() -> None:
    chunks = [Chunk(id="a", text="fsync_folder"), Chunk(id="b", text="JournalWriter")]
    assert len(judge(FOCUS, chunks, AdjacencyParams(is_on=False)).kept) == 2
    assert not judge(FOCUS, chunks, AdjacencyParams(threshold=0.7)).kept


def test_a_question_alone_is_a_focus_and_nothing_is_none() -> None:
    assert score(Focus(text="who holds a card"), Chunk(id="a", text="who holds a card")) == pytest.approx(0.4)
    with pytest.raises(Invalid, match="no focus"):
        judge(Focus(), [])
