"""[acts] Settings: one TOML file and the environment become one frozen value; unknown keys are refused.

`lakehouse.toml` in the lake holds sections named as below; `LAKEHOUSE_<SECTION>_<KEY>` overrides a key.
"""

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Final, Literal, TypeVar

from lakehouse.base.errors import Invalid
from lakehouse.index.params import IndexParams
from lakehouse.ingest.params import IngestParams
from lakehouse.llm.chat_params import ChatParams
from lakehouse.llm.params import EmbeddingParams
from lakehouse.matrix.bullets.params import BulletParams
from lakehouse.matrix.downgrade import DowngradeParams
from lakehouse.matrix.playbook.params import PlaybookParams
from lakehouse.memory.params import PathwayParams
from lakehouse.query.duck import EngineParams
from lakehouse.query.engine import Limits
from lakehouse.store.journal import JournalParams
from lakehouse.table.upkeep.sweep import UpkeepParams

FILE: Final = "lakehouse.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageParams:
    """Where tables and journals are kept."""

    url: str = ""
    """Empty: the lake's own folder. Else s3://bucket/prefix; keys are the secrets s3_key_id and s3_secret."""

    endpoint: str = ""
    """Of an S3 server that is not Amazon's: http://127.0.0.1:9000."""

    region: str = "us-east-1"
    catalog: str = ""
    """Empty: catalog.sqlite in the lake's folder. Else an SQLAlchemy URL, such as postgresql+psycopg://…"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DurabilityParams:
    """What an acknowledged write survives."""

    mode: Literal["full", "process"] = "full"
    """`full`: power loss. `process`: a killed process; about 10 ms less for each small write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterParams:
    """The child that changes single rows."""

    memory_bytes: int = 1 << 30
    """Of DuckDB's buffers; an upsert of 10 million rows needs about this."""

    threads: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheParams:
    """Hot copies of pinned tables."""

    limit_bytes: int = 4 << 30
    memory_bytes: int = 1 << 30
    """Of DuckDB's buffers while a copy is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerParams:
    """The HTTP door."""

    host: str = "127.0.0.1"
    port: int = 3110
    rows: int = 10_000
    """Rows of a JSON answer when the request names no limit."""

    upload_bytes: int = 2 << 30
    """Largest upload; beyond it, ingest from a path."""

    upload_stall_s: float = 30.0
    """Longest pause in an upload before it is given up: a lost mobile link is back by then, or is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set, with the reasons beside the defaults."""

    storage: StorageParams = field(default_factory=StorageParams)
    durability: DurabilityParams = field(default_factory=DurabilityParams)
    ingest: IngestParams = field(default_factory=IngestParams)
    writer: WriterParams = field(default_factory=WriterParams)
    workers: EngineParams = field(default_factory=EngineParams)
    limits: Limits = field(default_factory=Limits)
    cache: CacheParams = field(default_factory=CacheParams)
    upkeep: UpkeepParams = field(default_factory=UpkeepParams)
    journal: JournalParams = field(default_factory=JournalParams)
    embedding: EmbeddingParams = field(default_factory=EmbeddingParams)
    index: IndexParams = field(default_factory=IndexParams)
    chat: ChatParams = field(default_factory=ChatParams)
    playbook: PlaybookParams = field(default_factory=PlaybookParams)
    bullets: BulletParams = field(default_factory=BulletParams)
    downgrade: DowngradeParams = field(default_factory=DowngradeParams)
    pathway: PathwayParams = field(default_factory=PathwayParams)
    server: ServerParams = field(default_factory=ServerParams)


def load(root: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of the lake at `root`.

    Raises:
        Invalid: the file is not TOML, a key is unknown, or a value is of the wrong type.
    """
    file = root / FILE
    try:
        given = tomllib.loads(file.read_text()) if file.exists() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"{FILE} is not TOML: {error}", hint=f"correct {file}") from error
    except OSError as error:
        raise Invalid(
            f"{FILE} cannot be read: {error.strerror}", hint=f"make {file} a file that you may read"
        ) from error
    environ = os.environ if environment is None else environment
    sections = {f.name: getattr(Settings(), f.name) for f in fields(Settings)}
    for name in given:
        _known(name, sections, "section")
    return Settings(**{n: _section(n, params, given.get(n, {}), environ) for n, params in sections.items()})


P = TypeVar("P")


def _section(name: str, params: P, given: object, environment: Mapping[str, str]) -> P:
    if not isinstance(given, dict):
        raise Invalid(f"{name!r} is a section of {FILE}", hint=f"write [{name}] on a line of its own")
    defaults = {f.name: getattr(params, f.name) for f in fields(params)}  # type: ignore[arg-type]  # a dataclass
    for key in given:
        _known(key, defaults, f"key of [{name}]")
    values = {key: _typed(f"{name}.{key}", value, defaults[key]) for key, value in given.items()}
    for key, default in defaults.items():
        text = environment.get(f"LAKEHOUSE_{name}_{key}".upper())
        if text is not None:
            values[key] = _typed(f"{name}.{key}", _parsed(text, default), default)
    return replace(params, **values)  # type: ignore[type-var]  # a dataclass


def _parsed(text: str, default: object) -> object:
    if isinstance(default, bool):
        return {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)
    kind = type(default)
    if kind is tuple:
        return [part.strip() for part in text.split(",") if part.strip()]
    try:
        return kind(text) if kind in {int, float} else text
    except ValueError:
        return text


def _typed(where: str, value: object, default: object) -> object:
    wanted = type(default)
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if wanted is tuple and isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    choices = CHOICES.get(where)
    if type(value) is not wanted or (choices and value not in choices):
        kind = "a list of texts" if wanted is tuple else wanted.__name__
        expected = " or ".join(choices) if choices else kind
        raise Invalid(f"{where} must be {expected}", hint=f"correct it in {FILE} or the environment")
    return value


CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "durability.mode": ("full", "process"),
    "embedding.provider": ("minilm", "ollama", "openai", "none"),
    "embedding.precision": ("int8", "fp32"),
    "chat.provider": ("none", "ollama", "openai", "anthropic"),
}


def _known(name: str, known: Mapping[str, object], what: str) -> None:
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(sorted(known))}"
        raise Invalid(f"{name[:60]!r} is no {what}", hint=hint)
