"""[pure] Which passage supports a sentence, and where; what no passage supports is said to be unsupported.

A sentence is supported by one or two neighbouring sentences of a passage that hold most of its content, each
word weighed by how rare it is among the passages given; that hold every number in it; whose passage holds
every name in it; and that neither deny what it affirms, affirm what it denies, nor say its opposite. All of
this is about words: a faithful paraphrase in other words is refused rather than believed.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import Final

from lakehouse.search.hits import Place
from lakehouse.search.sentences import Span, spans
from lakehouse.search.terms import OPPOSITES, Terms, both, read

ENOUGH: Final = 0.65
"""Share of a sentence's content, by weight, that its support holds. On sentences of five public sets, 0.60
believes one in six of which half is made up, 0.65 one in twelve; 0.75 refuses one in six with new words. A
cosine does not help here: it is as high for what is half made up as for what is said in other words."""

MARKER: Final = re.compile(r"\s*\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
LATE_MARKER: Final = re.compile(r"([.!?…]+[\"'”’)]*)((?:\s*\[\d{1,3}(?:\s*,\s*\d{1,3})*\])+)")
FINAL: Final = " .!?…:;,"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A piece of a row's text that a search found."""

    id: str
    """table:row#chunk"""

    corpus: str
    table: str
    row: str
    chunk: int
    start: int
    end: int
    """Where the text stands: characters of the row's text, end excluded."""

    text: str
    score: float
    """Of the search, larger is better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where the words stand that support a sentence."""

    n: int
    """The number that the answer's text shows, from 1."""

    id: str
    """Of the passage: table:row#chunk."""

    corpus: str
    text: str
    """The supporting sentences as they stand there."""

    source: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """The best support of a sentence."""

    passage: int
    """Position among the passages, from 0."""

    span: Span
    """Of the passage's text."""

    share: float
    """Of the sentence's content that it holds, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """An answer after its sentences were held against the passages."""

    text: str
    """As given, but with a marker behind each supported sentence and nowhere else."""

    citations: tuple[Citation, ...]
    unsupported: tuple[str, ...]
    """Sentences, without markers, that no passage supports."""


class Evidence:
    """Passages, read once, against which any number of sentences are held."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.passages = tuple(passages)
        self._windows = [tuple(_windows(passage.text)) for passage in passages]
        self._words = [frozenset[str]().union(*(t.words for _, t in w)) for w in self._windows]
        alone = [terms for windows in self._windows for _, terms in windows[: (len(windows) + 1) // 2]]
        self._count = Counter(word for terms in alone for word in terms.stems)
        self._sentences = len(alone)
        named = frozenset[str]().union(*(terms.names for terms in alone))
        self._names = named - {word for terms in alone for word in terms.words - terms.names - {terms.first}}

    def support(self, sentence: str, *, among: Sequence[int] | None = None) -> Support | None:
        """What supports the sentence best; None: nothing does, or it claims nothing.

        Args:
            among: positions of the passages to look at; None: all.
        """
        claim = read(sentence)
        if not claim.stems and not claim.numbers:
            return None
        weights = self._weights(claim)
        found = [
            Support(passage=at, span=span, share=share)
            for at in (range(len(self.passages)) if among is None else among)
            if self._has_names(claim, at)
            for span, held in self._windows[at]
            if claim.numbers <= held.numbers
            and (share := _share(weights, held)) >= ENOUGH
            and not _contradicts(claim, held)
        ]
        return max(
            found,
            key=lambda s: (s.share, s.span.start - s.span.end, self.passages[s.passage].score, -s.passage),
            default=None,
        )

    def citation(self, support: Support, *, n: int) -> Citation:
        """The citation of a support, numbered `n`."""
        passage, span = self.passages[support.passage], support.span
        return Citation(
            n=n,
            id=passage.id,
            corpus=passage.corpus,
            text=passage.text[span.start : span.end],
            source=Place(
                table=passage.table,
                row=passage.row,
                chunk=passage.chunk,
                start=passage.start + span.start,
                end=passage.start + span.end,
            ),
        )

    def share(self, claim: Terms, held: Terms) -> float:
        """Of the content of one, how much the other holds: 0 to 1, rare words counting more."""
        return _share(self._weights(claim), held) if claim.stems else 0.0

    def coverage(self, claim: Terms, *, passage: int) -> float:
        """Of its content, how much the whole passage holds: 0 to 1."""
        weights = self._weights(claim)
        stems = frozenset[str]().union(*(terms.stems for _, terms in self._windows[passage]))
        total = sum(weights.values())
        return sum(weights[stem] for stem in weights.keys() & stems) / total if total else 0.0

    def _weights(self, claim: Terms) -> dict[str, float]:
        return {stem: self._rarity(stem) for stem in claim.stems}

    def _rarity(self, stem: str) -> float:
        return log(1 + (self._sentences + 1) / (self._count[stem] + 0.5))

    def _has_names(self, claim: Terms, at: int) -> bool:
        names = claim.names | ({claim.first} & self._names)
        return names <= self._words[at]


def support(sentence: str, passages: Sequence[Passage]) -> Citation | None:
    """The words among the passages that support the sentence, numbered by their passage; None: none do."""
    evidence = Evidence(passages)
    found = evidence.support(sentence)
    return evidence.citation(found, n=found.passage + 1) if found else None


def check(text: str, passages: Sequence[Passage]) -> Checked:
    """Hold every sentence of an answer against the passages, whatever its author says supports it.

    A marker such as [2] is honoured where passage 2 does support the sentence; else it is taken out, and any
    other passage that supports the sentence is cited. Citations are numbered anew, in the order of the text.
    """
    evidence = Evidence(passages)
    text = LATE_MARKER.sub(r"\2\1", text)
    pieces: list[str] = []
    numbers: dict[tuple[int, Span], Citation] = {}
    unsupported: list[str] = []
    at = 0
    for start, end in spans(text):
        plain = MARKER.sub("", text[start:end]).strip()
        named = _marked(text[start:end], len(passages))
        found = evidence.support(plain, among=named) or evidence.support(plain)
        pieces += [text[at:start], plain]
        at = end
        if found:
            key = (found.passage, found.span)
            citation = numbers.setdefault(key, evidence.citation(found, n=len(numbers) + 1))
            cut = len(plain.rstrip(FINAL))
            pieces[-1] = f"{plain[:cut]} [{citation.n}]{plain[cut:]}"
        elif _claims(plain):
            unsupported.append(plain)
    text = "".join([*pieces, text[at:]])
    return Checked(text=text, citations=tuple(numbers.values()), unsupported=tuple(unsupported))


def _windows(text: str) -> list[tuple[Span, Terms]]:
    """Each sentence of a passage and each pair of neighbours, with what they say."""
    alone = [(span, read(text[span.start : span.end])) for span in spans(text)]
    return alone + [(Span(a.start, b.end), both(one, two)) for (a, one), (b, two) in pairwise(alone)]


def _share(weights: Mapping[str, float], held: Terms) -> float:
    """Of a claim's content, each stem weighed by its rarity; 1 where it is numbers only."""
    total = sum(weights.values())
    return sum(weights[stem] for stem in weights.keys() & held.stems) / total if total else 1.0


def _contradicts(claim: Terms, held: Terms) -> bool:
    """One denies what the other affirms, or says the opposite."""
    common = claim.stems & held.stems
    if (claim.denied - claim.affirmed) & common - held.denied:
        return True
    if (claim.affirmed - claim.denied) & common - held.affirmed:
        return True
    claimed, said = claim.words | claim.stems, held.words | held.stems
    only_claimed, only_held = claimed - said, said - claimed
    return any(
        (one in only_claimed and other in only_held) or (other in only_claimed and one in only_held)
        for one, other in OPPOSITES
    )


def _marked(sentence: str, count: int) -> tuple[int, ...]:
    """Positions of the passages that a sentence's markers name."""
    named = [int(number) - 1 for m in MARKER.finditer(sentence) for number in m.group(1).split(",")]
    return tuple(dict.fromkeys(at for at in named if 0 <= at < count))


def _claims(sentence: str) -> bool:
    terms = read(sentence)
    return bool(terms.numbers) or len(terms.stems) > 1
