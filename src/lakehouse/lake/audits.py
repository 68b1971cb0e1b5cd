"""[acts] What audited pairs said of context for models: a fold over the stream of downgrades."""

import threading
from itertools import islice
from typing import Final

from lakehouse.matrix.downgrade import MODES, NOTHING, DowngradeParams, Evidence, Mode, Tier, tier
from lakehouse.store.journal import Journal

STREAM: Final = "downgrades"
ID: Final = "id"
"""Of a record, as the journal gives it."""


class Audits:
    """What audited pairs said of context, a fold over their stream. Safe between threads."""

    def __init__(self, journal: Journal) -> None:
        self._follower = journal.follow(STREAM)
        self._pairs: dict[str, tuple[str, Mode, float]] = {}
        """Record -> model, mode, difference, in the order in which they were told."""
        self._folded: tuple[int, dict[tuple[Tier, Mode], Evidence]] = (0, {})
        self._lock = threading.Lock()

    def known(self, params: DowngradeParams) -> dict[tuple[Tier, Mode], Evidence]:
        """The evidence of every pair so far, also those of other processes. Cost: one listing."""
        with self._lock:
            for record in self._follower.fetch():
                difference, mode = record.get("difference"), record.get("mode")
                known = next((one for one in MODES if one == mode), None)
                if known and isinstance(difference, int | float) and -1 <= difference <= 1:
                    pair = (str(record.get("model", "")), known, float(difference))
                    self._pairs.setdefault(str(record.get(ID)), pair)
            done, found = self._folded
            for model, mode, difference in islice(self._pairs.values(), done, None):
                key = (tier(model, params.weak_models), mode)
                found[key] = found.get(key, NOTHING).after(difference)
            self._folded = (len(self._pairs), found)
            return dict(found)
