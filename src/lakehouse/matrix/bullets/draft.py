"""[pure] What somebody hands in for an entry, read and checked; nothing of it is written yet."""

from collections.abc import Sequence
from dataclasses import dataclass

from lakehouse.base.errors import Refused
from lakehouse.matrix.bullets import limits
from lakehouse.matrix.bullets.bullet import DocRef, Scope
from lakehouse.matrix.bullets.hygiene import leaks


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Fields of an entry as they were given; None: not given, so nothing changes."""

    content: object = None
    section: object = None
    scope: object = None
    """{"role": "welder"}: where it holds; empty: everywhere."""

    evidence: object = None
    """Ids of searches or traces that show it."""

    doc_refs: object = None
    """[{"table": …, "row": …, "digest": …}]: rows that it rests on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """The same, checked."""

    content: str | None
    section: str | None
    scope: Scope | None
    evidence: tuple[str, ...] | None
    doc_refs: tuple[DocRef, ...] | None

    @property
    def is_empty(self) -> bool:
        """Was nothing given?"""
        return (self.content, self.section, self.scope, self.evidence, self.doc_refs) == (None,) * 5


def read(draft: Draft) -> Read:
    """The fields of a draft.

    Raises:
        Invalid: one of them cannot be.
        Refused: a section or a scope holds a secret.
    """
    section = None if draft.section is None else limits.section(draft.section)
    scope = None if draft.scope is None else limits.scope(draft.scope)
    require_clean([section or "", *(part for pair in scope or () for part in pair)])
    return Read(
        content=None if draft.content is None else limits.text(draft.content),
        section=section,
        scope=scope,
        evidence=None if draft.evidence is None else limits.evidence(draft.evidence),
        doc_refs=None if draft.doc_refs is None else limits.doc_refs(draft.doc_refs),
    )


def require_clean(texts: Sequence[str]) -> None:
    """Refuse texts beside the content that hold what must not be kept.

    Raises:
        Refused: one does; which rule, never what it is.
    """
    for text in texts:
        if kind := leaks.secret(text) or leaks.personal(text):
            raise Refused(f"it holds {kind}, and the log keeps everything", hint="leave it out")
