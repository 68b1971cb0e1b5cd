"""Entries of the playbook on the command line: as a person types them, and as a script reads them."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest

from tests.edge.cli.conftest import Outcome, Run, run_in
from tests.edge.cli.search.conftest import made

Json = dict[str, object]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("worded") / "lake")


@pytest.fixture(scope="module")
def shows(root: Path) -> str:
    """The id of a search with an outcome."""
    done = run_in(root, "index", "build", "resumes", "--table", "workers", "--text", "{role}: {resume}")
    assert done.code == 0, done.err
    found = str(run_in(root, "search", "forklift operator", "--json").json["search_id"])
    assert run_in(root, "feedback", found, "1", "--outcome", "accepted").code == 0
    return found


@pytest.fixture
def lake(root: Path, shows: str) -> Run:
    """Commands on one lake; each test writes something of its own."""
    return lambda *words, **options: run_in(root, *words, **options)


def added(lake: Run, text: str, shows: str, *more: str) -> str:
    done = lake("playbook", "add", text, "--evidence", shows, "--json", *more)
    assert done.code == 0, done.err + done.out
    return str(cast(Json, done.json["entry"])["id"])


def listed(done: Outcome) -> list[Json]:
    assert done.code == 0, done.err
    return cast(list[Json], json.loads(done.out))


def test_an_entry_is_added_listed_shown_edited_and_dropped(lake: Run, shows: str) -> None:
    entry_id = added(
        lake, "Pallet jacks squeak on Mondays.", shows, "--section", "tools", "--scope", "city=Oslo"
    )
    shown = lake("playbook", "entries", "--section", "tools", width=80)
    assert re.search(rf"^{entry_id} +active +0 +0 +tools +Pallet", shown.out, re.MULTILINE)
    assert max(map(len, shown.out.splitlines())) <= 80
    said = lake("playbook", "edit", entry_id, "Trucks are washed before inspections.")
    assert said.out == f"✓ {entry_id} is at version 2\n"
    whole = lake("playbook", "entry", entry_id, width=80)
    assert whole.out.startswith("Trucks are washed before inspections.\n")
    for part in ("city=Oslo", shows, "0 helpful, 0 harmful", "active, version 2"):
        assert part in whole.out
    assert lake("playbook", "drop", entry_id, "--reason", "no longer so").code == 0
    assert listed(lake("playbook", "entries", "--section", "tools", "--json")) == []
    (gone,) = listed(lake("playbook", "entries", "--section", "tools", "--status", "retired", "--json"))
    assert (gone["id"], gone["reason"]) == (entry_id, "no longer so")
    history = cast(list[Json], lake("playbook", "entry", entry_id, "--json").json["history"])
    assert [one["op"] for one in history] == ["retire", "update", "add"]


def test_a_chosen_entry_is_voted_on_by_its_call(lake: Run, shows: str) -> None:
    entry_id = added(lake, "Turbine blades are inspected with mirrors.", shows, "--source", "ann")
    question = "how are turbine blades inspected"
    assert "Turbine blades are inspected with mirrors." in lake("playbook", "choose", question).out
    vote = ("playbook", "vote", entry_id, "--call", "call-7")
    refused = lake(*vote, "--helpful")
    assert (refused.code, "was not served" in refused.err) == (1, True)
    chosen = lake("playbook", "choose", question, "--call", "call-7", "--json").json
    assert chosen["call_id"] == "call-7"
    assert lake(*vote, "--harmful").out == f"✓ {entry_id} has 0 helpful, 1 harmful\n"
    assert lake(*vote, "--helpful", "--source", "ann").code == 1


def test_two_entries_become_one(lake: Run, shows: str) -> None:
    one = added(lake, "Orchards pay by the crate in autumn.", shows)
    other = added(lake, "Vineyards want gloves and own shears.", shows)
    said = lake("playbook", "merge", f"{one},{other}", "--reason", "one trade")
    assert said.out == f"✓ {one} says what 2 entries said\n"
    assert lake("playbook", "entry", other, "--json").json["merged_into"] == one


def test_without_evidence_an_entry_waits_until_somebody_looked(lake: Run) -> None:
    done = lake("playbook", "add", "Lighthouse keepers prefer letters.")
    assert done.code == 0
    assert "in quarantine (no_evidence)" in done.err
    entry_id = done.out.split()[1]
    assert lake("playbook", "choose", "do lighthouse keepers prefer letters").out == ""
    assert lake("playbook", "edit", entry_id, "--status", "active").code == 1
    assert lake("playbook", "edit", entry_id, "--status", "active", "--reason", "I know them").code == 0
    assert "Lighthouse" in lake("playbook", "choose", "do lighthouse keepers prefer letters").out


def test_a_rejected_text_is_said_by_rule_and_never_stored(lake: Run, root: Path, shows: str) -> None:
    secret = "AKIAIOSFODNN7EXAMPLE"
    done = lake("playbook", "add", f"Use {secret} there", "--evidence", shows)
    assert (done.code, done.out) == (1, "")
    assert "not taken (secret)" in done.err
    assert secret not in done.err
    told = lake("playbook", "add", f"Use {secret} there", "--evidence", shows, "--json")
    assert (told.code, told.json["outcome"], told.json["entry"]) == (1, "reject", None)
    files = [path for path in (root / "journal").rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if secret.encode() in path.read_bytes()]


def test_the_audit_is_a_table_with_the_measured_accuracy(lake: Run) -> None:
    shown = lake("playbook", "audit", width=80)
    assert max(map(len, shown.out.splitlines())) <= 80
    assert re.search(r"^secrets or personal data +\d+ +\d+ +\d+\.\d%$", shown.out, re.MULTILINE)
    assert re.search(r"^vectors +1\.000 +0\.990 +0\.910 +0\.012$", shown.out, re.MULTILINE)
    told = lake("playbook", "audit", "--json").json
    assert set(cast(Json, told["measured"])) == {"words", "vectors", "fresh"}


def test_a_rollback_takes_entries_along(lake: Run, shows: str) -> None:
    entry_id = added(lake, "Ferries board trucks before cars.", shows)
    (latest, *_) = listed(lake("playbook", "history", "-n", "1", "--json"))
    assert lake("playbook", "drop", entry_id, "--reason", "by mistake").code == 0
    assert lake("playbook", "rollback", "--to", str(latest["version"])).code == 0
    assert lake("playbook", "entry", entry_id, "--json").json["status"] == "active"


def test_another_process_sees_an_entry(lake: Run, root: Path, shows: str) -> None:
    entry_id = added(lake, "Glaciers close the north road until May.", shows)
    command = [
        sys.executable,
        "-m",
        "lakehouse",
        "--root",
        str(root),
        "playbook",
        "entry",
        entry_id,
        "--json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["content"] == "Glaciers close the north road until May."


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("add",), 2, "Missing argument"),
        (("add", " "), 1, "blank"),
        (("add", "x" * 600), 1, "too_long"),
        (("add", "a lesson", "--scope", "city"), 2, "city"),
        (("add", "a lesson", "--evidence", "a b"), 1, "id of a search or a trace"),
        (("entry", "nobody"), 1, "no entry 'nobody'"),
        (("entry", "../etc"), 1, "not an entry's id"),
        (("entries", "--status", "dead"), 2, "dead"),
        (("edit", "nobody"), 1, "nobody"),
        (("merge", "nobody", "--reason", "x"), 1, "two entries or more"),
        (("merge", "a,b"), 2, "--reason"),
        (("drop", "nobody", "--reason", "x"), 1, "nobody"),
        (("drop", "nobody"), 2, "--reason"),
        (("vote", "nobody", "--helpful"), 2, "--call"),
        (("vote", "nobody", "--call", "x"), 2, "helpful"),
        (("choose", " "), 1, "for a question"),
        (("choose", "x", "-k", "3"), 2, "-k"),
    ],
)
def test_what_is_wrong_is_said_with_its_exit_code(
    lake: Run, words: tuple[str, ...], code: int, said: str
) -> None:
    done = lake("playbook", *words)
    assert (done.code, said in done.err) == (code, True), done.err
