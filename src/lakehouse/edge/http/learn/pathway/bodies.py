"""[pure] What requests about pathway memory say; unknown members are refused."""

from typing import Annotated, Final

from pydantic import Field, JsonValue

from lakehouse.edge.http.bodies import Body

EXAMPLE: Final = {
    "schema": "pathway/1",
    "task_class": "review",
    "file_path": "crates/vectord/src/index.rs",
    "signal_class": "perf",
    "ladder_attempts": [{"rung": 1, "model": "small", "latency_ms": 900, "accepted": True}],
}

Uid = Annotated[str, Field(max_length=128, examples=["task-17"])]
Content = Annotated[
    JsonValue,
    Field(examples=[EXAMPLE], description='Any JSON; `"schema": "pathway/1"` makes it a rich trace.'),
]
Tags = Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=64, examples=[["review"]])]
NoTags = Annotated[Tags, Field(default_factory=list)]
Line = Annotated[str, Field(max_length=1000)]
Records = Annotated[list[dict[str, JsonValue]], Field(default_factory=list, max_length=1000)]


class Add(Body):
    """Something to remember."""

    content: Content
    tags: NoTags
    uid: Annotated[Uid | None, Field(description="By default a new one.")] = None
    idempotent: Annotated[
        bool, Field(strict=True, description="Where the uid is there, count one more use and change nothing.")
    ] = False


class Update(Body):
    """Changes in place."""

    uid: Uid
    content: Content = None
    tags: Tags | None = None


class Revise(Body):
    """A new version."""

    predecessor_uid: Annotated[Uid, Field(description="The last of its chain.")]
    content: Content
    tags: Annotated[Tags | None, Field(description="By default those of the predecessor.")] = None
    uid: Uid | None = None


class Retire(Body):
    """What is not to be used again."""

    uid: Uid
    reason: Annotated[str, Field(max_length=2000)]


class Replay(Body):
    """What came of using a trace again."""

    uid: Uid
    succeeded: Annotated[bool, Field(strict=True)]
    note: Annotated[str, Field(max_length=2000)] = ""


class Task(Body):
    """What is known of a task before it is tried."""

    task_class: Line = ""
    file_path: Annotated[Line, Field(examples=["crates/vectord/src/index.rs"])] = ""
    signal_class: Line = ""
    pathway_id: Annotated[str | None, Field(max_length=64, description="Instead of the three.")] = None
    kb_chunks: Records
    semantic_flags: Annotated[list[Line], Field(default_factory=list, max_length=100)]
    type_hints_used: Records
    bug_fingerprints: Records


class Search(Body):
    """What is looked for; all that is given must hold."""

    text: Annotated[str, Field(max_length=32 << 10, description="Words that the content holds.")] = ""
    tags: NoTags
    like: Annotated[
        Annotated[str, Field(max_length=32 << 10)] | Task | None,
        Field(description="The most alike first: to a text, or to a task (rich traces only)."),
    ] = None
    pathway_id: Annotated[str, Field(max_length=64)] = ""
    file_prefix: Line = ""
    every_version: Annotated[bool, Field(strict=True, description="Also those that were revised.")] = False
    k: Annotated[int, Field(ge=1, le=1000, strict=True)] = 10
