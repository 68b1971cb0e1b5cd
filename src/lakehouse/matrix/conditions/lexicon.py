"""[pure] The values of a vocabulary, found in a text: longest first, whatever case, hyphen, number, slip."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from lakehouse.matrix.conditions.facet import MEASURED, Facet, Vocabulary
from lakehouse.matrix.conditions.words import TYPO_LETTERS, Word, is_typo, singular, split, squeeze

JOINERS: Final = frozenset(".-/&'+–’")
"""Marks that may stand inside a value."""

SPLIT_LETTERS: Final = 8
"""A value that the question parts into other words than the table must have so many letters."""

How = Literal["exact", "plural", "typo"]
RANK: Final[Mapping[How, int]] = {"exact": 0, "plural": 1, "typo": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One value of one facet."""

    facet: Facet
    values: tuple[str, ...]
    """All spellings in the table that fold to the same."""

    said: str
    """The value as a person may say it: itself, or a synonym."""

    words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A place in the text that names a value."""

    first: int
    end: int
    """Words `first` to before `end`."""

    entries: tuple[Entry, ...]
    """More than one where several facets have it."""

    how: How


class Lexicon:
    """A vocabulary made ready for looking up. Make it once, use it for many questions; it never changes.

    Cost: 0.1 s for 5,000 values; a look-up does not depend on their number.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._entries: dict[str, dict[str, Entry]] = defaultdict(dict)
        """Squeezed value -> column -> entry."""
        self._plain: dict[str, set[str]] = defaultdict(set)
        """The same without plural endings -> squeezed values."""
        self._heads: dict[str, set[str]] = defaultdict(set)
        self._tails: dict[str, set[str]] = defaultdict(set)
        self._known: set[str] = set()
        self._longest = 1
        for facet in vocabulary.facets:
            for said, value in (*((v, v) for v in facet.values), *facet.synonyms):
                self._add(facet, said, value)
            for name in (facet.spelled, *map(" ".join, facet.names)) if facet.kind == "flag" else ():
                self._add(facet, name, "true")

    def find(self, words: Sequence[Word]) -> list[Mention]:
        """The mentions in a text, none over another, in order; exact and long ones go first."""
        mended = self._mended(words)
        found = [m for start in range(len(words)) for m in self._from(words, start, mended)]
        found.sort(key=lambda m: (RANK[m.how] == 2, -_length(words, m), RANK[m.how], m.first))
        taken: set[int] = set()
        kept = []
        for mention in found:
            here = set(range(mention.first, mention.end))
            if not here & taken:
                taken |= here
                kept.append(mention)
        return sorted(kept, key=lambda m: m.first)

    def _add(self, facet: Facet, said: str, value: str) -> None:
        words = split(said)
        keys = [w.key for w in words if w.is_word]
        key = squeeze("".join(keys))
        if not key:
            return
        before = self._entries[key].get(facet.column)
        spellings = (*before.values, value) if before and value not in before.values else (value,)
        if before and value in before.values:
            spellings = before.values
        self._entries[key][facet.column] = Entry(
            facet=facet, values=spellings, said=before.said if before else said, words=len(keys)
        )
        self._plain[squeeze("".join((*keys[:-1], singular(keys[-1]))))].add(key)
        self._longest = max(self._longest, len(words) + 2)
        for word in keys:
            self._known |= {word, singular(word)}
            if len(word) >= TYPO_LETTERS and word.isalpha():
                self._heads[word[:3]].add(word)
                self._tails[word[-3:]].add(word)

    def _from(self, words: Sequence[Word], start: int, mended: Mapping[int, str]) -> Iterator[Mention]:
        key = ""
        said: list[int] = []
        for end in range(start, min(start + self._longest, len(words))):
            word = words[end]
            if not word.is_word:
                if not said or word.text not in JOINERS:
                    return
                continue
            said.append(end)
            key += squeeze(word.key)
            mention = self._at(words, (start, end + 1), key) if words[start].is_word else None
            if mention is None:
                mention = self._with_slip(words, said, mended)
            if mention:
                yield mention

    def _at(self, words: Sequence[Word], span: tuple[int, int], key: str) -> Mention | None:
        start, end = span
        exact = self._entries.get(key)
        entries = self._fitting(words, span, exact) if exact else ()
        if entries:
            return Mention(first=start, end=end, entries=entries, how="exact")
        last = words[end - 1].key
        stem = f"{key[: len(key) - len(squeeze(last))]}{squeeze(singular(last))}"
        if stem not in self._plain:
            return None
        others: dict[str, Entry] = {}
        for other in sorted(self._plain[stem]):
            others = {**self._entries[other], **others}
        entries = self._fitting(words, span, others)
        return Mention(first=start, end=end, entries=entries, how="plural") if entries else None

    def _with_slip(
        self, words: Sequence[Word], said: Sequence[int], mended: Mapping[int, str]
    ) -> Mention | None:
        slips = [i for i in said if i in mended]
        if len(slips) != 1 or not said:
            return None
        keys = [mended.get(i, words[i].key) for i in said]
        found = self._entries.get(squeeze("".join(keys)), {})
        entries = tuple(e for e in found.values() if e.words == len(said))
        return Mention(first=said[0], end=said[-1] + 1, entries=entries, how="typo") if entries else None

    def _mended(self, words: Sequence[Word]) -> dict[int, str]:
        """Words that are no word of the vocabulary, but one slip from exactly one."""
        mended = {}
        for i, word in enumerate(words):
            if (
                len(word.key) < TYPO_LETTERS - 1
                or not word.key.isalpha()
                or singular(word.key) in self._known
            ):
                continue
            forms = {word.key, singular(word.key)}
            near = {
                other
                for form in forms
                for other in self._heads.get(form[:3], set()) | self._tails.get(form[-3:], set())
                if is_typo(form, other)
            }
            if len(near) == 1:
                mended[i] = near.pop()
        return mended

    @staticmethod
    def _fitting(
        words: Sequence[Word], span: tuple[int, int], found: Mapping[str, Entry]
    ) -> tuple[Entry, ...]:
        """Entries that the question parts into words as the table does, or nearly."""
        said = words[span[0] : span[1]]
        count = sum(word.is_word for word in said)
        stops = any(a.text == "." and a.end < b.start for a, b in pairwise(said))
        return tuple(
            entry
            for entry in found.values()
            if entry.facet.kind not in MEASURED
            and (not stops or ". " in entry.said)
            and (
                count in {1, entry.words}
                or count < len(said)
                or any(c.isdigit() for c in entry.said)
                or sum(map(len, (w.key for w in said))) >= SPLIT_LETTERS
            )
        )


def _length(words: Sequence[Word], mention: Mention) -> int:
    return sum(len(word.key) for word in words[mention.first : mention.end] if word.is_word)
