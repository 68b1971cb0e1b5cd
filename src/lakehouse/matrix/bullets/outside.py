"""[seam] What the playbook's text asks of the rest of a lake."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from lakehouse.llm.embedding import Embedder

Evidence = Callable[[Sequence[str]], Collection[str]]
"""Of ids, those of searches, traces or pathways that exist."""

Digests = Callable[[str, Collection[str]], Mapping[str, str] | None]
"""Of a table's rows: keys -> digests of their texts now, without those that are gone; None: nobody can
tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What is there of it; all of it may be missing, and then the rules that need it do not fire."""

    embedder: Embedder | None = None
    evidence: Evidence | None = None
    digests: Digests | None = None


NOTHING = Outside()
