"""[pure] Is a value meant where its word stands? "may production start": no trade; "production people": one.

Several words, digits inside, capitals inside a sentence: such a mention speaks for itself. A single plain
word needs a witness beside it: the name of its column, a preposition of place, what rows are called, another
value of its column. Weaker witnesses count only in a question that is about this table at all.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from lakehouse.matrix.conditions import speech
from lakehouse.matrix.conditions.facet import SEVERAL, Facet, Vocabulary
from lakehouse.matrix.conditions.lexicon import Entry, Mention
from lakehouse.matrix.conditions.words import Word, akin, singular

COMMAS: Final = frozenset({",", ":", "=", "(", ")"})
TITLED: Final = 0.7
"""In a text with such a share of capitalised words, capitals say nothing."""

TITLE_WORDS: Final = 4
"""Of more than three letters; fewer make no title."""

NAMED, JOINED, PLACED, COUNTED, HELD, ALONE = 6, 5, 4, 3, 2, 1
"""Witnesses, by what they are worth where several columns have the value."""

CODE_LETTERS: Final = 2
NEAR: Final = 6
"""Mentions that are looked over for a neighbour in a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A mention that is meant."""

    mention: Mention
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One question, with what judging a mention needs."""

    words: Sequence[Word]
    mentions: Sequence[Mention]
    starts: Mapping[int, Mention]
    """First word -> mention."""

    ends: Mapping[int, Mention]
    """Word after the last -> mention."""

    vocabulary: Vocabulary
    rows: frozenset[str]
    amounts: frozenset[int]
    """Words at which comparisons begin."""

    is_loud: bool
    """All capitals, or a title: capitals say nothing."""

    def key(self, at: int) -> str:
        """The word there; empty beyond the ends."""
        return self.words[at].key if 0 <= at < len(self.words) else ""

    def left(self, mention: Mention, *, over: frozenset[str] = speech.DETERMINERS) -> str:
        """The word before a mention, past determiners."""
        at = mention.first - 1
        while at >= 0 and self.words[at].key in over:
            at -= 1
        return self.key(at)


def scene(
    words: Sequence[Word], mentions: Sequence[Mention], vocabulary: Vocabulary, *, amounts: frozenset[int]
) -> Scene:
    """What the question looks like as a whole."""
    letters = [w.text for w in words if w.is_word and w.text[0].isalpha() and len(w.text) > 1]
    long = [w for w in letters if len(w) > 3]
    loud = bool(letters) and (
        all(w.isupper() for w in letters)
        or (len(long) >= TITLE_WORDS and sum(w[0].isupper() for w in long) >= TITLED * len(long))
    )
    rows = frozenset(vocabulary.rows) | speech.GENERIC_ROWS
    return Scene(
        words=words,
        mentions=mentions,
        starts={m.first: m for m in mentions},
        ends={m.end: m for m in mentions},
        vocabulary=vocabulary,
        rows=rows,
        amounts=amounts,
        is_loud=loud,
    )


def weigh(seen: Scene) -> tuple[list[Accepted], list[tuple[Mention, str]]]:
    """The mentions that are meant, each with the columns that fit best; and the others, with the reason."""
    accepted: dict[int, Accepted] = {}
    for mention in seen.mentions:
        if why := _speaks_for_itself(seen, mention):
            accepted[mention.first] = Accepted(mention=mention, why=why)
    for _ in range(len(seen.mentions) + 1):
        before = len(accepted)
        for mention in seen.mentions:
            if mention.first not in accepted and (found := _witnessed(seen, mention, accepted)):
                accepted[mention.first] = found
        if len(accepted) == before:
            break
    kept = [_resolved(seen, one, accepted) for _, one in sorted(accepted.items())]
    dropped = [(m, _doubt(m)) for m in seen.mentions if m.first not in accepted]
    return kept, dropped


def _speaks_for_itself(seen: Scene, mention: Mention) -> str:
    said = [w for w in seen.words[mention.first : mention.end] if w.is_word]
    if len(said) > 1 and not all(w.key in speech.FUNCTION for w in said):
        return "several words"
    word = said[0]
    if any(c.isdigit() for c in word.text) and any(c.isalpha() for c in word.text):
        return "a name with digits"
    entry = mention.entries[0]
    if len(word.text) <= CODE_LETTERS or word.key in speech.FUNCTION:
        return _code(seen, mention, entry)
    if seen.is_loud or (mention.how == "typo" and not word.text[0].isupper()):
        return ""
    if any(c.isupper() for c in word.text[1:]) and any(c.isupper() for c in entry.said):
        return "written in capitals"
    starts = mention.first == 0 or seen.key(mention.first - 1) in {".", "?", "!", ":", '"', "-"}
    if (
        word.text[0].isupper()
        and not starts
        and entry.said[0].isupper()
        and not _in_a_longer_name(seen, mention)
    ):
        return "capitalised within the sentence"
    return ""


