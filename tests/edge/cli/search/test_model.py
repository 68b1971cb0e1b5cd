"""With the real model: other words find the row, and an interrupt keeps what was embedded."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lakehouse.llm.minilm import weights
from tests.edge.cli.conftest import run_in
from tests.edge.cli.search.conftest import WORKERS

LAKEHOUSE = [sys.executable, "-m", "lakehouse"]
MANY = 20_000
"""Rows whose meaning takes longer than any machine of ours needs for the first line of progress."""

pytestmark = pytest.mark.skipif(weights.folder() is None, reason="the embedding model is not installed")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with the workers, their resumes embedded."""
    folder = tmp_path_factory.mktemp("model")
    rows = [dict(zip(("id", "city", "role", "resume"), row, strict=True)) for row in WORKERS]
    (folder / "workers.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run_in(folder / "lake", "ingest", folder / "workers.ndjson", "--key", "id").code == 0
    words = ("--table", "workers", "--text", "{role}: {resume}")
    built = run_in(folder / "lake", "index", "build", "resumes", *words)
    assert built.code == 0, built.err
    assert "5 rows of workers by words, 5 by meaning" in built.out
    assert "384 dimensions" in built.out
    assert "by words only" not in built.err
    return folder / "lake"


@pytest.mark.parametrize(
    ("question", "row"),
    [("somebody who does the accounts", "5"), ("helps a doctor in the hospital", "2"), ("joins metal", "4")],
)
def test_a_question_in_other_words_finds_its_row(root: Path, question: str, row: str) -> None:
    (hit,) = run_in(root, "search", question, "-k", "1", "--json").json["hits"]  # type: ignore[misc]
    assert (hit["id"], hit["parts"]["lexical"]) == (row, None)
    assert hit["why"].startswith("meaning 0.")


def test_an_interrupted_build_says_what_was_kept_and_goes_on_from_there(root: Path, tmp_path: Path) -> None:
    lines = "".join(f'{{"id": {n}, "text": "person {n} {"drives and loads " * 40}"}}\n' for n in range(MANY))
    (tmp_path / "many.ndjson").write_text(lines)
    assert run_in(root, "ingest", tmp_path / "many.ndjson", "--key", "id").code == 0
    words = ["index", "build", "many", "--table", "many", "--text", "text"]
    builder = subprocess.Popen(
        [*LAKEHOUSE, *words],
        env={**os.environ, "LAKEHOUSE_ROOT": str(root), "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    assert builder.stderr is not None
    for line in builder.stderr:
        if json.loads(line)["phase"] == "meaning":
            break
    os.killpg(builder.pid, signal.SIGINT)  # as a terminal does it
    out, said = builder.communicate()
    assert (builder.returncode, out) == (130, "")
    assert "kept: words of 20,000 rows, the meaning of " in said
    assert "fix  lakehouse index refresh many" in said
    assert "Traceback" not in said
    found = run_in(root, "search", "person 17", "--corpus", "many", "-k", "1", "--json").json
    assert found["hits"][0]["id"] == "17"  # type: ignore[index]
    assert "lakehouse index refresh many" in found["notes"][0] or "so far" in found["notes"][0]  # type: ignore[index]
