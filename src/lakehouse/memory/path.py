"""[pure] The rich trace: what a run tried for a kind of task, read from the content of a trace.

Content is a rich trace when it is an object that says `"schema": "pathway/1"`. Its members

    task_class, file_path, signal_class   what kind of task; from these comes the `pathway_id`
    pathway_id                            in place of the three, where only that is known
    ladder_attempts                       [{rung, model, latency_ms, accepted, reject_reason}]
    kb_chunks                             [{source, doc_id, cosine, rank}]
    audit_consensus                       true, false, "passed", "failed", {"passed": …} or null: not audited
    semantic_flags                        of `fingerprint.FLAGS`
    type_hints_used                       [{source, symbol, type_repr}]
    bug_fingerprints                      [{flag, pattern_key, example, occurrences}]

are checked when they are written. Others (observer signals, bridge hits, sub-pipeline calls, reducer summary,
final verdict, whatever comes) are kept as they are.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal

from lakehouse.base.errors import Invalid
from lakehouse.memory.fingerprint import FLAGS, Bug
from lakehouse.memory.vector import Vector, normal, vector
from lakehouse.store.streams import Json

SCHEMA: Final = "pathway/1"
SEPARATOR: Final = "\x1f"
"""Between the parts of a pathway id: a control character, which no part may hold."""

SEGMENTS: Final = 2
HEX: Final = re.compile(r"[0-9a-f]{64}")
PART_CHARS: Final = 1_000

Audit = Literal["passed", "failed", "missing", "unreadable"]
PASSED: Final = ("passed", "pass", "accepted", "accept", "confirmed")
FAILED: Final = ("failed", "fail", "rejected", "reject")


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """What a rich trace says, as far as decisions need it."""

    pathway_id: str
    """The kind of task: SHA-256 of task class, file prefix and signal class, lowercase hex."""

    task_class: str = ""
    file_path: str = ""
    signal_class: str = ""
    model: str = ""
    """Of the last attempt that was accepted; empty: none was, so there is nothing to swap to."""

    audit: Audit = "missing"
    flags: tuple[str, ...] = ()
    bugs: tuple[Bug, ...] = ()
    chunks: tuple[tuple[str, str], ...] = ()
    """Source and document id of each passage that was read."""

    hints: tuple[tuple[str, str], ...] = ()
    """Symbol and type."""

    @property
    def file_prefix(self) -> str:
        """The first two segments of the file's path."""
        return file_prefix(self.file_path)

    @property
    def vector(self) -> Vector:
        """Of what can be known before the task is tried, so that a new task can be alike to a finished one.

        Attempts, latencies and verdicts are left out.
        """
        said = {"task": [self.task_class], "signal": [self.signal_class], "path": segments(self.file_path)}
        tokens = {f"{name}:{normal(text)}" for name, texts in said.items() for text in texts if text}
        tokens |= {f"kb:{normal(source)}/{normal(doc)}" for source, doc in self.chunks}
        tokens |= {f"type:{normal(symbol)}={normal(kind)}" for symbol, kind in self.hints}
        tokens |= {f"flag:{flag}" for flag in self.flags}
        return vector(tokens | {f"bug:{bug.pattern_key}" for bug in self.bugs})


def segments(path: str) -> list[str]:
    """The names of a path, whichever slash stands between them."""
    return [part for part in re.split(r"[/\\]+", path) if part not in {"", "."}]


def file_prefix(path: str) -> str:
    """The first two segments of a path: crates/vectord/src/index.rs belongs to crates/vectord."""
    return "/".join(segments(path)[:SEGMENTS])


def pathway_id(*, task_class: str, file_path: str, signal_class: str) -> str:
    """SHA-256 of task class, file prefix and signal class in UTF-8 with U+001F between them, hex."""
    parts = (task_class, file_prefix(file_path), signal_class)
    return sha256(SEPARATOR.join(parts).encode()).hexdigest()


def claims(content: Json) -> bool:
    """Does the content say that it is a rich trace?"""
    return isinstance(content, Mapping) and content.get("schema") == SCHEMA


def read(content: Mapping[str, Json]) -> Path:
    """What a rich trace says.

    Raises:
        Invalid: a member is not as the module describes it; the message names it.
    """
    parts = {name: _part(content, name) for name in ("task_class", "file_path", "signal_class")}
    chunks = [
        (_text(c, "kb_chunks.source"), _text(c, "kb_chunks.doc_id")) for c in _objects(content, "kb_chunks")
    ]
    hints = [
        (_text(h, "type_hints_used.symbol"), _text(h, "type_hints_used.type_repr"))
        for h in _objects(content, "type_hints_used")
    ]
    return Path(
        **parts,
        pathway_id=_id(content, **parts),
        model=_model(content),
        audit=audit_of(content.get("audit_consensus")),
        flags=_flags(content),
        bugs=tuple(_bug(b) for b in _objects(content, "bug_fingerprints")),
        chunks=tuple(chunks),
        hints=tuple(hints),
    )


