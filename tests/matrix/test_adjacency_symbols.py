"""What a file defines and imports, read in several languages; and what every judgement keeps to."""

import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.matrix.adjacency import AdjacencyParams, Chunk, Focus, judge, kept, score

DEFINED, IMPORTED = 0.6, -0.5


def worth(code: str, passage: str) -> float:
    """Of a passage that shares no word with the code but the symbol itself."""
    signs = judge(Focus(path="q", text=code), [Chunk(id="c", text=passage)], AdjacencyParams(is_on=False))
    reasons = [r for r in signs.kept[0].reasons if "words" not in r]
    return sum(float(reason.split()[0]) for reason in reasons)


@pytest.mark.parametrize(
    ("line", "symbol"),
    [
        ("def build_it(x):", "build_it"), ("    async def close_it(self):", "close_it"),
        ("class Lane(Base):", "Lane"), ("fn run_once() {", "run_once"), ("pub fn run_twice() {", "run_twice"),
        ("pub(crate) struct Frame {", "Frame"), ("func (s *Server) Listen() error {", "Listen"),
        ("func Serve() {", "Serve"), ("export default function useIt() {", "useIt"),
        ("export const LIMIT = 3", "LIMIT"), ("interface Shape {", "Shape"), ("enum Colour {", "Colour"),
        ("trait Sings {", "Sings"), ("public static class Tool {", "Tool"), ("type Alias = string", "Alias"),
        ("def größe():", "größe"),
    ],
)  # fmt: skip
def test_a_definition_is_known_in_any_of_the_languages(line: str, symbol: str) -> None:
    assert worth(f"\n{line}\n", f"see {symbol}") == DEFINED
    assert worth(f"\n{line}\n", f"see {symbol}x") == 0


@pytest.mark.parametrize(
    ("line", "symbol"),
    [
        ("import numpy", "numpy"), ("import os.path", "path"), ("from a.b import cee", "cee"),
        ("from a import (bee, cee)", "cee"), ("from a import bee as dee", "bee"),
        ("import { Hook, other } from 'x';", "other"), ("use crate::wire::Frame;", "Frame"),
        ("use a::{Bee, Cee};", "Cee"), ('import "net/http"', "http"),
    ],
)  # fmt: skip
def test_an_import_is_known_in_any_of_the_languages(line: str, symbol: str) -> None:
    assert worth(line, f"see {symbol}") == IMPORTED


def test_names_of_two_letters_stand_everywhere_by_chance() -> None:
    assert worth("def go(): pass\nimport os", "go to the os") == 0


def test_what_the_file_defines_outweighs_what_it_imports() -> None:
    code = "from lib import helper\nclass Maker: pass"
    assert worth(code, "Maker and helper") == DEFINED
    assert worth(code, "helper alone") == IMPORTED


def test_given_symbols_are_taken_as_they_are_and_the_text_is_not_read_for_more() -> None:
    focus = Focus(text="class Maker: pass\nimport helper", defined=("Other",))
    (only,) = judge(focus, [Chunk(id="a", text="Maker")], AdjacencyParams(is_on=False)).kept
    assert [r for r in only.reasons if "words" not in r] == []
    assert score(focus, Chunk(id="b", text="Other")) == DEFINED


def test_symbols_differ_by_case_and_words_do_not() -> None:
    focus = Focus(text="nothing here", defined=("Maker",))
    assert score(focus, Chunk(id="a", text="maker")) == 0
    assert score(focus, Chunk(id="b", text="NOTHING HERE")) == pytest.approx(0.4)


def test_shared_words_are_counted_by_kind_and_not_by_number() -> None:
    focus = Focus(text="red green blue")
    half = Chunk(id="a", text="red red red green yellow")
    assert score(focus, half) == pytest.approx(0.4 * 2 / 4)
    (one,) = judge(focus, [half], AdjacencyParams(is_on=False)).kept
    assert one.reasons == ("+0.20 shares 50% of the words",)


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("open lib/a+b.py now", 1.0), ("(lib/a+b.py)", 1.0), ("lib/a+b.py", 1.0), ("x/lib/a+b.py", 0.0),
        ("lib/a+b.pyc", 0.0), ("lib/aab.py", 0.0), ("a+b.py", 0.6), ("'a+b.py'", 0.6), ("my-a+b.py", 0.0),
    ],
)  # fmt: skip
def test_a_path_stands_there_as_a_whole_and_its_marks_are_no_patterns(text: str, worth: float) -> None:
    assert score(Focus(path="lib/a+b.py"), Chunk(id="c", text=text)) == worth


