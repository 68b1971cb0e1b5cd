"""[pure] Text that was served lately, so that it is known when it comes back as something learned.

Sentences are remembered whole and texts as runs of four words, both as hashes. Held by one process; entries
of the playbook are known in every process, for that they were served stands in the log.
"""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lakehouse.matrix.bullets.hygiene.wording import grams, sentences, words
from lakehouse.matrix.bullets.params import BulletParams

SENTENCE_WORDS: Final = 7
"""Shorter sentences may be said by anybody."""

TEXT_WORDS: Final = 1_000
"""Of one passage; the rest of a longer one is not remembered."""

FEW: Final = 3
"""Runs that a text must have before a share of them says anything."""


@dataclass(frozen=True, slots=True)
class _Text:
    at_ms: int
    marks: tuple[int, ...]


class Served:
    """Hashes of what was served within a window. Not safe between threads."""

    def __init__(self, params: BulletParams) -> None:
        self._params = params
        self._texts: deque[_Text] = deque()
        self._marks: Counter[int] = Counter()

    def __len__(self) -> int:
        return len(self._texts)

    def remember(self, texts: Sequence[str], *, now_ms: int) -> None:
        """Take up passages that were served; what is older than the window goes."""
        for text in texts:
            marks = tuple(set(_marks(text)))
            self._texts.append(_Text(now_ms, marks))
            self._marks.update(marks)
        self._expire(now_ms)

    def copied(self, text: str, *, now_ms: int) -> float:
        """How much of a text was served lately, 0 to 1; 1 where a whole sentence was."""
        self._expire(now_ms)
        if any(_of_sentence(one) in self._marks for one in sentences(text) if len(one) >= SENTENCE_WORDS):
            return 1.0
        runs = [hash(one) for one in grams(words(text))]
        if len(runs) < FEW:
            return 0.0
        return sum(run in self._marks for run in runs) / len(runs)

    def _expire(self, now_ms: int) -> None:
        oldest = now_ms - self._params.window_ms
        while self._texts and (self._texts[0].at_ms < oldest or len(self._texts) > self._params.window_texts):
            for mark in self._texts.popleft().marks:
                self._marks[mark] -= 1
                if not self._marks[mark]:
                    del self._marks[mark]


def _marks(text: str) -> list[int]:
    found = words(text)[:TEXT_WORDS]
    whole = [_of_sentence(one) for one in sentences(text) if len(one) >= SENTENCE_WORDS]
    return [hash(one) for one in grams(found)] + whole


def _of_sentence(found: tuple[str, ...]) -> int:
    return hash(("sentence", *found))
