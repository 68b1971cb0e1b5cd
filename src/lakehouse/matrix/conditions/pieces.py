"""[pure] A question as a row of pieces: values, comparisons, and the words between them."""

from collections.abc import Sequence
from dataclasses import dataclass

from lakehouse.matrix.conditions.amounts import Amount
from lakehouse.matrix.conditions.evidence import Accepted
from lakehouse.matrix.conditions.facet import MEASURED, SEVERAL, Facet, Vocabulary
from lakehouse.matrix.conditions.words import Word, akin, singular

SHORTEST_NAME = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One word or mark, or all the words of a value or comparison."""

    key: str
    """Of a word or mark; empty for values."""

    start: int
    end: int
    """Characters of the question."""

    value: Accepted | Amount | None = None
    noun: Facet | None = None
    """The column of several values that this word names: certificates."""

    names: frozenset[str] = frozenset()
    """Columns that this word names, or a part of it."""

    is_measure: bool = False
    """It names columns of numbers or dates only: experience."""

    is_glued: bool = False
    """No blank stands between it and the piece before."""

    @property
    def columns(self) -> frozenset[str]:
        """Those that a value may belong to; empty for words."""
        if isinstance(self.value, Accepted):
            return frozenset(entry.facet.column for entry in self.value.mention.entries)
        return frozenset({self.value.facet.column}) if self.value and self.value.facet else frozenset()

    @property
    def is_place(self) -> bool:
        """Is it a value of columns of places only?"""
        return isinstance(self.value, Accepted) and all(e.facet.is_place for e in self.value.mention.entries)


def lay_out(
    words: Sequence[Word], values: Sequence[Accepted], amounts: Sequence[Amount], vocabulary: Vocabulary
) -> list[Piece]:
    """The pieces of a question, in order."""
    starts: dict[int, tuple[int, Accepted | Amount]] = {a.first: (a.end, a) for a in amounts}
    starts |= {v.mention.first: (v.mention.end, v) for v in values}
    nouns = {
        singular(name[-1]): facet
        for facet in vocabulary.facets
        if facet.kind in SEVERAL
        for name in facet.names
    }
    named = [(f.column, part) for f in vocabulary.facets for name in f.names for part in name]
    measured = {f.column for f in vocabulary.facets if f.kind in MEASURED}
    pieces: list[Piece] = []
    at = 0
    while at < len(words):
        word = words[at]
        is_glued = at > 0 and words[at - 1].end == word.start
        end, value = starts.get(at, (at + 1, None))
        is_name = not value and len(word.key) >= SHORTEST_NAME
        names = frozenset(column for column, part in named if is_name and akin(word.key, part))
        pieces.append(
            Piece(
                key="" if value else word.key,
                start=word.start,
                end=words[end - 1].end,
                value=value,
                noun=None if value else nouns.get(singular(word.key)),
                names=names,
                is_measure=bool(names) and names <= measured,
                is_glued=is_glued,
            )
        )
        at = end
    return pieces