@pytest.mark.parametrize(
    ("path", "other", "is_near"),
    [
        ("a/b/c.py", "a/b/d.py", True), ("a/b/c.py", "a/b/x/y.py", True), ("a/b/c.py", "a/d/c2.py", False),
        ("a/c.py", "a/d.py", False), ("c.py", "d.py", False), ("a/b/c.py", "", False),
    ],
)  # fmt: skip
def test_two_leading_folders_make_a_neighbourhood(path: str, other: str, *, is_near: bool) -> None:
    assert score(Focus(path=path), Chunk(id="c", text="", path=other)) == (0.3 if is_near else 0)


def test_the_same_file_counts_once_by_its_best_sign() -> None:
    chunk = Chunk(id="c", text="src/app/main.py and main.py", path="src/app/main.py")
    assert score(Focus(path="src/app/main.py"), chunk) == 1.0


def test_the_threshold_itself_is_enough() -> None:
    near = [Chunk(id="n", text="", path="a/b/d.py")]
    assert kept(judge(Focus(path="a/b/c.py"), near, AdjacencyParams(threshold=0.3)).kept) == ("n",)
    assert kept(judge(Focus(path="a/b/c.py"), near, AdjacencyParams(threshold=0.31)).kept) == ()


def test_equal_scores_keep_the_order_in_which_they_came() -> None:
    chunks = [Chunk(id=str(n), text="main.py") for n in range(20)]
    assert kept(judge(Focus(path="main.py"), chunks).kept) == tuple(str(n) for n in range(20))


def test_no_passages_and_empty_ones_are_judged_too() -> None:
    nothing = judge(Focus(text="a question"), [])
    assert (nothing.kept, nothing.dropped, nothing.threshold) == ((), (), 0.3)
    (empty,) = judge(Focus(text="a question"), [Chunk(id="e", text="")]).dropped
    assert (empty.score, empty.reasons) == (0, ())


def test_a_focus_of_symbols_alone_is_none_and_says_what_one_looks_like() -> None:
    with pytest.raises(Invalid) as caught:
        judge(Focus(defined=("Maker",)), [Chunk(id="a", text="Maker")])
    assert '"focus"' in caught.value.hint


POOL = "alpha beta Maker helper src/a/m.py m.py größe 42 _x . ("
WORDS = st.lists(st.sampled_from(POOL.split()), max_size=12)
PATHS = st.sampled_from(["", "m.py", "src/a/m.py", "src/a/n.py", "src/b/m.py"])
CHUNKS = st.lists(st.tuples(WORDS.map(" ".join), PATHS), max_size=6).map(
    lambda found: [Chunk(id=str(n), text=text, path=path) for n, (text, path) in enumerate(found)]
)
FOCI = st.builds(
    Focus, path=PATHS, text=WORDS.map(lambda words: " ".join(["alpha", *words])),
    defined=st.sampled_from([(), ("Maker",)]), imported=st.sampled_from([(), ("helper",)]),
)  # fmt: skip


@given(focus=FOCI, chunks=CHUNKS, threshold=st.sampled_from([-1.0, 0.0, 0.3, 1.0]))
@trials(max_examples=60, deadline=None)
def test_every_passage_is_judged_once_and_falls_on_its_side_of_the_threshold(
    focus: Focus, chunks: list[Chunk], threshold: float
) -> None:
    found = judge(focus, chunks, AdjacencyParams(threshold=threshold))
    assert sorted(one.id for one in (*found.kept, *found.dropped)) == [c.id for c in chunks]
    assert kept((*found.kept, *found.dropped)) == tuple(one.id for one in found.kept)
    assert all(one.score >= threshold for one in found.kept)
    assert all(one.score < threshold for one in found.dropped)
    for side in (found.kept, found.dropped):
        assert [one.score for one in side] == sorted((one.score for one in side), reverse=True)


@given(focus=FOCI, chunks=CHUNKS)
@trials(max_examples=60, deadline=None)
def test_a_score_is_the_sum_of_its_reasons_and_stays_within_its_bounds(
    focus: Focus, chunks: list[Chunk]
) -> None:
    by_id = {c.id: c for c in chunks}
    for one in judge(focus, chunks, AdjacencyParams(is_on=False)).kept:
        assert one.score == score(focus, by_id[one.id])
        assert -0.5 <= one.score <= 2.0
        assert one.score == pytest.approx(sum(float(r.split()[0]) for r in one.reasons), abs=0.006)