def _code(seen: Scene, mention: Mention, entry: Entry) -> str:
    """Codes such as IL, IN, OR: where one stands, and in capitals, or beside a place that lies there."""
    word, before = seen.words[mention.first], seen.key(mention.first - 1)
    follows = seen.ends.get(mention.first - (before == ","))
    goes_on = seen.starts.get(mention.end)
    is_list = follows and goes_on and {e.facet for e in follows.entries} & {e.facet for e in goes_on.entries}
    is_last = mention.end >= len(seen.words) or not seen.words[mention.end].is_word
    is_plain = word.key not in speech.LITTLE or word.text.isupper() or before == "," or is_last
    if follows and not is_list and is_plain and _lies_in(follows, entry):
        return "a code after a place that lies there"
    if not word.text.isupper() or not entry.said.isupper() or seen.is_loud:
        return ""
    is_place = follows is not None and any(e.facet.is_place for e in follows.entries)
    if is_place and (goes_on is None or before == ","):
        return "a code after a place"
    is_free = goes_on is None or word.key not in speech.FUNCTION
    return "a code after a preposition" if is_free and before in speech.PLACE else ""


def _lies_in(follows: Mention, entry: Entry) -> bool:
    """Does the table have rows with that place in this one?"""
    return any(
        e.facet.within == entry.facet.column and (value, parent) in e.facet.parents
        for e in follows.entries
        for value in e.values
        for parent in entry.values
    )


def _in_a_longer_name(seen: Scene, mention: Mention) -> bool:
    inside = {i for m in seen.mentions for i in range(m.first, m.end)}
    for at in (mention.first - 1, mention.end):
        if 0 < at < len(seen.words) and at not in inside:
            word = seen.words[at]
            is_name = word.is_word and word.text[0].isupper() and word.text.isalpha() and len(word.text) > 1
            if is_name and word.key not in speech.VERBS and not _names(seen, at):
                return True
    return False


def _names(seen: Scene, at: int, facet: Facet | None = None) -> bool:
    key = seen.key(at)
    facets = (facet,) if facet else seen.vocabulary.facets
    return len(key) > 2 and any(akin(key, part) for f in facets for name in f.names for part in name)


def _witnessed(seen: Scene, mention: Mention, accepted: dict[int, Accepted]) -> Accepted | None:
    found = [(_witness(seen, mention, entry, accepted), entry) for entry in mention.entries]
    best = max(worth for (worth, _), _ in found)
    if not best:
        return None
    why = next(why for (worth, why), _ in found if worth == best)
    return Accepted(mention=mention, why=why)


def _resolved(seen: Scene, one: Accepted, accepted: dict[int, Accepted]) -> Accepted:
    """The same with the columns that the best witness speaks for, where several have the value."""
    if len(one.mention.entries) == 1:
        return one
    worths = [_witness(seen, one.mention, entry, accepted)[0] for entry in one.mention.entries]
    best = max(worths)
    if best < PLACED:
        return one
    entries = tuple(e for e, worth in zip(one.mention.entries, worths, strict=True) if worth == best)
    return Accepted(mention=replace(one.mention, entries=entries), why=one.why)


def _witness(seen: Scene, mention: Mention, entry: Entry, accepted: dict[int, Accepted]) -> tuple[int, str]:
    """What speaks for a value of one column here: its worth and what it is."""
    facet, word = entry.facet, seen.words[mention.first]
    is_single = mention.end - mention.first == 1
    is_little = word.key in speech.FUNCTION
    is_short = is_single and len(word.key) <= CODE_LETTERS and not word.key.isdigit()
    if is_single and is_little and not _names(seen, mention.end, facet):
        return 0, ""
    if _is_named(seen, mention, facet):
        return NAMED, "the column is named beside it"
    if _is_joined(seen, mention, facet, accepted):
        return JOINED, "beside another value of the column"
    before = seen.left(mention, over=frozenset({"the", "downtown", "greater", "central"}))
    is_sure = not is_short or bool(accepted)
    if facet.is_place and before in speech.PLACE - {"of", "to", "at"} and is_sure:
        return PLACED, f"a place after {before!r}"
    is_slip = mention.how == "typo" and is_single and not accepted
    if is_slip:
        return 0, ""
    behind = seen.key(mention.end)
    if singular(behind) in seen.rows or behind in speech.STAND_INS:
        return COUNTED, "before what a row is called"
    if _is_sentence(seen, mention):
        return COUNTED, "a sentence by itself"
    if facet.is_key and not facet.is_place and _is_counted(seen, mention):
        return COUNTED, "what is looked for"
    if is_short or not _is_about_the_table(seen, accepted):
        return 0, ""
    if facet.is_key and _fills_its_phrase(seen, mention):
        return COUNTED, "a phrase by itself"
    follows = seen.starts.get(mention.end)
    describes = follows is not None and any(e.facet.is_key for e in follows.entries)
    is_article = seen.key(mention.first - 1) in speech.ARTICLES and not describes
    is_whole = not is_article or _ends(seen, mention.end)
    if (facet.kind in SEVERAL or facet.kind == "flag") and seen.left(mention) in speech.HOLDING and is_whole:
        return HELD, f"after {seen.left(mention)!r}"
    if _fills_its_phrase(seen, mention) and not is_article:
        return ALONE, "a phrase by itself"
    return 0, ""


