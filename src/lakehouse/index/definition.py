"""[pure] Definitions: what an index is made of, and which of its generations serves.

Both live as properties of the index's own table of vectors, so whoever has the object storage has them too.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Final, Literal

from lakehouse.base.errors import Corrupt, Invalid
from lakehouse.index.ann import Config

DEFINITION: Final = "lakehouse.index"
POINTER: Final = "lakehouse.index.promoted"
"""Property that names the serving generation: replacing it is the one step that switches readers."""

HISTORY: Final = 50
"""Promotions that are remembered; a rollback needs one."""

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")

Refresh = Literal["manual", "on-append", "scheduled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One index, as it was asked for."""

    name: str
    table: str
    """As a person writes it: people, sales.orders."""

    id: str
    """The column that identifies a row."""

    text: tuple[str, ...] = ()
    """Columns, or one template such as `{role}: {resume}`; empty where only `vector` is searched."""

    vector: str = ""
    """A column that holds ready vectors; empty: a model makes them from the text."""

    model: str = ""
    """Name and version of the model; empty until the first vector is made."""

    dimension: int = 0
    chunk_tokens: int = 200
    """Longest passage. 200: MiniLM sees 256, and its vectors blur beyond a few sentences."""

    overlap_tokens: int = 20
    refresh: Refresh = "on-append"
    """`on-append`: a lake that is kept open embeds what commits bring. `scheduled`: every `every_s`."""

    every_s: int = 3600
    min_recall: float = 0.95
    """A generation that finds less of the exact answer is not promoted (recall@10, mean of a sample)."""

    weight: float | None = None
    """Of meaning against words, 0 to 1, learned from judged questions; None: not learned."""

    config: Config = field(default_factory=Config)

    @property
    def reading(self) -> str:
        """Changes whenever the same row would be read as another text; eight hex digits."""
        said = json.dumps([self.id, self.text, self.vector])
        return hashlib.sha256(said.encode()).hexdigest()[:8]

    @property
    def cutting(self) -> tuple[object, ...]:
        """What decides which passages a row has, besides its text."""
        return self.chunk_tokens, self.overlap_tokens, self.vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """One generation made the serving one."""

    generation: int
    at: str
    """ISO 8601, UTC."""

    by: str
    """build, person, rollback or tuner."""

    recall: float
    note: str = ""
    overridden: bool = False
    """Promoted although its recall was below the floor, because a person said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """Which generation serves, and which did before."""

    current: Promotion | None = None
    """None: none yet, or rolled back beyond the first; searches are exact then."""

    history: tuple[Promotion, ...] = ()
    """Newest first, without the current one."""

    def promoted(self, promotion: Promotion) -> "Pointer":
        """The pointer after a promotion."""
        before = (self.current, *self.history) if self.current else self.history
        return Pointer(current=promotion, history=before[:HISTORY])

    def rolled_back(self) -> "Pointer":
        """The pointer one step earlier; with nothing before it, none serves."""
        return Pointer(current=self.history[0] if self.history else None, history=self.history[1:])


def check(definition: Definition) -> Definition:
    """The definition itself, if it can be built.

    Raises:
        Invalid: a name, size or bound that cannot be.
    """
    if not NAME.fullmatch(definition.name):
        raise Invalid(
            f"{definition.name[:60]!r} is not a name for an index", hint="use a-z, 0-9 and _: resumes"
        )
    if not definition.text and not definition.vector:
        raise Invalid("nothing says what to search", hint="name text columns: --text resume")
    if not 16 <= definition.chunk_tokens <= 8192:
        raise Invalid("a chunk has 16 to 8192 tokens", hint="leave chunk_tokens at 200")
    if not 0 <= definition.overlap_tokens <= definition.chunk_tokens // 2:
        raise Invalid("the overlap is at most half a chunk", hint="leave overlap_tokens at 20")
    if not 0 <= definition.min_recall <= 1 or (
        definition.weight is not None and not 0 <= definition.weight <= 1
    ):
        raise Invalid("recall and weight are from 0 to 1", hint="write it like 0.95")
    if definition.refresh not in {"manual", "on-append", "scheduled"} or definition.every_s < 1:
        raise Invalid("refresh is manual, on-append or scheduled", hint="refresh='on-append'")
    configured(asdict(definition.config))
    return definition


BOUNDS: Final[Mapping[str, tuple[int, int]]] = {
    "m": (4, 64),
    "ef_construction": (8, 800),
    "ef_search": (1, 4096),
    "rerank": (0, 10_000),
}
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "backend": ("hnsw", "lance"),
    "storage": ("fp32", "fp16", "int8"),
}


def configured(given: Mapping[str, object], base: Config | None = None) -> Config:
    """A configuration from plain values, over `base`.

    Raises:
        Invalid: an unknown setting, or a value out of its range.
    """
    for name, value in given.items():
        if name in BOUNDS:
            low, high = BOUNDS[name]
            if type(value) is not int or not low <= value <= high:
                raise Invalid(f"{name} is a whole number from {low} to {high}", hint=f'"{name}": {low}')
        elif name not in CHOICES:
            known = ", ".join((*BOUNDS, *CHOICES))
            raise Invalid(f"{name[:60]!r} is no setting of an index", hint=f"there are: {known}")
        elif value not in CHOICES[name]:
            raise Invalid(
                f"{name} is one of {', '.join(CHOICES[name])}", hint=f'"{name}": "{CHOICES[name][0]}"'
            )
    return replace(base or Config(), **given)  # type: ignore[arg-type]  # checked above


def write(definition: Definition) -> str:
    """A definition as the property that keeps it."""
    return json.dumps(asdict(definition), sort_keys=True)


def read(text: str) -> Definition:
    """A definition out of its property; members that a newer version added are left aside.

    Raises:
        Corrupt: it is not one.
    """
    try:
        given = json.loads(text)
        known = {f.name: given[f.name] for f in fields(Definition) if f.name in given}
        config = {f.name: v for f in fields(Config) if (v := known.get("config", {}).get(f.name)) is not None}
        return Definition(**known | {"text": tuple(known.get("text", ())), "config": Config(**config)})
    except (ValueError, TypeError, AttributeError) as error:
        hint = "lakehouse index build NAME … makes it anew"
        raise Corrupt("the definition of an index cannot be read", hint=hint) from error


def write_pointer(pointer: Pointer) -> str:
    """A pointer as the property that keeps it."""
    return json.dumps(asdict(pointer), sort_keys=True)


def read_pointer(text: str) -> Pointer:
    """A pointer out of its property; empty: nothing was promoted yet.

    Raises:
        Corrupt: it is not one.
    """
    try:
        given = json.loads(text or "{}")
        current, history = given.get("current"), given.get("history", ())
        return Pointer(
            current=Promotion(**current) if current else None,
            history=tuple(Promotion(**one) for one in history),
        )
    except (ValueError, TypeError, AttributeError) as error:
        hint = "lakehouse index promote NAME GENERATION sets it anew"
        raise Corrupt("the record of promotions cannot be read", hint=hint) from error
