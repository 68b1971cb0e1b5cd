"""The matrix from the command line: what was understood, what is shown, and what is said where nothing is."""

import json
from pathlib import Path
from typing import cast

import pytest
from rich.cells import cell_len

from tests.edge.cli.conftest import Outcome, Run, run_in

ROWS = [
    {
        "id": n,
        "city": ("Oslo", "Rome", "Bonn")[n % 3],
        "role": ("Welder", "Nurse")[n % 2],
        "email": f"n{n}@example.com",
        "resume": f"{('Welder', 'Nurse')[n % 2]} number {n} with a long record of careful work in teams",
    }
    for n in range(1, 31)
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("matrix")
    root = folder / "lake"
    root.mkdir()
    (root / "lakehouse.toml").write_text('[durability]\nmode = "process"\n[embedding]\nprovider = "none"\n')
    file = folder / "people.ndjson"
    file.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    (folder / "notes").mkdir()
    (folder / "notes" / "a.md").write_text("# Masks\n\nWelders wear masks.\n")
    assert run_in(root, "ingest", file, "--key", "id").code == 0
    words = ("--table", "people", "--text", "resume", "--id", "id", "--facet", "city,role", "--key", "city")
    assert run_in(root, "matrix", "build", "people", *words).code == 0
    assert run_in(root, "matrix", "build", "notes", "--folder", folder / "notes").code == 0
    return root


def on(root: Path, *words: str, width: int = 100) -> Outcome:
    return run_in(root, "matrix", *words, width=width)


def test_what_was_read_from_the_question_stands_above_the_hits(root: Path) -> None:
    done = on(root, "search", "welder not in Oslo", "-c", "people", "-k", "3", width=80)
    assert done.code == 0, done.err
    first, second = done.out.splitlines()[:2]
    assert "not city Oslo" in first
    assert "role is Welder" in first
    assert " P 0." in second
    assert second.endswith("people")
    assert max(map(cell_len, done.out.splitlines())) <= 80


def test_scripts_get_the_whole_answer(root: Path) -> None:
    done = on(root, "search", "welder not in Oslo", "-k", "4", "--partial", "--json")
    members = {"search_id", "hits", "is_answered", "why", "corpora", "missing", "dropped", "snapshots"}
    assert set(done.json) == members | {"learning", "elapsed_ms"}
    people = next(s for s in cast(list[dict[str, object]], done.json["corpora"]) if s["corpus"] == "people")
    assert people["conditions"] == ["role is Welder", "city not is Oslo"]


def test_a_filter_a_role_and_ids_left_out_hold(root: Path) -> None:
    words = ("search", "careful work", "--all", "--filter", "city=Rome", "--filter", "city=Bonn", "--json")
    done = on(root, *words, "--role", "welder", "--exclude", "4,10", "-k", "50", "--per-corpus-k", "50")
    found = {one["hit"]["id"] for one in cast(list[dict[str, dict[str, str]]], done.json["hits"])}
    cities = {str(row["id"]) for row in ROWS if row["city"] != "Oslo" and row["role"] == "Welder"}
    assert found == cities - {"4", "10"}


def test_what_is_not_in_the_data_is_said_with_what_to_do(root: Path) -> None:
    done = on(root, "search", "submarine pilot", "--explain", width=80)
    assert done.code == 0
    assert "Not in the data" in done.out
    assert max(map(cell_len, done.out.splitlines())) <= 80


def test_cards_are_listed_added_and_removed(root: Path) -> None:
    added = on(root, "add", "northern", "--index", "people", "--filter", "city = 'Oslo'", "--weight", "2")
    assert added.code == 0, added.err
    cards = json.loads(on(root, "corpora", "--json").out)
    northern = next(card for card in cards if card["name"] == "northern")
    assert (northern["index"], northern["weight"]) == ("people", 2.0)
    assert "northern" in on(root, "corpora", width=80).out
    assert on(root, "remove", "northern").code == 0
    assert on(root, "remove", "northern").code == 1


def test_a_card_comes_from_a_file_and_options_go_before_it(root: Path, tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text('{"index": "people", "facets": ["city"], "weight": 3}')
    done = on(root, "add", "mine", "--card", f"@{tmp_path / 'card.json'}", "--weight", "4", "--json")
    assert (done.json["weight"], done.json["facets"]) == (4.0, ["city"])
    on(root, "remove", "mine")


def test_suggestions_name_no_personal_data_and_how_to_go_on(root: Path) -> None:
    done = on(root, "suggest", "people")
    assert done.code == 0, done.err
    assert "city" in done.out
    assert "email" not in done.out
    assert "--facet" in done.err


def test_the_gates_decide_and_say_why(root: Path, tmp_path: Path) -> None:
    down = on(root, "downgrade", "big", "--json").json
    assert (down["mode"], down["downgraded_from"]) == ("isolation", "composed")
    forced = on(root, "downgrade", "big", "--force-mode", "composed", "--json").json
    assert (forced["mode"], forced["downgraded_from"]) == ("composed", None)
    assert on(root, "downgrade", "tiny:free").out.startswith("composed")
    focus, near, far = (tmp_path / name for name in ("a.py", "near.md", "far.md"))
    focus.write_text("import json\n\ndef measure(): ...\n")
    near.write_text("measure is in a.py")
    far.write_text("json is a format")
    judged = on(root, "relevance", str(focus), str(near), str(far), "--json").json
    assert [one["id"] for one in cast(list[dict[str, str]], judged["kept"])] == [str(near)]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("search", "welder", "-c", "nope"), 1),
        (("search", "👷"), 1),
        (("search", ""), 1),
        (("search", "welder", "-k", "0"), 2),
        (("search", "welder", "--filter", "city"), 1),
        (("add", "x", "--index", "nope"), 1),
        (("add", "people", "--card", "[1]"), 1),
        (("add", "people", "--card", "@/nowhere"), 1),
        (("build", "x"), 2),
        (("build", "x", "--table", "people"), 2),
        (("build", "x", "--folder", "/nowhere"), 1),
        (("suggest", "nope"), 1),
        (("relevance", "/nowhere", "/nowhere"), 1),
    ],
)
def test_foolish_input_is_refused_in_words(root: Path, words: tuple[str, ...], code: int) -> None:
    done = on(root, *words)
    assert done.code == code
    assert done.err
    assert "Traceback" not in done.err


def test_a_group_alone_lists_the_corpora(run: Run, root: Path) -> None:
    assert run_in(root, "matrix").out == on(root, "corpora").out
    assert run("matrix").code == 1