def _is_named(seen: Scene, mention: Mention, facet: Facet) -> bool:
    before = mention.first - 1
    while before >= 0 and (seen.key(before) in {":", "=", "is", "as", "of", "the", "a", "an", "in", "'"}):
        before -= 1
    if _names(seen, mention.end, facet) or _names(seen, mention.first - 1, facet):
        return True
    return before < mention.first - 1 and _names(seen, before, facet)


def _is_joined(seen: Scene, mention: Mention, facet: Facet, accepted: dict[int, Accepted]) -> bool:
    """Does a list lead from here to an accepted value of the column, or of another column of places?"""
    for beside in _beside(seen, mention):
        other = accepted.get(beside.first)
        if other is None:
            continue
        low, high = sorted((mention, other.mention), key=lambda m: m.first)
        between = seen.words[low.end : high.first]
        columns = {e.facet.column for e in other.mention.entries}
        is_list = bool(between) and all(
            w.key in speech.CONJUNCTIONS or w.key in speech.DETERMINERS or w.key in speech.LISTING
            for w in between
        )
        if columns == {facet.column} and is_list:
            return True
        is_place = facet.is_place and all(e.facet.is_place for e in other.mention.entries)
        if is_place and all(w.key == "," for w in between):
            return True
    return False


def _beside(seen: Scene, mention: Mention) -> Iterator[Mention]:
    """The nearest mentions before and after, past little words that are codes too."""
    place = bisect_left(seen.mentions, mention.first, key=lambda m: m.first)
    for side in (
        reversed(seen.mentions[max(0, place - NEAR) : place]),
        seen.mentions[place + 1 : place + NEAR],
    ):
        found = next((m for m in side if seen.key(m.first) not in speech.FUNCTION), None)
        if found:
            yield found


def _is_sentence(seen: Scene, mention: Mention) -> bool:
    low, high = mention.first - 1, mention.end
    opens = low < 0 or seen.key(low) in speech.ENDS
    return opens and (high >= len(seen.words) or seen.key(high) in speech.ENDS)


def _is_counted(seen: Scene, mention: Mention) -> bool:
    """ "Three welders", "a red drill", "tape that …": a thing of the kind that rows are."""
    at = mention.first - 1
    while found := seen.ends.get(at + 1):
        if seen.key(found.first) in speech.FUNCTION:
            break
        at = found.first - 1  # what describes it stands between
    before = seen.key(at)
    if at < 0 and seen.key(mention.end) in speech.RELATIVES:
        return True
    is_many, is_numbered = mention.how == "plural", before in speech.COUNTING or before.isdigit()
    if is_many and is_numbered:
        return True
    return (is_many or (is_numbered and _is_asked(seen, at))) and _ends(seen, mention.end)


def _is_asked(seen: Scene, at: int) -> bool:
    before = at - 1
    return (
        before < 0
        or not seen.words[before].is_word
        or seen.key(before)
        in (
            speech.ASKING
            | speech.CONJUNCTIONS
            | speech.VERBS
            | {"not", "for", "than", "except", "of", "without"}
        )
    )


def _ends(seen: Scene, at: int) -> bool:
    """Does a noun phrase end before this word?"""
    if at >= len(seen.words) or not seen.words[at].is_word:
        return True
    key = seen.key(at)
    is_mention = at in seen.starts
    is_closed = key in speech.CLOSING or key.endswith(speech.CLOSING_ENDS) or singular(key) in seen.rows
    return is_closed or is_mention or at in seen.amounts or _names(seen, at)


def _fills_its_phrase(seen: Scene, mention: Mention) -> bool:
    at = mention.first - 1
    before = seen.left(mention)
    opens = speech.ARTICLES | (
        speech.PREPOSITIONS
        | speech.COPULAS
        | speech.CONJUNCTIONS
        | speech.ASKING
        | speech.HOLDING
        | {"", "not", "than", "but"}
    )
    is_open = before in opens or (bool(before) and not any(c.isalnum() for c in before))
    is_participle = before not in speech.COPULAS and seen.words[mention.end - 1].key.endswith("ing")
    if is_participle and mention.end < len(seen.words) and seen.words[mention.end].is_word:
        return seen.key(mention.end) in speech.CONJUNCTIONS | speech.PREPOSITIONS and is_open
    is_open = is_open or at + 1 in seen.ends
    return is_open and _ends(seen, mention.end)


def _is_about_the_table(seen: Scene, accepted: dict[int, Accepted]) -> bool:
    return bool(accepted) or bool(seen.amounts) or any(singular(w.key) in seen.rows for w in seen.words)


def _doubt(mention: Mention) -> str:
    columns = " or ".join(sorted({e.facet.column for e in mention.entries}))
    return f"a value of {columns}, but the word may be an ordinary one here: nothing beside it says otherwise"
