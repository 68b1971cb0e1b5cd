"""Lakes to search from the command line: by words, by ready vectors; no model, which would take seconds."""

import json
import math
from pathlib import Path

import pytest

from tests.edge.cli.conftest import Run, run_in

NO_MODEL = '[durability]\nmode = "process"\n[embedding]\nprovider = "none"\n'
WORKERS = (
    (1, "Oslo", "Forklift Operator", "Forklift operator with an OSHA-10 card, on night shifts."),
    (2, "Oslo", "Nurse", "Registered nurse: intensive care, seven years."),
    (3, "Rome", "Forklift Operator", "I drive a forklift in a cold store."),
    (4, "Rome", "Welder", "Pipes and tanks, certified."),
    (5, "Bonn", "Bookkeeper", "Ledgers, payroll, tax."),
)
POINTS = 60


def made(root: Path) -> Path:
    """A lake without a model, with two tables: workers (texts) and points (ready vectors)."""
    root.mkdir()
    (root / "lakehouse.toml").write_text(NO_MODEL)
    workers = [dict(zip(("id", "city", "role", "resume"), row, strict=True)) for row in WORKERS]
    points = [
        {"id": n, "name": f"point {n}", "v": [math.sin(n * (i + 1)) for i in range(8)]}
        for n in range(1, POINTS + 1)
    ]
    for name, rows in (("workers", workers), ("points", points)):
        file = root.parent / f"{name}.ndjson"
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
        assert run_in(root, "ingest", file, "--key", "id").code == 0
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """That lake, for one test alone."""
    return made(tmp_path / "lake")


@pytest.fixture(scope="session")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That lake with both indexed; no test changes it."""
    root = made(tmp_path_factory.mktemp("searched") / "lake")
    words = ("--table", "workers", "--text", "{role}: {resume}")
    assert run_in(root, "index", "build", "resumes", *words).code == 0
    ready = ("--table", "points", "--vector", "v", "--text", "name")
    assert run_in(root, "index", "build", "points", *ready).code == 0
    return root


@pytest.fixture
def on(searched: Path) -> Run:
    """Commands that look at the indexed lake."""
    return lambda *words, **options: run_in(searched, *words, **options)


@pytest.fixture
def at(root: Path) -> Run:
    """Commands on the lake of one test."""
    return lambda *words, **options: run_in(root, *words, **options)
