"""Each measure at its smallest: figures come out, absent peers are said, nothing stays."""

import math
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import pytest

from lakehouse.base.errors import Unavailable
from lakehouse.bench import run
from lakehouse.bench.ground import TINY, Ground
from lakehouse.bench.outcome import Outcome, Result
from lakehouse.bench.search import asked, embedding, filtered, rivals
from lakehouse.bench.search.stranger import ABSENT
from lakehouse.bench.targets import RIVAL_RECALL
from lakehouse.llm.minilm.embedder import MiniLM

needs_model = pytest.mark.skipif(not MiniLM.is_installed(), reason="the local model is not installed")


def check(results: Sequence[Result], name: str) -> list[Outcome]:
    assert results
    found = []
    for result in results:
        assert isinstance(result, Outcome), result
        assert all(sample > 0 and math.isfinite(sample) for sample in (*result.ours, *result.peer))
        assert result.measure == name
        assert (result.is_met is None) == bool(result.absent)
        found.append(result)
    assert len({one.what for one in found}) == len(found)
    return found


@pytest.mark.parametrize("name", ["vectors", "filtered", "large"])
def test_a_measure_yields_figures_and_removes_its_data(name: str, tmp_path: Path) -> None:
    check(list(run.measured([name], TINY, tmp_path)), name)
    assert list(tmp_path.iterdir()) == []


@needs_model
def test_questions_go_through_python_and_a_real_server_and_edits_are_embedded_alone(tmp_path: Path) -> None:
    *questions, seconds, embedded = run.measured(["search", "refresh"], TINY, tmp_path)
    found = check(questions, "search")
    assert [one.what.partition(",")[0] for one in found] == ["Python API", "HTTP", "HTTP", "HTTP"]
    _, embedded = check([seconds, embedded], "refresh")
    assert embedded.median == 100
    assert embedded.is_met is True


@needs_model
def test_embedding_without_the_peer_says_so_and_is_measured_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "interpreter", lambda: None)
    found = check(list(run.measured(["embedding"], TINY, tmp_path)), "embedding")
    absent = [one for one in found if one.absent]
    assert [one.peer_name for one in absent] == ["sentence-transformers"] * 2
    assert {one.absent for one in absent} == {ABSENT}


def test_rivals_that_are_not_installed_are_named_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rivals, "interpreter", lambda: None)
    found = check(list(run.measured(["peers"], TINY, tmp_path)), "peers")
    assert {one.peer_name for one in found} == {"LanceDB", "Chroma"}
    assert {one.absent for one in found} == {ABSENT}
    assert all(one.is_met is None for one in found)


def test_a_rival_is_taken_at_the_first_depth_that_finds_as_much_as_we_do() -> None:
    tries = [{"effort": e, "recall": r} for e, r in ((1, 0.9), (2, 0.97), (4, 0.99))]
    answer: dict[str, object] = {"name": "x", "tries": tries}
    assert rivals._best(answer, 0.95)["effort"] == 2
    assert rivals._best(answer, 0.97)["effort"] == 2
    assert rivals._best(answer, 0.999)["effort"] == 4
    assert rivals._best(answer, 0.5)["effort"] == 1


def test_recall_beside_a_rival_is_met_by_equal() -> None:
    assert RIVAL_RECALL.is_met(0.99, 0.99) is True
    assert RIVAL_RECALL.is_met(0.98, 0.99) is False


@pytest.mark.parametrize("given", filtered.FILTERS, ids=lambda f: f.share)
def test_a_condition_asked_another_way_leaves_the_same_rows(given: filtered._Filter) -> None:
    written = {given.again(n) for n in range(filtered.COLD)} | {given.where}
    assert len(written) == filtered.COLD + 1
    assert all(one.startswith(given.where) and "id >= -" in one for one in written - {given.where})


@needs_model
@pytest.mark.parametrize("tokens", embedding.LENGTHS)
def test_texts_have_the_tokens_that_they_are_said_to_have(tokens: int, tmp_path: Path) -> None:
    model = MiniLM(tmp_path)
    counts = [model.count(text) for text in islice(embedding.of_length(tokens, model.count), 20)]
    model.close()
    assert max(counts) <= tokens
    assert min(counts) >= tokens - 6


def test_a_client_that_nobody_answers_is_no_figure() -> None:
    with pytest.raises((Unavailable, OSError)):
        asked.ask(1, [{"vector": [1.0], "k": 10}])


def test_what_several_measures_share_is_made_once(tmp_path: Path) -> None:
    ground = Ground(folder=tmp_path, sizes=TINY)
    corpus, lake = ground.vectors, ground.vector_lake
    written = {path: path.stat().st_mtime_ns for path in (corpus.path, lake)}
    assert ground.vectors is corpus
    assert ground.vector_lake == lake
    assert {path: path.stat().st_mtime_ns for path in written} == written
