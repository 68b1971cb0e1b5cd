"""A question laid out as reading lays it out, for tests of the single steps."""

from collections.abc import Sequence

from lakehouse.matrix.conditions import amounts, evidence
from lakehouse.matrix.conditions.amounts import Amount
from lakehouse.matrix.conditions.evidence import Accepted, Scene
from lakehouse.matrix.conditions.lexicon import Lexicon
from lakehouse.matrix.conditions.pieces import Piece, lay_out
from lakehouse.matrix.conditions.words import split
from tests.matrix.conditions.people import LEXICON


def seen(question: str, lexicon: Lexicon = LEXICON) -> tuple[Scene, Sequence[Amount]]:
    """The question as evidence is weighed in it, and its comparisons."""
    words = split(question)
    compared = amounts.read(words, lexicon.vocabulary)
    taken = {i for a in compared if a.facet for i in range(a.first, a.end)}
    mentions = [m for m in lexicon.find(words) if not taken & set(range(m.first, m.end))]
    firsts = frozenset(a.first for a in compared if a.is_named)
    return evidence.scene(words, mentions, lexicon.vocabulary, amounts=firsts), compared


def laid(question: str, lexicon: Lexicon = LEXICON) -> tuple[list[Piece], frozenset[str]]:
    """Its pieces, and what rows are called."""
    scene, compared = seen(question, lexicon)
    kept, _ = evidence.weigh(scene)
    named = [a for a in compared if a.facet]
    return lay_out(scene.words, kept, named, lexicon.vocabulary), scene.rows


def name(piece: Piece) -> str:
    """What a piece says: its word, the first value that it may be, or the column it compares."""
    if isinstance(piece.value, Accepted):
        return piece.value.mention.entries[0].values[0]
    if piece.value and piece.value.facet:
        return piece.value.facet.column
    return piece.key
