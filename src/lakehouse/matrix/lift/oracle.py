"""[pure] Keeps the labels: whoever wants one must have shown the document, and every answer is counted.

Nothing else in a run holds them, so no ranker can learn what it did not show.
"""

from collections.abc import Iterable, Mapping

from lakehouse.base.errors import Refused


class FeedbackOracle:
    """Answers for documents that lie before a user at this moment."""

    def __init__(self, grades: Mapping[str, Mapping[str, float]]) -> None:
        self._grades = grades
        self._open: frozenset[str] = frozenset()
        self.answered = 0
        """Labels given so far."""

    def show(self, keys: Iterable[str]) -> None:
        """These documents are shown now, and no others."""
        self._open = frozenset(keys)

    def is_right(self, need: str, key: str) -> bool:
        """Is a document that is shown right for a need?

        Raises:
            Refused: it is not shown.
        """
        if key not in self._open:
            raise Refused("only what is shown can be judged", hint="show it first")
        self.answered += 1
        return self._grades.get(need, {}).get(key, 0.0) > 0

    def lasts(self, need: str, key: str, drawn: float) -> bool:
        """Does the choice of a document that is shown last, with such a number drawn?

        Raises:
            Refused: it is not shown.
        """
        return self.is_right(need, key) and drawn < self._grades[need][key]
