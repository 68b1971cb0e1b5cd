"""Many corpora at once: failures told apart, who is late, builds in their order, questions refused."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from lakehouse.base.errors import Conflict, Corrupt, Invalid, LakehouseError, NotFound, Refused, Unavailable
from lakehouse.lake.facade import Lakehouse
from lakehouse.matrix.build import Built, Failed, Job, from_folder, from_sql, from_table, side_by_side
from lakehouse.matrix.corpus import Corpus, card
from lakehouse.matrix.filter import Filter
from lakehouse.matrix.found import MatrixFound, MatrixQuestion
from lakehouse.matrix.gather import Gatherer, asks, require
from lakehouse.matrix.matrix import LONGEST, Matrix
from lakehouse.matrix.vocabularies import Vocabularies
from lakehouse.query.engine import Limits, Params, Version
from lakehouse.query.result import Result
from lakehouse.search.learned import Asked, Digests, Recalled, Row
from lakehouse.search.leg import Question
from lakehouse.search.searcher import MOST
from tests.lake.conftest import PEOPLE, open_with

SOON = 30.0
FOLDER = {
    "b.md": "# B\nsecond",
    "a.TXT": "first, in capitals",
    "deep/c.markdown": "# C\nthird",
    "bom.text": "\ufeffwith a mark",
    ".git/d.md": "# D\nhidden",
    "e.rst": "no text for us",
    "blank.md": " \n",
}


class Nothing:
    """A memory without a past."""

    def recall(self, asked: Asked, digests: Digests) -> Mapping[Row, Recalled]:
        return {}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lakehouse]:
    with open_with(tmp_path_factory.mktemp("beside") / "lake", has_model=False) as lake:
        lake.upsert("people", PEOPLE, key="id")
        lake.index.build("resumes", table="people", text="resume", id="id")
        yield lake


@pytest.fixture
def gatherer() -> Iterator[Gatherer]:
    made = Gatherer(lambda: None, threads=4)
    yield made
    made.close()


@pytest.fixture(scope="module")
def matrix(lake: Lakehouse) -> Iterator[Matrix]:
    class Sql:
        def sql(
            self, text: str, params: Params = None, *, at: Version = None, limits: Limits | None = None
        ) -> Result:
            return lake.sql(text, params, at=at)

    made = Matrix(Vocabularies(Sql()), embedder=lambda: None)
    yield made
    made.close()


def failing(error: LakehouseError) -> Callable[[], str]:
    def task() -> str:
        raise error

    return task


def within(seconds: float) -> float:
    return time.monotonic() + seconds


def asked(
    matrix: Matrix, lake: Lakehouse, said: Mapping[str, object], *corpora: Corpus, by: Filter | None = None
) -> MatrixFound:
    """What the matrix answers to a question about forklifts, changed in these members."""
    question = replace(MatrixQuestion(text="forklift", strict=False), **said)  # type: ignore[arg-type]
    named = [(one, lake.index.get(one.index)) for one in corpora or (card("resumes"),)]
    return matrix.search(question, named, search_id="s", learned=Nothing(), by=by)


@pytest.mark.parametrize(
    "error", [Unavailable("it is away"), Corrupt("it is broken"), NotFound("it is gone")]
)
def test_a_corpus_that_fails_is_missing_with_its_reason_and_the_others_answer(
    gatherer: Gatherer, error: LakehouseError
) -> None:
    missing: dict[str, str] = {}
    done = gatherer.side_by_side({"a": failing(error), "b": lambda: "here"}, within(SOON), missing)
    assert (done, missing) == ({"b": "here"}, {"a": error.message})


@pytest.mark.parametrize("error", [Invalid("ask otherwise"), Refused("you may not"), Conflict("later")])
def test_what_is_wrong_with_the_question_is_raised_and_no_failure_of_a_corpus(
    gatherer: Gatherer, error: LakehouseError
) -> None:
    missing: dict[str, str] = {}
    with pytest.raises(type(error), match=error.message):
        gatherer.side_by_side({"a": lambda: "here", "b": failing(error)}, within(SOON), missing)
    assert missing == {}


def test_a_mistake_of_ours_is_not_taken_for_a_missing_corpus(gatherer: Gatherer) -> None:
    def broken() -> str:
        return str(1 / 0)

    with pytest.raises(ZeroDivisionError):
        gatherer.side_by_side({"a": broken}, within(SOON), {})


def test_answers_come_in_the_order_of_the_corpora_and_not_of_their_speed(gatherer: Gatherer) -> None:
    second = threading.Event()

    def slow() -> str:
        assert second.wait(SOON)
        return "slow"

    def quick() -> str:
        second.set()
        return "quick"

    assert list(gatherer.side_by_side({"a": slow, "b": quick}, within(SOON), {}).items()) == [
        ("a", "slow"),
        ("b", "quick"),
    ]


def test_one_that_is_late_is_not_waited_for_and_is_named(gatherer: Gatherer) -> None:
    go = threading.Event()

    def late() -> str:
        assert go.wait(SOON)
        return "late"

    missing: dict[str, str] = {}
    done = gatherer.side_by_side({"a": late}, within(0.0), missing)
    go.set()
    assert done == {}
    assert missing == {"a": "it did not answer in time"}


def test_nobody_asked_is_nobody_missing(gatherer: Gatherer) -> None:
    missing: dict[str, str] = {}
    assert gatherer.side_by_side({}, within(0.0), missing) == {}
    assert missing == {}
    require({}, allow_partial=False, has_any=False)


def test_a_missing_corpus_is_let_pass_only_where_partial_answers_are_wanted_and_there_is_one() -> None:
    require({"a": "away"}, allow_partial=True, has_any=True)
    for allow_partial, has_any in ((False, True), (True, False), (False, False)):
        with pytest.raises(Unavailable, match="the corpus a is missing: away") as error:
            require({"a": "away", "b": "gone"}, allow_partial=allow_partial, has_any=has_any)
        assert error.value.context["corpora"] == "a,b"
        assert error.value.hint == (
            "allow partial answers, or leave the corpus out" if has_any else "lakehouse doctor"
        )


def test_a_corpus_that_was_lost_before_is_missing_too(lake: Lakehouse, gatherer: Gatherer) -> None:
    named = asks(Question(text="nurse"), [(card("resumes"), lake.index.get("resumes"))])
    with pytest.raises(Unavailable, match="the corpus gone is missing: dropped"):
        gatherer.ask(named, lost={"gone": "dropped"})
    found = gatherer.ask(named, lost={"gone": "dropped"}, allow_partial=True)
    assert [(one.corpus, one.why) for one in found.missing] == [("gone", "dropped")]
    assert [one.name for one in found.corpora] == ["resumes"]


def test_every_corpus_is_asked_with_its_own_filter_and_the_question_stays_as_it_was(lake: Lakehouse) -> None:
    index, question = lake.index.get("resumes"), Question(text="nurse", where="id > 1")
    oslo = replace(card("oslo"), index="resumes", filter="city = 'Oslo'")
    plain, narrow = asks(question, [(card("resumes"), index), (oslo, index)])
    assert plain.question == question
    assert narrow.question.where == "(city = 'Oslo'\n) AND (id > 1\n)"
    assert question.where == "id > 1"


def test_fewer_candidates_are_given_where_fewer_are_asked_for(lake: Lakehouse, gatherer: Gatherer) -> None:
    named = asks(Question(text="forklift nurse welder"), [(card("resumes"), lake.index.get("resumes"))])
    (whole,), (first,) = gatherer.ask(named).sides, gatherer.ask(named, depth=2).sides
    assert len(whole.keys) == 4
    assert first.keys == whole.keys[:2]
    np.testing.assert_array_equal(first.own, whole.own[:2])


def test_builds_are_reported_in_their_order_however_they_end() -> None:
    first = threading.Event()

    def waits() -> Built:
        assert first.wait(SOON)
        return Built(corpus=card("a"), table="t", rows=1, waiting=0)

    def fails() -> Built:
        first.set()
        raise Conflict("taken")

    done = side_by_side([Job(corpus=card("a"), build=waits), Job(corpus=card("b"), build=fails)], threads=2)
    assert isinstance(done[0], Built)
    assert isinstance(done[1], Failed)
    assert (done[1].corpus, done[1].error.kind) == ("b", "Conflict")


@pytest.mark.parametrize("threads", [-1, 0, 1, 100])
def test_any_number_of_threads_builds_all(threads: int) -> None:
    made = [Built(corpus=card("a"), table="t", rows=n, waiting=0) for n in range(5)]
    jobs = [Job(corpus=one.corpus, build=partial(replace, one)) for one in made]
    assert side_by_side(jobs, threads=threads) == tuple(made)


def test_a_mistake_of_ours_in_a_build_is_not_reported_as_a_failed_corpus() -> None:
    def broken() -> Built:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        side_by_side([Job(corpus=card("a"), build=broken)])


def test_files_of_every_ending_are_read_and_hidden_ones_are_not(lake: Lakehouse, tmp_path: Path) -> None:
    for name, text in FOLDER.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "latin.txt").write_bytes("caf\u00e9 au lait".encode("latin-1"))
    built = from_folder(lake, card("folder"), tmp_path)
    told = lake.sql("SELECT path, text FROM folder_sections ORDER BY path").rows()
    rows = {str(path): text for path, text in told}
    assert list(rows) == ["a.TXT", "b.md", "bom.text", "deep/c.markdown", "latin.txt"]
    assert (rows["bom.text"], rows["latin.txt"]) == ("with a mark", "caf\ufffd au lait")
    assert (built.rows, built.skipped) == (5, ())


def test_a_file_is_no_folder_and_the_refusal_says_what_to_name(lake: Lakehouse, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\nx")
    with pytest.raises(NotFound) as error:
        from_folder(lake, card("none"), tmp_path / "a.md")
    assert ".md or .txt" in error.value.hint
    assert str(tmp_path) not in error.value.message


def test_a_query_without_the_key_names_the_columns_that_there_are(lake: Lakehouse) -> None:
    with pytest.raises(Invalid, match="no column 'nr'") as error:
        from_sql(lake, card("none"), "SELECT id, resume FROM people", key="nr", text="resume")
    assert "id, resume" in error.value.hint
    with pytest.raises(NotFound):
        from_table(lake, card("none"), table="nobody", text="resume")


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"text": ""}, "empty"), ({"text": " \n"}, "empty"), ({"text": 3}, "text"),
        ({"text": "x" * (LONGEST + 1)}, "characters"), ({"k": 0}, "k and per_corpus_k"),
        ({"k": MOST + 1}, "k and per_corpus_k"), ({"k": True}, "k and per_corpus_k"),
        ({"per_corpus_k": 0}, "k and per_corpus_k"), ({"k": 2.0}, "k and per_corpus_k"),
        ({"deadline_s": 0.0}, "deadline"), ({"deadline_s": 601.0}, "deadline"),
        ({"deadline_s": float("nan")}, "deadline"),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_asked_is_refused_with_a_way_out(
    matrix: Matrix, lake: Lakehouse, said: dict[str, object], wrong: str
) -> None:
    with pytest.raises(Invalid, match=wrong) as error:
        asked(matrix, lake, said)
    assert error.value.hint


def test_nobody_to_ask_is_refused_but_a_lost_corpus_is_missing(matrix: Matrix) -> None:
    question = MatrixQuestion(text="forklift")
    with pytest.raises(Invalid, match="no corpus is asked"):
        matrix.search(question, [], search_id="s", learned=Nothing())
    with pytest.raises(Unavailable, match="the corpus gone is missing: dropped"):
        matrix.search(question, [], search_id="s", learned=Nothing(), lost={"gone": "dropped"})


def test_two_corpora_over_one_table_show_a_row_once(matrix: Matrix, lake: Lakehouse) -> None:
    rome = Corpus(name="rome", index="resumes", filter="city = 'Rome'")
    found = asked(matrix, lake, {"k": 5}, card("resumes"), rome)
    assert sorted(one.hit.id for one in found.hits) == ["1", "3"]
    assert [one.corpus for one in found.corpora] == ["resumes", "rome"]
    assert sum(one.hits for one in found.corpora) == 2
    assert [one.candidates for one in found.corpora] == [2, 1]


def test_a_filter_that_asks_for_certainty_says_that_it_is_not_in_the_data(
    matrix: Matrix, lake: Lakehouse
) -> None:
    found = asked(matrix, lake, {"strict": True}, by=Filter(level=1.0, source="test"))
    assert (found.hits, found.is_answered) == ((), False)
    assert found.why.startswith("not in the data")
    assert {one.id for one in found.dropped} == {"1", "3"}


def test_hits_are_ranked_from_1_with_chances_and_what_they_were_made_of(
    matrix: Matrix, lake: Lakehouse
) -> None:
    found = asked(matrix, lake, {"where": "city = 'Rome'"})
    assert [(one.hit.rank, one.hit.id, one.hit.corpus) for one in found.hits] == [(1, "3", "resumes")]
    (one,) = found.hits
    assert one.p is not None
    assert 0 < one.p < 1
    assert one.features.keys() == {"words", "own", "words_gap"}
    assert one.hit.why.startswith("resumes #1: words")
