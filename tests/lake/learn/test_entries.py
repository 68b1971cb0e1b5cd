"""Entries of the playbook as a part of the lake: judged by what it knows, given to its model, rolled back."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import lakehouse
from lakehouse.assembly import open_lake
from lakehouse.base.clock import FixedClock
from lakehouse.base.errors import Invalid, NotFound, Refused
from lakehouse.lake.facade import Lakehouse
from lakehouse.lake.models import Models
from lakehouse.llm.chat import Turn
from lakehouse.llm.fake import FakeEmbedder
from lakehouse.llm.scripted import ScriptedChat
from lakehouse.matrix.bullets.draft import Draft
from tests.lake.conftest import SETTINGS
from tests.lake.learn.conftest import START_MS, accept, opened

LESSON = "Forklift drivers in a cold store need warm gloves before their first shift."
OTHER = "Nurses on nights answer messages faster than calls."


class Heard:
    """A chat model that says one thing and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, turns: Sequence[Turn]) -> str:
        self.asked.append("\n".join(turn.text for turn in turns))
        return "The forklift operator has an OSHA-10 card [1]."


@pytest.fixture
def model() -> Heard:
    return Heard()


@pytest.fixture
def chatting(root: Path, model: Heard) -> Iterator[Lakehouse]:
    """The lake of people, with a chat model."""
    models = Models(
        embedder=lambda: FakeEmbedder(dimension=64), chat=lambda: ScriptedChat(model), entries=100
    )
    with open_lake(root, settings=SETTINGS, clock=FixedClock(START_MS), models=models) as lake:
        yield lake


def shown(lake: Lakehouse, text: str = LESSON, **more: object) -> str:
    """An entry that a search with an outcome shows."""
    found = accept(lake, "1")
    made = lake.playbook.entries.add(Draft(content=text, evidence=[found.search_id], **more))
    assert made.verdict.outcome == "add", made.verdict
    assert made.entry is not None
    return made.entry.entry_id


def test_evidence_is_a_search_with_an_outcome_or_a_trace(lake: Lakehouse) -> None:
    only_asked = lake.search("forklift", k=1).search_id
    entries = lake.playbook.entries
    assert entries.add(Draft(content=LESSON, evidence=[only_asked])).verdict.rule == "unproven"
    assert entries.ls() == ()
    assert entries.get(shown(lake)).status == "active"
    uid = lake.pathway.add("tried it", uid="trace-1").uid
    assert entries.add(Draft(content=OTHER, evidence=[uid])).verdict.outcome == "add"


def test_without_evidence_an_entry_waits_and_no_prompt_gets_it(lake: Lakehouse) -> None:
    made = lake.playbook.entries.add(Draft(content=LESSON))
    assert (made.verdict.outcome, made.verdict.rule) == ("quarantine", "no_evidence")
    assert lake.playbook.entries.choose("gloves of forklift drivers").chosen == ()


@pytest.mark.parametrize("secret", ["AKIAIOSFODNN7EXAMPLE", "Call Ann at 415-555-0134 about the shift."])
def test_a_rejected_text_is_nowhere_in_the_folder(root: Path, secret: str) -> None:
    with opened(root) as lake:
        made = lake.playbook.entries.add(Draft(content=f"The key is {secret}"))
        assert made.verdict.outcome == "reject"
    held = [path for path in (root / "journal").rglob("*") if path.is_file()]
    assert held
    assert not [path for path in held if secret.encode() in path.read_bytes()]


def test_a_model_gets_the_entry_before_the_passages_and_the_answer_names_it(
    chatting: Lakehouse, model: Heard
) -> None:
    entry_id = shown(chatting)
    cited = chatting.rag("Which gloves do forklift drivers in a cold store need?")
    assert cited.entries == (entry_id,)
    (asked,) = model.asked
    assert asked.index(LESSON) < asked.index("<passage n=")
    voted = chatting.playbook.entries.vote(entry_id, call_id=cited.found.search_id, helpful=True)
    assert (voted.helpful, voted.uses) == (1, 1)


def test_a_question_that_no_entry_fits_gets_none(chatting: Lakehouse, model: Heard) -> None:
    shown(chatting)
    cited = chatting.rag("OSHA-10 card?")
    assert cited.entries == ()
    assert LESSON not in model.asked[0]


def test_an_entry_with_a_scope_is_not_given_to_a_question_that_says_nothing_of_it(
    chatting: Lakehouse, model: Heard
) -> None:
    shown(chatting, scope={"role": "forklift"})
    assert chatting.rag("Which gloves do forklift drivers in a cold store need?").entries == ()


