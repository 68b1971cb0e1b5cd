"""[acts] What the signs of a question demand of a row, whoever finds it: phrases it says, words it does not.

Words obey by themselves; here meaning does, and what was learned. The index of words tells, for every row.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from lakehouse.index.allowed import Allowed
from lakehouse.index.ann import Vectors
from lakehouse.index.view import Near, View
from lakehouse.index.words import phrase
from lakehouse.index.words.lexical import Lexical

SIGNS: Final = frozenset('-"“”„‟')
"""Without any of these a question demands nothing, and need not be read for it."""

DEEPER: Final = 4
"""Times as many rows are looked at when too few of those looked at obey."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The demands of one question on the rows of one index."""

    words: Lexical
    phrases: tuple[str, ...]
    """Every one must be said."""

    excluded: tuple[str, ...]
    """None of them may be."""

    def kept(self, keys: Collection[str]) -> frozenset[str]:
        """The rows among these that obey."""
        left = frozenset(keys)
        for one in self.phrases:
            saying = self.words.saying(one, left)
            left = left if saying is None else saying
        return left - self._broken(left)

    def nearest(
        self,
        view: View,
        vector: Vectors,
        k: int,
        *,
        allowed: Allowed | None,
        excluded: Collection[str],
        exact: bool,
    ) -> tuple[Near, ...]:
        """The `k` rows nearest to a question that obey; the arguments are those of `View.nearest`.

        Cost: that of naming every row that says the phrases, and of `View.nearest` until enough are left.
        """
        for one in self.phrases:
            if (saying := self.words.saying(one)) is not None:
                allowed = view.among(saying, within=allowed)
        asked = k
        while True:
            found = view.nearest(vector, asked, allowed=allowed, excluded=excluded, exact=exact)
            broken = self._broken([near.key for near in found])
            left = tuple(near for near in found if near.key not in broken)[:k]
            if len(left) == k or len(found) < asked:
                return left
            asked *= DEEPER

    def _broken(self, keys: Collection[str]) -> frozenset[str]:
        """The rows among these that say what is excluded."""
        said = (self.words.saying(one, keys) for one in self.excluded)
        return frozenset[str]().union(*(found for found in said if found is not None))


def bound(text: str, words: Lexical | None) -> Bound | None:
    """What a question demands of rows with text; None: nothing, as most do.

    Raises:
        Invalid: the question has no words.
    """
    if words is None or SIGNS.isdisjoint(text):
        return None
    asked = phrase.parse(text)
    demands = asked.phrases or asked.excluded
    return Bound(words, asked.phrases, asked.excluded) if demands else None
