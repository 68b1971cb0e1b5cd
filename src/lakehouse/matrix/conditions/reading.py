"""[pure] A question read: its conditions, its hard keys, the text that is left, and why."""

from collections.abc import Iterable, Sequence
from typing import Final

from lakehouse.matrix.conditions import amounts, evidence, joined, polarity, speech, structural
from lakehouse.matrix.conditions.amounts import Amount
from lakehouse.matrix.conditions.condition import Condition, Note, Reading
from lakehouse.matrix.conditions.lexicon import Lexicon, Mention
from lakehouse.matrix.conditions.pieces import lay_out
from lakehouse.matrix.conditions.words import Word, singular, split

EMPTY: Final = speech.CLOSING | speech.DETERMINERS | speech.ASKING | speech.ARTICLES
"""Words that alone give a search nothing."""

LONGEST: Final = 2000
"""Characters that are read; what stands beyond is searched for, but no longer understood."""


def read(question: str, lexicon: Lexicon) -> Reading:
    """What a question says about the columns of a table.

    Cost: 0.3 ms for fifteen words.
    """
    words = split(question[:LONGEST])
    vocabulary = lexicon.vocabulary
    compared = amounts.read(words, vocabulary)
    taken = {i for a in compared if a.facet for i in range(a.first, a.end)}
    mentions = [m for m in lexicon.find(words) if not taken & set(range(m.first, m.end))]
    seen = evidence.scene(
        words, mentions, vocabulary, amounts=frozenset(a.first for a in compared if a.is_named)
    )
    kept, dropped = evidence.weigh(seen)
    is_about = bool(kept) or any(a.is_named for a in compared) or _has_rows(words, seen.rows)
    meant = [a for a in compared if a.facet and (a.is_named or is_about)]
    if not is_about:
        notes = (*_dropped(question, words, dropped), *_unnamed(question, words, compared, ()))
        return Reading(question=question, text=question, meaning=question, notes=notes)
    pieces = lay_out(words, kept, meant, vocabulary)
    made = joined.conditions(question, pieces, polarity.read(pieces, seen.rows), seen.rows)
    text = _left(question, (c for c in made.conditions if c.is_negated))
    rest = _left(question, made.conditions)
    is_more = _says_something(rest, seen.rows)
    notes = (*made.notes, *_dropped(question, words, dropped), *_unnamed(question, words, compared, meant))
    return Reading(
        question=question,
        conditions=tuple(made.conditions),
        text=text,
        meaning=rest if is_more else text,
        is_all=bool(made.conditions) and not is_more,
        notes=notes,
        keys=structural.keys(made.conditions),
    )


def _has_rows(words: Sequence[Word], rows: frozenset[str]) -> bool:
    return any(singular(w.key) in rows for w in words)


def _dropped(question: str, words: Sequence[Word], dropped: Sequence[tuple[Mention, str]]) -> list[Note]:
    notes = []
    for mention, reason in dropped:
        if all(w.key in speech.FUNCTION for w in words[mention.first : mention.end]):
            continue  # "in" and "or" in every second question: not worth a word
        span = (words[mention.first].start, words[mention.end - 1].end)
        notes.append(Note(span=span, said=question[span[0] : span[1]], reason=reason))
    return notes


def _unnamed(
    question: str, words: Sequence[Word], compared: Sequence[Amount], meant: Sequence[Amount]
) -> list[Note]:
    notes = []
    for amount in compared:
        if amount not in meant:
            span = (words[amount.first].start, words[amount.end - 1].end)
            reason = "a comparison, but nothing beside it names a column of numbers or dates"
            notes.append(Note(span=span, said=question[span[0] : span[1]], reason=reason))
    return notes


def _left(question: str, conditions: Iterable[Condition]) -> str:
    """The question without the places of these conditions."""
    text, at = [], 0
    for start, end in sorted(c.span for c in conditions):
        if end > at:
            text.append(_without_preposition(question[at : max(at, start)]))
            at = end
    return joined.glue(" ".join((*text, question[at:])))


def _without_preposition(text: str) -> str:
    """The text without prepositions at its end, which lost what they led to."""
    words = text.rsplit(maxsplit=1)
    while words and words[-1].casefold() in speech.PREPOSITIONS:
        text = text.rstrip()[: -len(words[-1])]
        words = text.rsplit(maxsplit=1)
    return text


def _says_something(text: str, rows: frozenset[str]) -> bool:
    return any(w.is_word and w.key not in EMPTY and singular(w.key) not in rows for w in split(text))
