"""Answers with their proof, weights from judged questions, vectors of texts, and what is written down."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lakehouse.assembly import open_lake
from lakehouse.base.errors import Invalid, Unavailable
from lakehouse.lake.facade import Lakehouse
from lakehouse.lake.models import Models
from lakehouse.llm.chat import Turn
from lakehouse.llm.fake import FakeEmbedder
from lakehouse.llm.scripted import ScriptedChat
from tests.lake.conftest import PEOPLE, SETTINGS, open_with


@pytest.fixture
def indexed(lake: Lakehouse) -> Lakehouse:
    lake.index.build("resumes", table="people", text="resume", id="id")
    return lake


def test_without_a_chat_model_the_best_sentences_answer_and_are_cited(indexed: Lakehouse) -> None:
    cited = indexed.rag("Who is a forklift operator with an OSHA-10 card?", corpora=["resumes"])
    assert "Forklift operator with an OSHA-10 card" in cited.answer.text
    assert cited.answer.model == "extractive"
    first = cited.answer.citations[0]
    assert (first.source.table, first.source.row, first.corpus) == ("people", "1", "resumes")
    said = indexed.sql("SELECT resume FROM people WHERE id = 1").rows()[0][0]
    assert str(said)[first.source.start : first.source.end].strip() == first.text.strip()
    assert not cited.answer.unsupported


def test_a_model_answers_from_passages_and_what_none_supports_is_listed(tmp_path: Path) -> None:
    def script(turns: "list[Turn] | tuple[Turn, ...]") -> str:
        return "The forklift operator has an OSHA-10 card [1]. She lives on the moon with twelve cats [1]."

    models = Models(
        embedder=lambda: FakeEmbedder(dimension=32), chat=lambda: ScriptedChat(script), entries=10
    )
    with open_lake(tmp_path / "lake", settings=SETTINGS, models=models) as lake:
        lake.upsert("people", PEOPLE, key="id")
        lake.index.build("resumes", table="people", text="resume", id="id")
        cited = lake.rag("Who has an OSHA-10 card?")
    assert any("OSHA-10" in citation.text for citation in cited.answer.citations)
    assert any("moon" in sentence for sentence in cited.answer.unsupported)


def test_a_model_that_is_not_set_up_is_refused(indexed: Lakehouse) -> None:
    with pytest.raises(Unavailable) as error:
        indexed.rag("who?", model="gpt")
    assert "[chat]" in error.value.hint


def test_judged_questions_set_the_weight_that_searches_use(indexed: Lakehouse) -> None:
    judged = {"forklift operator": {"1": 1.0}, "nurse": {"2": 1.0}, "welder pipes": {"4": 1.0}}
    learned = indexed.calibrate("resumes", judged)
    assert indexed.index.get("resumes").definition().weight == learned.weights.dense
    assert learned.questions == 3
    assert indexed.search("nurse", k=1).hits[0].id == "2"
    with pytest.raises(Invalid):
        indexed.calibrate("resumes", {"nurse": {}})


def test_texts_become_unit_vectors_and_repeated_ones_come_from_memory(lake: Lakehouse) -> None:
    made = lake.embed(["forklift", "nurse", "forklift"])
    assert made.vectors.shape == (3, 64)
    assert np.allclose(np.linalg.norm(made.vectors, axis=1), 1)
    assert (made.vectors[0] == made.vectors[2]).all()
    lake.embed(["nurse"])
    assert lake.embed_stats()["hits"] == 2
    with pytest.raises(Invalid):
        lake.embed(["  "])
    with pytest.raises(Invalid, match="document or query"):
        lake.embed(["x"], use="both")


def test_a_search_is_written_down_with_what_it_found(indexed: Lakehouse) -> None:
    found = indexed.search("forklift operator", k=2)
    kept = indexed.sql("SELECT search_id, k, rows, hits FROM system.searches").rows()
    assert kept == [(found.search_id, 2, 2, '[["resumes","1"],["resumes","3"]]')]


@pytest.fixture
def trial_lake(tmp_path: Path) -> Iterator[Lakehouse]:
    with open_with(tmp_path / "trials") as lake:
        rows = [{"id": n, "resume": f"worker number{n} group{n % 7}"} for n in range(300)]
        lake.upsert("people", rows, key="id")
        lake.index.build("resumes", table="people", text="resume", id="id")
        yield lake


def test_trials_are_measured_written_down_and_compared(trial_lake: Lakehouse) -> None:
    index = trial_lake.index
    first = index.trial("resumes", {"m": 8, "ef_search": 16}, queries=50)
    second = index.trial("resumes", {"storage": "fp32", "ef_search": 300}, queries=50)
    assert index.trials("resumes") == (first, second)
    assert second.recall >= first.recall
    assert second.recall_low <= second.recall <= second.recall_high
    rows = trial_lake.sql("SELECT index_name, recall, queries FROM system.trials ORDER BY id").rows()
    assert rows == [("resumes", first.recall, 50), ("resumes", second.recall, 50)]
    assert index.best("resumes", "recall")[0] == max((first, second), key=lambda t: (t.recall, -t.p50_ms))
    assert index.show("resumes").generation == 1
    assert not list((trial_lake.root / "indexes" / "resumes").glob(".trial-*"))


def test_a_trial_asks_the_questions_of_a_named_set(trial_lake: Lakehouse) -> None:
    asked = trial_lake.index.evaluate_on("resumes", "recruiters", ["worker number7", "group3", " "])
    assert asked == 2
    trial = trial_lake.index.trial("resumes", eval_set="recruiters")
    assert (trial.eval_set, trial.queries) == ("recruiters", 2)


def test_tuning_promotes_the_best_and_is_spent_when_all_was_tried(trial_lake: Lakehouse) -> None:
    facts = trial_lake.index.autotune("resumes", budget=20)
    assert facts is not None
    tried = trial_lake.index.trials("resumes")
    assert len({trial.config for trial in tried}) == len(tried) > 5
    assert trial_lake.index.show("resumes").generation == facts.generation
    assert not trial_lake.index.tune_later("resumes")


@pytest.mark.parametrize(
    "given", [{"query": None}, {"query": 5}, {"k": "5"}, {"k": 2.5}, {"k": True}, {"where": 5}]
)
def test_what_is_no_question_is_said_in_words(indexed: Lakehouse, given: dict[str, object]) -> None:
    with pytest.raises(Invalid, match="whole number") as error:
        indexed.search(**{"query": "welder"} | given)  # type: ignore[arg-type]  # as an untyped program may
    assert "lake.search" in error.value.hint


def test_a_name_or_an_id_alone_is_meant_whole(indexed: Lakehouse) -> None:
    found = indexed.search("welder", corpora="resumes", exclude="4")
    assert found.corpora == ("resumes",)
    assert "4" not in {hit.id for hit in found.hits}
    assert "1" in {hit.id for hit in indexed.search("forklift", exclude="12").hits}


def test_half_a_surrogate_pair_in_a_question_is_searched_and_written_down(indexed: Lakehouse) -> None:
    assert indexed.search("\ud800 welder").hits[0].id == "4"
    asked = indexed.sql("SELECT query FROM system.searches").rows()
    assert asked == [("? welder",)]
