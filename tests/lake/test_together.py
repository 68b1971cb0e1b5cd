"""Several bring up one index at once, or one ends early: every passage is stored once, little is lost."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from lakehouse.base.errors import Conflict
from lakehouse.index.index import EXACT, Index
from lakehouse.index.meaning import Meaning
from lakehouse.index.refresh import Progress, turn, unwatched
from lakehouse.lake.facade import Lakehouse
from lakehouse.llm.fake import FakeEmbedder
from tests.lake.conftest import open_with

ROWS = 300
MODEL = FakeEmbedder(dimension=64)

WORK = """
import sys
from pathlib import Path
from tests.lake.conftest import open_with

told = []

def watch(progress):
    if progress.phase in {"meaning", "waiting"} and not told:
        told.append(progress.phase)
        print(progress.phase, flush=True)
        sys.stdin.readline()

with open_with(Path(sys.argv[1])) as lake:
    print(lake.index.refresh("resumes", watch=watch).embedded, flush=True)
"""


class Stopped(Exception):
    """Whoever waits for the work has enough."""


@pytest.fixture
def index(lake: Lakehouse, many: Callable[[int], None]) -> Index:
    """An index over many rows, none of them embedded."""
    many(ROWS - 5)
    lake.index.define("resumes", table="people", text="resume", id="id")
    return lake.index.get("resumes")


def stored(lake: Lakehouse) -> tuple[int, int]:
    """Passages, and different ones."""
    query = "SELECT count(*), count(DISTINCT (row_key, chunk)) FROM _vectors.resumes"
    ((passages, different),) = lake.sql(query).rows()
    return passages, different


def doubled(index: Index) -> None:
    """Store what is stored once more."""
    held = index.table.read(model=str(MODEL.model))
    index.table.add(held.rows, held.vectors, model=str(MODEL.model), base=index.table.head())


def test_two_processes_that_refresh_one_index_store_every_passage_once(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    with open_with(root) as lake:
        lake.upsert("people", [{"id": n, "resume": f"worker number{n}"} for n in range(ROWS)], key="id")
        lake.index.define("resumes", table="people", text="resume", id="id")
    command = [sys.executable, "-c", WORK, str(root)]
    pipe = subprocess.PIPE
    with ExitStack() as stack:
        started = (subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(2))
        two = [stack.enter_context(process) for process in started]
        phases = [
            process.stdout.readline() for process in two if process.stdout
        ]  # both have planned, or wait
        for process in two:
            print(file=process.stdin, flush=True)
        embedded = [int(process.stdout.readline()) for process in two if process.stdout]
    assert sorted(phases) == ["meaning\n", "waiting\n"]
    assert sorted(embedded) == [0, ROWS]
    with open_with(root) as lake:
        assert stored(lake) == (ROWS, ROWS)


def test_whoever_commits_in_between_is_noticed_and_what_they_stored_is_left_out(
    lake: Lakehouse, index: Index
) -> None:
    source = index.source()
    rows = source.rows()
    others = iter([Meaning(source, index.table, MODEL)])

    def watch(_: Progress) -> None:
        for other in others:
            other.bring(rows, unwatched)

    done, _ = Meaning(source, index.table, MODEL).bring(rows, watch)
    assert (done.embedded, stored(lake)) == (0, (ROWS, ROWS))


def test_vectors_made_for_another_definition_are_not_stored(lake: Lakehouse, index: Index) -> None:
    source = index.source()

    def watch(_: Progress) -> None:
        lake.index.define("resumes", table="people", text="resume", id="id", chunk_tokens=50)

    with pytest.raises(Conflict, match="defined anew"):
        Meaning(source, index.table, MODEL).bring(source.rows(), watch)


def test_passages_that_were_stored_twice_are_repaired_without_a_model(lake: Lakehouse, index: Index) -> None:
    index.refresh(unwatched)
    doubled(index)
    lake.upsert("people", [{"id": 1, "resume": "Baker of bread."}], key="id")
    assert stored(lake) == (2 * ROWS, ROWS)
    done = index.refresh(unwatched)
    assert (done.repaired, done.embedded) == (ROWS - 1, 1)
    assert stored(lake) == (ROWS, ROWS)
    assert index.refresh(unwatched).repaired == 0
    found = lake.search("number7", k=1).hits[0]
    assert found.id == "107"
    assert found.parts.dense is not None


def test_a_generation_that_holds_passages_twice_is_replaced(lake: Lakehouse, index: Index) -> None:
    lake.upsert("people", [{"id": 10_000 + n, "resume": f"nurse number{n}"} for n in range(EXACT)], key="id")
    index.refresh(unwatched, graph=False)
    doubled(index)
    index.build(unwatched)
    assert lake.index.show("resumes").vectors == 2 * (ROWS + EXACT)
    index.refresh(unwatched)
    info = lake.index.show("resumes")
    assert (info.vectors, info.generation, info.waiting) == (ROWS + EXACT, 2, 0)


def test_work_that_ends_early_has_stored_all_but_the_last_seconds(lake: Lakehouse, index: Index) -> None:
    seen: list[Progress] = []

    def watch(progress: Progress) -> None:
        seen.append(progress)
        if len(seen) == 3:
            raise Stopped

    source = index.source()
    with pytest.raises(Stopped):
        Meaning(source, index.table, MODEL, store_s=0).bring(source.rows(), watch)
    assert stored(lake) == (256, 256)
    assert index.refresh(unwatched).embedded == ROWS - 256


def test_a_row_of_many_passages_is_stored_whole_or_not_at_all(lake: Lakehouse) -> None:
    long = " ".join(f"word{n}. " for n in range(5000))
    lake.upsert("people", [{"id": n, "resume": long} for n in range(6, 10)], key="id")
    lake.index.define("resumes", table="people", text="resume", id="id", chunk_tokens=50)
    index = lake.index.get("resumes")
    source, kept = index.source(), set[int]()

    def watch(_: Progress) -> None:
        counted = lake.sql(
            "SELECT count(*) FROM _vectors.resumes WHERE row_key > '5' GROUP BY row_key"
        ).rows()
        kept.update(count for (count,) in counted)

    Meaning(source, index.table, MODEL, store_s=0).bring(source.rows(), watch)
    ((most,),) = lake.sql("SELECT max(chunk) + 1 FROM _vectors.resumes").rows()
    assert most > 128 / 2
    assert kept == {most}


def test_a_turn_that_another_has_is_waited_for_until_the_waiting_one_has_enough(tmp_path: Path) -> None:
    told: list[str] = []

    def watch(progress: Progress) -> None:
        told.append(progress.phase)
        raise Stopped

    with turn(tmp_path / "turn", unwatched), pytest.raises(Stopped), turn(tmp_path / "turn", watch):
        raise AssertionError("both have the turn")
    assert told == ["waiting"]
    with turn(tmp_path / "turn", watch):
        assert told == ["waiting"]
