"""[pure] What can be set about embedders, with the reasons."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingParams:
    """Which model makes the vectors, and what it may use."""

    provider: Literal["minilm", "ollama", "openai", "none"] = "minilm"
    """`minilm` runs in this process, with no network and no key; `none` leaves search by words only."""

    model: str = ""
    """Of `ollama` and `openai`, as the server names it; empty: the provider's usual one."""

    url: str = ""
    """Of the server; empty: where it usually listens."""

    precision: Literal["int8", "fp32"] = "int8"
    """Of `minilm`. Vectors of the two are never compared: a change embeds everything anew."""

    threads: int = 2
    """Of `minilm`; 0: all cores. Two leave room for queries while documents are embedded."""

    batch_tokens: int = 2048
    """Of `minilm`: texts times tokens that are computed at once; twice as many is not faster."""

    cache_entries: int = 10_000
    """Texts whose vectors stay in memory, least recently used out first: 16 MB at 384 dimensions."""
