"""Hygiene's own accuracy: planted copies are caught, clean candidates are not; both figures are published."""

import pytest

from lakehouse.llm.cache import CachedEmbedder
from lakehouse.llm.embedding import Embedder
from lakehouse.llm.minilm.embedder import MiniLM
from lakehouse.matrix.bullets.audit import MEASURED, Accuracy, accuracy
from lakehouse.matrix.bullets.draft import Draft
from lakehouse.matrix.bullets.outside import Outside
from tests.matrix.bullets.desk import desk
from tests.matrix.bullets.pairs import FRESH, PAIRS
from tests.matrix.bullets.planted import cases, differ

needs_model = pytest.mark.skipif(not MiniLM.is_installed(), reason="the weights of MiniLM are not installed")


@pytest.fixture(scope="module")
def minilm(tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    return CachedEmbedder(MiniLM(tmp_path_factory.mktemp("minilm")))


def measured(embedder: Embedder | None) -> Accuracy:
    """Candidates against a playbook of the hundred lessons."""
    made = desk(outside=Outside(embedder=embedder))
    for place, (said, _) in enumerate(PAIRS):
        made.add(Draft(content=said, evidence=[f"s{place}"]))
    return accuracy(
        (kind, made.check(Draft(content=text, evidence=["new"])).outcome != "add") for kind, text in cases()
    )


def figures(found: Accuracy) -> dict[str, float]:
    return {**{kind: share.rate for kind, share in found.caught.items()}, "clean": found.clean.rate}


def test_most_near_copies_differ_by_more_than_case_and_marks() -> None:
    kinds = [kind for kind, _ in cases()]
    assert [kinds.count(kind) for kind in ("verbatim", "near", "rephrased", "clean")] == [100, 100, 100, 500]
    assert differ() >= 75


def test_words_alone_catch_copies_and_let_clean_candidates_in() -> None:
    found = figures(measured(None))
    assert found["verbatim"] == 1
    assert found["near"] >= 0.98
    assert found["clean"] <= 0.02
    assert found == pytest.approx(MEASURED["words"])


@needs_model
def test_with_vectors_rewordings_are_caught_too(minilm: Embedder) -> None:
    found = figures(measured(minilm))
    assert found["verbatim"] == 1
    assert found["near"] >= 0.98
    assert found["rephrased"] >= 0.9
    assert found["clean"] <= 0.02
    assert found == pytest.approx(MEASURED["vectors"], abs=0.011)


@needs_model
def test_pairs_written_after_all_was_settled_confirm_it_and_no_other_lesson_is_linked(
    minilm: Embedder,
) -> None:
    made = desk(outside=Outside(embedder=minilm))
    for said, _, _ in FRESH:
        assert made.add(Draft(content=said, evidence=["s"])).verdict.outcome == "add"
    again = [made.check(Draft(content=text, evidence=["x"])).outcome for _, text, _ in FRESH]
    other = [made.check(Draft(content=text, evidence=["x"])).outcome for _, _, text in FRESH]
    assert 1 - again.count("add") / len(again) == pytest.approx(MEASURED["fresh"]["rephrased"], abs=0.026)
    assert 1 - other.count("add") / len(other) == pytest.approx(MEASURED["fresh"]["clean"], abs=0.026)
    assert "link" not in other
