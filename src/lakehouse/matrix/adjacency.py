"""[pure] Is a passage about the file in question, or only beside it? A score for code and words about code.

Passages that speak of what a file imports look relevant and are not: they crowd out the rest. Not for prose
about people: its words are all alike. Source of the weights: the facts about earlier implementations,
section 7.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lakehouse.base.errors import Invalid

PATH, FILE_NAME, DEFINED, WORDS, FOLDER, IMPORTED = 1.0, 0.6, 0.6, 0.4, 0.3, -0.5
"""What each sign is worth."""

FOLDERS: Final = 2
"""So many leading segments of the path make a neighbourhood."""

TOKEN: Final = re.compile(r"[^\W\d_]\w+")
DEFINES: Final = re.compile(
    r"^\s*(?:export\s+|pub(?:\([^)]*\))?\s+|public\s+|private\s+|static\s+|async\s+|default\s+)*"
    r"(?:def|class|func|fn|function|struct|enum|trait|interface|type|const|let|var)\s+(?:\([^)]*\)\s*)?(\w+)",
    re.MULTILINE,
)
IMPORTS: Final = re.compile(
    r"^\s*(?:from\s+\S+\s+import\s+(.+)|import\s+\{([^}]*)\}.*|import\s+(.+)|use\s+(.+);|#include\s+[<\"](.+)[>\"])$",
    re.MULTILINE,
)
LEAST_LETTERS: Final = 3
"""Shorter names stand everywhere by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjacencyParams:
    """How the filter is set."""

    is_on: bool = True
    threshold: float = 0.3
    """Passages below it are dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """What a question is about."""

    path: str = ""
    text: str = ""
    """The file, or the question itself."""

    defined: tuple[str, ...] = ()
    imported: tuple[str, ...] = ()
    """Symbols; both empty: they are read out of the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A passage that was found."""

    id: str
    text: str
    path: str = ""
    """Of the file it comes from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A passage with its score."""

    id: str
    score: float
    reasons: tuple[str, ...]
    is_kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Relevance:
    """The answer of POST /v1/matrix/relevance."""

    kept: tuple[Judged, ...]
    """Best first."""

    dropped: tuple[Judged, ...]
    threshold: float


def judge(focus: Focus, chunks: Sequence[Chunk], params: AdjacencyParams | None = None) -> Relevance:
    """Which passages are about the focus.

    Raises:
        Invalid: the focus is empty.
    """
    params = params or AdjacencyParams()
    if not (focus.path or focus.text):
        raise Invalid("there is no focus", hint='"focus": {"path": "src/app.py", "text": "…"}')
    whole = _whole(focus)
    judged = [_judged(whole, chunk, params) for chunk in chunks]
    judged.sort(key=lambda one: -one.score)
    return Relevance(
        kept=tuple(one for one in judged if one.is_kept),
        dropped=tuple(one for one in judged if not one.is_kept),
        threshold=params.threshold,
    )


def score(focus: Focus, chunk: Chunk) -> float:
    """How much a passage is about the focus: about -0.5 to 2.3; 0: nothing in common."""
    return round(sum(worth for worth, _ in _signs(_whole(focus), chunk)), 6)


def _judged(focus: Focus, chunk: Chunk, params: AdjacencyParams) -> Judged:
    signs = list(_signs(focus, chunk))
    total = round(sum(worth for worth, _ in signs), 6)
    reasons = tuple(f"{worth:+.2f} {reason}" for worth, reason in signs)
    return Judged(
        id=chunk.id, score=total, reasons=reasons, is_kept=not params.is_on or total >= params.threshold
    )


def _signs(focus: Focus, chunk: Chunk) -> Iterator[tuple[float, str]]:
    """The parts of a score, with what they stand for."""
    name = focus.path.rsplit("/", 1)[-1]
    if focus.path and (chunk.path == focus.path or _stands(focus.path, chunk.text)):
        yield PATH, "names the file by its path"
    elif name and _stands(name, chunk.text):
        yield FILE_NAME, "names the file"
    elif _folder(focus.path) and _folder(focus.path) == _folder(chunk.path):
        yield FOLDER, "lies in the same part of the tree"
    said = _symbols(chunk.text)
    defined = said.intersection(focus.defined)
    if defined:
        yield DEFINED, f"speaks of {min(defined)}, which the file defines"
    elif said.intersection(focus.imported):
        yield IMPORTED, "speaks only of what the file imports"
    shared = _jaccard(focus.text, chunk.text)
    if shared:
        yield WORDS * shared, f"shares {shared:.0%} of the words"


def _whole(focus: Focus) -> Focus:
    if focus.defined or focus.imported:
        return focus
    imported = tuple(dict.fromkeys(_imported(focus.text)))
    defined = tuple(dict.fromkeys(n for n in DEFINES.findall(focus.text) if len(n) >= LEAST_LETTERS))
    return Focus(path=focus.path, text=focus.text, defined=defined, imported=imported)


def _imported(text: str) -> Iterator[str]:
    for groups in IMPORTS.findall(text):
        for part in re.split(r"[,\s{}()]+", " ".join(groups)):
            name = re.split(r"[./:]+", part.strip("\"'"))[-1]
            if len(name) >= LEAST_LETTERS and name not in {"from", "type"}:
                yield name


def _symbols(text: str) -> frozenset[str]:
    return frozenset(TOKEN.findall(text))


def _words(text: str) -> frozenset[str]:
    return frozenset(token.casefold() for token in TOKEN.findall(text))


def _jaccard(one: str, other: str) -> float:
    a, b = _words(one), _words(other)
    return len(a & b) / len(a | b) if a and b else 0.0


def _folder(path: str) -> tuple[str, ...]:
    parts = tuple(path.split("/")[:-1][:FOLDERS])
    return parts if len(parts) == FOLDERS else ()


def _stands(name: str, text: str) -> bool:
    """Does the name stand there as a whole?"""
    return re.search(rf"(?<![\w/.-]){re.escape(name)}(?![\w-])", text) is not None


def kept(judged: Iterable[Judged]) -> tuple[str, ...]:
    """Ids of the passages that stay."""
    return tuple(one.id for one in judged if one.is_kept)
