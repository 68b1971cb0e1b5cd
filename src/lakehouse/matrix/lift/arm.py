"""[seam] A ranker under test: it is asked, it shows, it is told what became of it, as a real one would be.

The labels stay with the user simulation. An arm sees a question, the base's candidates, and later the
outcomes of what was shown; nothing else reaches it, so no arm can read the answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from lakehouse.matrix.playbook.events import Outcome, Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question as the base answers it."""

    text: str
    vector: Vector
    """(d,), unit length."""

    base: Mapping[str, float]
    """Key of a candidate -> base score, 0 to 1; the base's first 100 of each leg."""

    order: tuple[str, ...]
    """The same keys, best first."""

    keys: Mapping[str, str] = field(default_factory=dict)
    """Hard keys of the need: role, city."""

    gone: frozenset[str] = frozenset()
    """Rows that are retired by now: never to be shown."""

    allowed: frozenset[str] | None = None
    """Rows that meet the question's conditions, and no others may be shown; None: there are none."""


class Arm(Protocol):
    """Ranks, and learns from what it is told. One instance sees one stream."""

    @property
    def name(self) -> str:
        """As reports call it."""

    def rank(self, asked: Asked) -> Sequence[str]:
        """Keys, best first, at least ten where there are as many. Asking changes nothing that was learned."""

    def learn(self, search_id: str, asked: Asked, shown: Sequence[str], outcomes: Sequence[Outcome]) -> None:
        """What became of a list that was shown to a user; outcomes in the order of the ranks.

        Args:
            search_id: the same for every arm at the same place of the stream.
            outcomes: clicks, acceptances, rejections; audited ones carry `is_audit`.
        """