def written(content: Mapping[str, Json]) -> Path:
    """The same for content that is being written: stricter, since its author can still mend it.

    Raises:
        Invalid: besides what `read` says, an unknown flag, or an audit result that nobody could read.
    """
    found = read(content)
    if unknown := [flag for flag in found.flags if flag not in FLAGS]:
        raise _wrong("semantic_flags", f"of {', '.join(FLAGS)}, not {unknown[0][:60]!r}")
    if found.audit == "unreadable":
        raise _wrong("audit_consensus", "true, false, passed, failed, or an object with `passed`")
    return found


def audit_of(given: Json) -> Audit:
    """What an audit said; `unreadable` is not a pass."""
    if isinstance(given, Mapping):
        given = given.get("passed", given.get("verdict", ""))
        if given is None:
            return "unreadable"
    match given:
        case None:
            return "missing"
        case bool():
            return "passed" if given else "failed"
        case str() if given.casefold() in PASSED:
            return "passed"
        case str() if given.casefold() in FAILED:
            return "failed"
        case _:
            return "unreadable"


def _id(content: Mapping[str, Json], *, task_class: str, file_path: str, signal_class: str) -> str:
    given = content.get("pathway_id")
    if given is not None and (not isinstance(given, str) or not HEX.fullmatch(given)):
        raise _wrong("pathway_id", "64 hexadecimal digits")
    if task_class and file_path and signal_class:
        made = pathway_id(task_class=task_class, file_path=file_path, signal_class=signal_class)
        if given not in {None, made}:
            raise _wrong("pathway_id", "left out: it follows from task_class, file_path and signal_class")
        return made
    if given is None:
        raise Invalid(
            "a pathway needs task_class, file_path and signal_class, or a pathway_id",
            hint='{"schema": "pathway/1", "task_class": "review", "file_path": "a/b", "signal_class": "x"}',
        )
    return str(given)


def _model(content: Mapping[str, Json]) -> str:
    accepted = ""
    for attempt in _objects(content, "ladder_attempts"):
        model, verdict = _text(attempt, "ladder_attempts.model"), attempt.get("accepted", False)
        if not isinstance(verdict, bool):
            raise _wrong("ladder_attempts.accepted", "true or false")
        accepted = model if verdict else accepted
    return accepted


def _flags(content: Mapping[str, Json]) -> tuple[str, ...]:
    given = _list(content, "semantic_flags")
    if not all(isinstance(flag, str) for flag in given):
        raise _wrong("semantic_flags", "a list of words")
    return tuple(dict.fromkeys(map(str, given)))


def _bug(given: Mapping[str, Json]) -> Bug:
    count, flag = given.get("occurrences", 1), _text(given, "bug_fingerprints.flag")
    if type(count) is not int or count < 1:
        raise _wrong("bug_fingerprints.occurrences", "a whole number above 0")
    key, example = _text(given, "bug_fingerprints.pattern_key"), given.get("example") or ""
    return Bug(flag=flag, pattern_key=key, example=str(example), occurrences=count)


def _part(content: Mapping[str, Json], name: str) -> str:
    given = content.get(name)
    if given is None:
        return ""
    if not isinstance(given, str) or len(given) > PART_CHARS or any(ord(c) < ord(" ") for c in given):
        raise _wrong(name, f"one line of at most {PART_CHARS:,} characters")
    return given


def _objects(content: Mapping[str, Json], name: str) -> Iterator[Mapping[str, Json]]:
    for member in _list(content, name):
        if not isinstance(member, Mapping):
            raise _wrong(name, "a list of objects")
        yield member


def _list(content: Mapping[str, Json], name: str) -> Sequence[Json]:
    given = content.get(name)
    if given is None:
        return ()
    if not isinstance(given, list | tuple):
        raise _wrong(name, "a list")
    return given


def _text(member: Mapping[str, Json], where: str) -> str:
    given = member.get(where.rpartition(".")[2])
    if isinstance(given, str) and given:
        return given
    raise _wrong(where, "text")


def _wrong(name: str, wanted: str) -> Invalid:
    return Invalid(f"{name} of a pathway must be {wanted}", hint="docs/how-to/pathway.md lists its members")
