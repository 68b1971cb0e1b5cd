"""The ground at its edges: odd files, empty and equal texts, words beyond ASCII, one need, no need."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid, NotFound
from lakehouse.matrix.lift.ground import keep
from lakehouse.matrix.lift.ground.alike import alike, clusters
from lakehouse.matrix.lift.ground.data import Collection, Remembered, read
from lakehouse.matrix.lift.ground.exact import DEPTH, ExactBase
from lakehouse.matrix.lift.ground.split import LEARNED, SOURCES, split, traffic
from lakehouse.matrix.lift.ground.wordings import NEIGHBOURS, company, wordings
from lakehouse.matrix.lift.ground.world import METRICS, Question, digest, lasting, without
from lakehouse.matrix.playbook.events import Vector
from tests.matrix.lift.hand import axis, question, split_of, world

DOCS = '{"id": "a", "text": "wing"}\n{"id": "b", "title": null, "text": "drag"}\n'
QUERIES = '{"id": "q", "text": "lift"}\n'


def folder(path: Path, *, docs: str = DOCS, queries: str = QUERIES, qrels: str = "q\ta\t1\n") -> Path:
    path.mkdir()
    for name, text in (("docs.jsonl", docs), ("queries.jsonl", queries), ("qrels.tsv", qrels)):
        (path / name).write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["docs.jsonl", "queries.jsonl", "qrels.tsv"])
def test_each_missing_file_is_named_with_all_that_are_needed(tmp_path: Path, name: str) -> None:
    (folder(tmp_path / "set") / name).unlink()
    with pytest.raises(NotFound, match=f"set has no {name}") as missing:
        read(tmp_path / "set")
    assert "docs.jsonl, queries.jsonl, qrels.tsv" in (missing.value.hint or "")


def test_a_folder_that_is_not_there_misses_its_first_file(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"docs\.jsonl"):
        read(tmp_path / "nowhere")


@pytest.mark.parametrize("line", ['{"id": "q"', '"q"', "1", "null", "[]"])
def test_a_broken_line_of_questions_or_of_the_past_is_refused_without_its_words(
    tmp_path: Path, line: str
) -> None:
    with pytest.raises(Invalid, match=r"queries\.jsonl") as refused:
        read(folder(tmp_path / "a", queries=QUERIES + line))
    assert "one JSON object a line" in (refused.value.hint or "")
    past = folder(tmp_path / "b")
    (past / "feedback.jsonl").write_text(line)
    with pytest.raises(Invalid, match=r"feedback\.jsonl"):
        read(past)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (folder(tmp_path / "a") / "docs.jsonl").write_bytes(b'{"id": "\xff"}\n')
    with pytest.raises(Invalid, match=r"docs\.jsonl"):
        read(tmp_path / "a")


def test_a_title_that_is_null_or_empty_leaves_the_text_alone(tmp_path: Path) -> None:
    docs = DOCS + '{"id": "c", "title": "", "text": " x "}\n{"text": "nameless"}\n{"id": "d", "title": " "}\n'
    assert read(folder(tmp_path / "a", docs=docs)).texts == {"a": "wing", "b": "drag", "c": "x"}


def test_words_beyond_ascii_and_keys_that_are_numbers_survive(tmp_path: Path) -> None:
    docs = json.dumps({"id": 7, "text": "Übersetzerin 翻訳 🛠"}, ensure_ascii=False)
    found = read(folder(tmp_path / "a", docs=docs, queries='{"id": 1, "text": "翻訳"}', qrels="1\t7\t1"))
    assert (found.texts, found.needs) == ({"7": "Übersetzerin 翻訳 🛠"}, {"1": "翻訳"})


def test_grades_of_nothing_or_below_and_of_strangers_are_no_grades(tmp_path: Path) -> None:
    qrels = "q\ta\t0.5\nq\tb\t-1\nq\tb\t0\nq\tz\t3\nq\ta\n\nother\tb\t1\nq\n"
    assert read(folder(tmp_path / "a", qrels=qrels)).grades == {"q": {"a": 1.0}}


def test_the_last_column_is_the_grade_however_many_there_are(tmp_path: Path) -> None:
    assert read(folder(tmp_path / "a", qrels="q\ta\tQ0\t2\n")).grades == {"q": {"a": 2.0}}


def test_the_name_is_no_part_of_the_hash_and_the_order_of_grades_neither() -> None:
    one = Collection(name="x", texts={"a": "t"}, needs={"q": "n"}, grades={"q": {"a": 1.0, "b": 2.0}})
    other = replace(one, name="y", grades={"q": {"b": 2.0, "a": 1.0}})
    assert one.digest == other.digest
    assert one.digest != replace(one, past=(Remembered(text="", right=()),)).digest


@given(cosines=st.lists(st.integers(0, 7), min_size=1, max_size=8))
@settings(max_examples=25, deadline=None)
def test_likeness_is_from_0_to_1_and_the_same_either_way_round(cosines: list[int]) -> None:
    questions = [question(f"word{n % 3} other", "a", place=n) for n in cosines]
    found = alike(questions, questions)
    assert found.shape == (len(cosines), len(cosines))
    assert ((found >= 0) & (found <= 1.00001)).all()
    assert np.allclose(found, found.T)
    assert np.allclose(np.diag(found), 1, atol=1e-4)


def test_likeness_is_half_words_and_half_meaning_and_an_opposite_takes_nothing_away() -> None:
    one = question("crane driver", "a")
    same_words = replace(one, vector=axis(1))
    half_words = replace(one, text="crane welder")
    opposite = replace(one, vector=-axis(0))
    assert alike([one], [same_words, half_words, opposite])[0].tolist() == pytest.approx([0.5, 0.75, 0.5])


def test_texts_without_a_word_are_alike_by_meaning_only() -> None:
    one = question("?!", "a")
    assert alike([one], [one, replace(one, vector=axis(1))])[0].tolist() == [0.5, 0.0]


def test_clusters_of_one_need_and_of_equal_needs() -> None:
    assert clusters({"a": axis(0)}, least=0.85) == (("a",),)
    assert clusters(dict.fromkeys("cab", axis(0)), least=0.85) == (("a", "b", "c"),)


directions = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=2), st.integers(0, 7), min_size=1, max_size=9
)


@given(places=directions)
@settings(max_examples=40, deadline=None)
def test_clusters_hold_every_need_once_and_orthogonal_ones_apart(places: dict[str, int]) -> None:
    vectors: dict[str, Vector] = {need: axis(place) for need, place in places.items()}
    found = clusters(vectors, least=0.85)
    assert sorted(need for group in found for need in group) == sorted(places)
    assert all(len({places[need] for need in group}) == 1 for group in found)
    assert len(found) == len(set(places.values()))


@given(needs=st.integers(1, 8), seed=st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_a_split_holds_every_need_once_and_learns_no_fewer_than_its_share(needs: int, seed: int) -> None:
    names = [f"n{n}" for n in range(needs)]
    parted = split(world(dict.fromkeys(names, "ab"), {name: {"a": 1.0} for name in names}), seed=seed)
    assert sorted((*parted.learned, *parted.new)) == names
    assert LEARNED * needs <= len(parted.learned) < LEARNED * needs + 1


def test_which_side_a_need_is_on_counts_in_the_hash_and_so_does_the_order() -> None:
    sides = [split_of("ab", "c"), split_of("ba", "c"), split_of("a", "bc"), split_of("abc")]
    assert len({side.digest for side in sides}) == len(sides)


def test_equal_needs_are_one_to_a_split_unless_the_world_says_that_they_are_not() -> None:
    names = [f"n{n}" for n in range(8)]
    given = world(dict.fromkeys(names, "ab"), {})
    twins = replace(given, asked=tuple(replace(asked, vector=axis(0)) for asked in given.asked))
    assert (len(split(twins, seed=1).learned), split(twins, seed=1).new) == (8, ())
    assert len(split(replace(twins, is_parted=True), seed=1).learned) == 5


@given(count=st.integers(0, 60), seed=st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_traffic_is_numbered_in_order_of_time_and_asks_learned_needs_alone(count: int, seed: int) -> None:
    given = world({"p": "a", "q": "a", "r": "a"}, {})
    found = traffic(given, split_of(["q"], ["p", "r"]), seed=seed, count=count)
    assert [a.number for a in found] == list(range(count))
    assert [a.at_ms for a in found] == sorted(a.at_ms for a in found)
    assert {given.questions[a.question].need for a in found} <= {"q"}
    assert {given.questions[a.question].wording for a in found} <= {0, 1, 2, 3}
    assert all(0 <= a.source < SOURCES for a in found)


texts = st.lists(st.text("abcde éß翻 -'", max_size=30), max_size=6)


@given(texts=texts, need=st.text("abcde éß翻 -'?", max_size=30), count=st.integers(1, 6))
@settings(max_examples=50, deadline=None)
def test_wordings_are_as_many_as_wanted_and_never_empty_where_the_need_is_not(
    texts: list[str], need: str, count: int
) -> None:
    made = wordings({"q": need}, texts, count=count)["q"]
    assert (len(made), made[0]) == (count, need)
    assert all(bool(text) or not need for text in made)
    assert wordings({"q": need}, texts, count=count)["q"] == made


def test_no_needs_have_no_wordings_and_no_texts_no_words() -> None:
    assert wordings({}, ["a wing"]) == {}
    assert company([]).words == company(["", "?"]).words == ()
    assert company([]).neighbours("wing") == ()


def test_numbers_short_words_and_rare_words_are_never_swapped_in() -> None:
    known = company(["wing 2024 ab flap once", "wing 2024 ab flap", "wing 2024 ab flap"])
    assert known.words == ("flap", "wing")
    assert known.neighbours("wing") == ("flap",)


def test_nearest_company_comes_first_and_there_are_three_at_most() -> None:
    held = ["crane hook rope"] * 3 + ["crane hook"] * 3 + ["crane mast beam jib"] * 3
    found = company(held).neighbours("crane")
    assert (found[0], len(found)) == ("hook", NEIGHBOURS)


def test_a_base_knows_no_more_than_its_depth_and_breaks_ties_by_key() -> None:
    many = {f"d{n:03d}": "forklift" for n in range(DEPTH + 50)}
    (answer,) = ExactBase(many).answers(["forklift"])
    assert len(answer.scores) == DEPTH
    assert list(answer.scores) == sorted(answer.scores)
    assert ExactBase(many).answers([]) == ()


def test_the_order_of_documents_changes_no_score() -> None:
    texts = {"a": "crane driver", "b": "nurse", "c": "crane hook"}
    turned = dict(reversed(texts.items()))
    (one,), (other,) = (ExactBase(given).answers(["crane"]) for given in (texts, turned))
    assert one.scores == other.scores
    assert list(one.scores) == list(other.scores)
    assert set(list(one.scores)[:2]) == {"a", "c"}


def test_an_equal_text_is_answered_alike_however_it_is_written() -> None:
    base = ExactBase({"a": "Crane driver", "b": "nurse"})
    plain, loud = base.answers(["crane driver", "DRIVER, crane!"])
    assert plain.scores == loud.scores
    assert np.array_equal(plain.vector, loud.vector)


def test_a_world_of_one_document_under_an_odd_key_is_kept_and_read(tmp_path: Path) -> None:
    lonely = Collection(name="one", texts={"ä/b": "wing"}, needs={"q": "flap"}, grades={"q": {"ä/b": 1.0}})
    wanted = keep.plan(lonely)
    made, path = keep.world(wanted, tmp_path, version="1", model="m", base=lambda c: ExactBase(c.texts))
    (said,) = ExactBase(lonely.texts).answers(["flap"])
    assert made.asked[0].base == said.scores
    assert (made.documents, made.digests["data"], made.model) == (("ä/b",), lonely.digest, "m")
    assert path.name.startswith("one-")


def test_a_plan_asks_questions_before_the_past() -> None:
    past = (Remembered(text="slat", right=("a",)),)
    plain = Collection(name="x", texts={"a": "t"}, needs={"q": "wing", "r": "flap"}, grades={"q": {"a": 1.0}})
    assert keep.plan(replace(plain, past=past)).texts == ("wing", "flap", "slat")
    assert len(keep.plan(plain).texts) == 12


def test_without_nothing_nothing_changes() -> None:
    given = question("w", "abc")
    assert without(given, frozenset(), are_gone=False) == given
    assert without(given, frozenset("z"), are_gone=True).order == given.order
    assert without(given, frozenset("abc"), are_gone=True).order == ()


def test_who_retires_in_two_steps_is_told_the_last_one() -> None:
    once = without(question("w", "abc"), frozenset("a"), are_gone=True)
    assert without(once, frozenset("ab"), are_gone=True).gone == frozenset("ab")
    assert without(once, frozenset("b"), are_gone=False).gone == frozenset("a")


def test_a_choice_that_cannot_last_stands_before_one_that_can() -> None:
    assert lasting(["a", "b"], {"a": 0.0, "b": 1.0}) == 0.0
    assert lasting([], {"a": 1.0}) == lasting(["a"], {}) == 0.0
    assert METRICS["ndcg@10"]([], {}) == 0.0


def test_need_wording_and_text_are_apart_in_the_hash() -> None:
    given = [("a", 1, "b"), ("a", 11, "b"), ("a", 1, "1b"), ("a1", 1, "b"), ("b", 1, "a")]
    found = {digest((Question(need=need, wording=n, text=text),)) for need, n, text in given}
    assert len(found | {digest(())}) == len(given) + 1
