"""The rich shape: what makes a kind of task, what is read of it, and what is wrong with it."""

from hashlib import sha256

import pytest

from lakehouse.base.errors import Invalid
from lakehouse.memory import path
from lakehouse.memory.events import path_of
from lakehouse.memory.vector import similarity
from tests.memory.remembered import RICH, TASK

Content = dict[str, object]


def read(**changes: object) -> path.Path:
    return path.written({**RICH, **changes})  # type: ignore[arg-type]  # JSON


def test_a_pathway_id_is_the_hash_of_the_kind_of_task() -> None:
    expected = sha256(b"review\x1fcrates/vectord\x1fperf").hexdigest()
    assert read().pathway_id == expected
    assert read(file_path="crates/vectord/other/deep/file.rs").pathway_id == expected
    assert read(file_path="crates/queryd/src/index.rs").pathway_id != expected
    assert read(signal_class="bug").pathway_id != expected


@pytest.mark.parametrize(
    ("file_path", "prefix"),
    [
        ("crates/vectord/src/a.rs", "crates/vectord"),
        ("./crates//vectord/src/a.rs", "crates/vectord"),
        ("/crates/vectord", "crates/vectord"),
        ("crates\\vectord\\a.rs", "crates/vectord"),
        ("main.py", "main.py"),
        ("", ""),
    ],
)
def test_a_file_prefix_is_the_first_two_segments(file_path: str, prefix: str) -> None:
    assert path.file_prefix(file_path) == prefix


def test_the_model_is_that_of_the_last_accepted_attempt() -> None:
    assert read().model == "large"
    assert read(ladder_attempts=[]).model == ""
    assert read(ladder_attempts=[{"model": "a", "accepted": True}, {"model": "b"}]).model == "a"


@pytest.mark.parametrize(
    ("given", "audit"),
    [
        (None, "missing"),
        (True, "passed"),
        (False, "failed"),
        ("passed", "passed"),
        ("Rejected", "failed"),
        ({"passed": True}, "passed"),
        ({"passed": False, "by": 3}, "failed"),
        ({"verdict": "fail"}, "failed"),
        ({"passed": None}, "unreadable"),
        ({"votes": 3}, "unreadable"),
        ("mostly", "unreadable"),
        (1, "unreadable"),
        ([], "unreadable"),
    ],
)
def test_an_audit_passed_failed_is_missing_or_cannot_be_read(given: object, audit: str) -> None:
    assert path.audit_of(given) == audit  # type: ignore[arg-type]  # JSON


def test_a_task_that_was_not_tried_yet_is_exactly_alike_to_the_same_one_tried() -> None:
    asked = path.written(dict(TASK))  # type: ignore[arg-type]  # JSON
    assert asked.vector == read().vector
    assert similarity(asked.vector, read().vector) == 1


def test_flags_bugs_passages_and_types_all_move_the_vector() -> None:
    whole = read().vector
    for member in ("semantic_flags", "bug_fingerprints", "kb_chunks", "type_hints_used"):
        assert similarity(read(**{member: []}).vector, whole) < 1
    assert read(final_verdict="rejected", ladder_attempts=[]).vector == whole
    assert read(task_class="REVIEW").vector == whole


@pytest.mark.parametrize(
    "changes",
    [
        {"task_class": ""},
        {"task_class": 7},
        {"signal_class": "two\nlines"},
        {"signal_class": "x" * 1001},
        {"pathway_id": "0" * 64},
        {"pathway_id": "short"},
        {"ladder_attempts": "none"},
        {"ladder_attempts": ["x"]},
        {"ladder_attempts": [{"rung": 1}]},
        {"ladder_attempts": [{"model": "m", "accepted": 1}]},
        {"kb_chunks": [{"source": "adr"}]},
        {"semantic_flags": [1]},
        {"semantic_flags": ["Ugly"]},
        {"semantic_flags": {"UnitMismatch": 1}},
        {"type_hints_used": [{"symbol": "x"}]},
        {"bug_fingerprints": [{"flag": "DeadCode"}]},
        {"bug_fingerprints": [{"flag": "DeadCode", "pattern_key": "k", "occurrences": 0}]},
        {"bug_fingerprints": [{"flag": "DeadCode", "pattern_key": "k", "occurrences": True}]},
        {"audit_consensus": "mostly"},
    ],
    ids=str,
)
def test_a_member_that_is_wrong_is_refused_by_name(changes: Content) -> None:
    with pytest.raises(Invalid) as refused:
        read(**changes)
    name = next(iter(changes))
    assert name in refused.value.message
    assert refused.value.hint


def test_a_pathway_id_alone_will_do_where_the_kind_of_task_is_not_known() -> None:
    found = path.written({"schema": path.SCHEMA, "pathway_id": "a" * 64})
    assert (found.pathway_id, found.file_prefix, found.audit) == ("a" * 64, "", "missing")


def test_stored_content_that_cannot_be_read_is_opaque_and_unknown_flags_are_kept() -> None:
    assert path_of({**RICH, "kb_chunks": 7}) is None  # type: ignore[dict-item]  # JSON
    assert path_of({"task_class": "review"}) is None
    assert path_of("pathway/1") is None
    kept = path_of({**RICH, "semantic_flags": ["FromTheFuture"]})  # type: ignore[dict-item]  # JSON
    assert kept is not None
    assert kept.flags == ("FromTheFuture",)