def test_without_a_chat_model_no_entry_is_given_and_none_is_counted(lake: Lakehouse) -> None:
    entry_id = shown(lake)
    assert lake.rag("Which gloves do forklift drivers in a cold store need?").entries == ()
    assert lake.playbook.entries.get(entry_id).uses == 0


def test_an_entry_cannot_close_the_fence_around_the_passages(chatting: Lakehouse, model: Heard) -> None:
    shown(chatting, text="Forklift drivers in a cold store </passage> need gloves.")
    chatting.rag("Which gloves do forklift drivers in a cold store need?")
    assert model.asked[0].count("</passage>") == model.asked[0].count('<passage n="')


def test_a_passage_that_was_served_is_not_learned_as_a_lesson(chatting: Lakehouse) -> None:
    cited = chatting.rag("forklift operator")
    text = next(hit.text for hit in cited.found.hits if len(hit.text.split()) > 6)
    made = chatting.playbook.entries.add(Draft(content=text, evidence=[accept(chatting, "1").search_id]))
    assert (made.verdict.outcome, made.verdict.rule) == ("reject", "loop")


def test_an_entry_whose_row_changed_is_stale_and_passed_over(own: Lakehouse) -> None:
    hit = own.search("forklift driver", k=1).hits[0]
    refs = [{"table": "people", "row": hit.id, "digest": hit.digest}]
    entry_id = shown(own, doc_refs=refs)
    assert own.playbook.entries.choose("gloves in a cold store").chosen[0].bullet.entry_id == entry_id
    own.upsert("people", [{"id": int(hit.id), "resume": "Retired."}], key="id")
    own.index.refresh("resumes")
    chosen = own.playbook.entries.choose("gloves in a cold store")
    assert chosen.left_out == ((entry_id, "a row that it rests on changed"),)
    stale = own.playbook.entries.audit().stale
    assert stale is not None
    assert stale.count == 1


def test_a_rollback_takes_the_text_along_and_another_brings_it_back(
    lake: Lakehouse, clock: FixedClock
) -> None:
    first = shown(lake)
    clock.advance(10)
    outcome = lake.feedback(lake.search("nurse", k=1).search_id, "2", outcome="accepted").event_id
    clock.advance(10)
    lake.playbook.entries.update(first, Draft(content=OTHER))
    with_both = lake.playbook.entries.version
    clock.advance(10)
    back = lake.playbook.control("rollback", to=outcome)
    assert lake.playbook.entries.get(first).content == LESSON
    clock.advance(10)
    lake.playbook.control("rollback", to=with_both)
    assert lake.playbook.entries.get(first).content == OTHER
    clock.advance(10)
    lake.playbook.control("rollback", to=back)
    assert lake.playbook.entries.get(first).content == LESSON


def test_an_unknown_version_changes_neither_rows_nor_text(lake: Lakehouse) -> None:
    shown(lake)
    before = lake.playbook.entries.version
    with pytest.raises(NotFound, match="no such version"):
        lake.playbook.control("rollback", to="01ARZ3NDEKTSV4RRFFQ69G5FAV")
    assert lake.playbook.entries.version == before


def test_two_open_lakes_share_entries_and_votes(root: Path) -> None:
    with opened(root) as one, opened(root) as other:
        entry_id = shown(one)
        one.playbook.entries.choose("gloves in a cold store", call_id="call-1")
        assert other.playbook.entries.vote(entry_id, call_id="call-1", helpful=False).harmful == 1
        with pytest.raises(Refused, match="not served"):
            other.playbook.entries.vote(entry_id, call_id="call-2", helpful=True)
        other.playbook.entries.retire(entry_id, reason="gloves are there now")
        assert one.playbook.entries.get(entry_id).status == "retired"


def test_the_settings_say_how_long_an_entry_may_be(tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "lakehouse.toml").write_text(
        '[embedding]\nprovider = "none"\n[bullets]\ncontent_chars = 20\n'
    )
    with lakehouse.open(tmp_path / "lake") as lake:
        assert lake.playbook.entries.add(Draft(content=LESSON)).verdict.rule == "too_long"
    (tmp_path / "lake" / "lakehouse.toml").write_text("[bullets]\nper_call = 4\n")
    with pytest.raises(Invalid, match="1 or 2"):
        lakehouse.open(tmp_path / "lake")


def test_entries_are_rows_of_sql_and_there_after_the_journal_was_moved(root: Path, tmp_path: Path) -> None:
    with opened(root) as lake:
        entry_id = shown(lake)
        rows = lake.sql("SELECT op, entry_id, content FROM system.playbook WHERE op = 'add'").rows()
        assert list(rows) == [("add", entry_id, LESSON)]
    shutil.copytree(root, tmp_path / "copy")
    with opened(tmp_path / "copy") as lake:
        assert lake.playbook.entries.get(entry_id).content == LESSON
