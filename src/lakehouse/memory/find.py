"""[pure] Which traces a question means: by tags, by words of their content, by likeness.

A view beside the fold that is brought up to date before each question, so that writing stays cheap. Cost:
up to 100 µs for each trace that changed, once; then a question over 10,000 traces takes milliseconds.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from lakehouse.memory.fold import State
from lakehouse.memory.trace import Trace
from lakehouse.memory.vector import BUCKETS, Vector, normal, vector, words
from lakehouse.store.streams import Json

FIRST_ROWS: Final = 256

Kind = Literal["text", "words", "path"]
Sets = defaultdict[str, set[str]]
"""Uids by what they have in common."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is looked for; all that is given must hold."""

    text: str = ""
    """Words that the content holds, each of them, in any order and also as a part of a word."""

    tags: tuple[str, ...] = ()
    alike: Vector | None = None
    """Best first by likeness to this."""

    is_rich: bool = False
    """Is it a kind of task (compare with rich traces), and not a text (compare with all)?"""

    pathway_id: str = ""
    file_prefix: str = ""
    every_version: bool = False
    """Also versions that were revised; retired ones are never found."""

    k: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One trace that was found."""

    trace: Trace
    similarity: float | None
    """None: nothing was asked for by likeness."""


class Index:
    """Rows of what a search needs of each trace. Not safe between threads."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._rows: dict[str, int] = {}
        self._uids: list[str] = []
        self._texts: list[str] = []
        self._old: dict[Kind, set[str]] = {"text": set(), "words": set(), "path": set()}
        """Traces whose text or vector is yet to be made: only what a question needs is made, once."""
        self._words = np.zeros((FIRST_ROWS, BUCKETS), dtype=np.float32)
        self._paths = np.zeros((FIRST_ROWS, BUCKETS), dtype=np.float32)
        self._tagged: Sets = defaultdict(set)
        self._kinds: Sets = defaultdict(set)
        self._folders: Sets = defaultdict(set)
        self._listed: dict[str, list[set[str]]] = {}
        """The sets that a trace is in."""

    def refresh(self) -> None:
        """Take up what changed in the fold."""
        for uid in self._state.touched:
            self._take(self._state.get(uid))
        self._state.touched.clear()

    def find(self, asked: Question) -> tuple[Match, ...]:
        """The traces that a question means: by likeness where that was asked, else the latest first."""
        chosen = [t for t in self._allowed(asked) if t.is_tip or asked.every_version]
        if needles := words_of(asked.text):
            self._renew("text")
            texts, rows = self._texts, self._rows
            for needle in needles:
                chosen = [t for t in chosen if needle in texts[rows[t.uid]]]
        if asked.alike is None:
            latest = sorted(chosen, key=lambda t: (t.updated_ms, t.uid), reverse=True)
            return tuple(Match(trace=t, similarity=None) for t in latest[: asked.k])
        self._renew("path" if asked.is_rich else "words")
        scores = self._scores([self._rows[t.uid] for t in chosen], asked.alike, is_rich=asked.is_rich)
        best = np.argsort(-scores, kind="stable")[: asked.k]
        return tuple(Match(trace=chosen[n], similarity=round(float(scores[n]), 6)) for n in best)

    def of_kind(self, pathway_id: str) -> tuple[Trace, ...]:
        """Rich traces of one kind of task, retired ones and earlier versions too."""
        return tuple(self._state.get(uid) for uid in sorted(self._kinds.get(pathway_id, ())))

    def in_folder(self, file_prefix: str) -> tuple[Trace, ...]:
        """Rich traces whose file prefix is this one, or begins with it as a folder."""
        below = f"{file_prefix}/"
        folders = [f for f in self._folders if f == file_prefix or f.startswith(below)]
        return tuple(self._state.get(uid) for f in sorted(folders) for uid in sorted(self._folders[f]))

    def _allowed(self, asked: Question) -> Iterable[Trace]:
        sets = [self._tagged.get(tag, set()) for tag in asked.tags]
        if asked.pathway_id:
            sets.append(self._kinds.get(asked.pathway_id, set()))
        if asked.file_prefix:
            sets.append({t.uid for t in self.in_folder(asked.file_prefix)})
        uids = sorted(set.intersection(*sets)) if sets else self._uids
        traces = map(self._state.get, uids)
        rich = (t for t in traces if t.path) if asked.is_rich else traces
        return [t for t in rich if not t.is_retired]

    def _scores(self, rows: list[int], asked: Vector, *, is_rich: bool) -> NDArray[np.float32]:
        matrix = self._paths if is_rich else self._words
        scores: NDArray[np.float32] = matrix[rows] @ np.asarray(asked, dtype=np.float32)
        return np.minimum(scores, 1)

    def _take(self, trace: Trace) -> None:
        if trace.uid not in self._rows:
            self._rows[trace.uid] = len(self._uids)
            self._uids.append(trace.uid)
            self._texts.append("")
            self._grow()
        for old in self._old.values():
            old.add(trace.uid)
        for members in self._listed.pop(trace.uid, ()):
            members.discard(trace.uid)
        listed = [self._tagged[tag] for tag in trace.tags]
        if trace.path:
            listed += [self._kinds[trace.path.pathway_id], self._folders[trace.path.file_prefix]]
        for members in listed:
            members.add(trace.uid)
        self._listed[trace.uid] = listed

    def _renew(self, kind: Kind) -> None:
        for uid in self._old[kind]:
            row, trace = self._rows[uid], self._state.get(uid)
            match kind:
                case "text":
                    self._texts[row] = normal(_text(trace))
                case "words":
                    self._words[row] = vector(words(_text(trace)))
                case _:
                    self._paths[row] = trace.path.vector if trace.path else 0
        self._old[kind].clear()

    def _grow(self) -> None:
        if len(self._uids) > len(self._words):
            self._words = np.concatenate([self._words, np.zeros_like(self._words)])
            self._paths = np.concatenate([self._paths, np.zeros_like(self._paths)])


def _text(trace: Trace) -> str:
    return "\n".join(leaves(trace.content))


def words_of(text: str) -> tuple[str, ...]:
    """The parts between blanks that a search looks for."""
    return tuple(normal(text).split())


def leaves(content: Json) -> list[str]:
    """Every text and number that content holds, in order; names of members are left out."""
    match content:
        case str():
            return [content]
        case bool() | None:
            return []
        case int() | float():
            return [str(content)]
        case Mapping():
            return [leaf for member in content.values() for leaf in leaves(member)]
        case _:
            return [leaf for member in content for leaf in leaves(member)]
