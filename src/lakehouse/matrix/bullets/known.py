"""[pure] Entries as they are compared: a view beside the fold, brought up to date before each question."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from lakehouse.matrix.bullets.bullet import Bullet
from lakehouse.matrix.bullets.fold import State
from lakehouse.matrix.bullets.hygiene.verdict import Likeness, likenesses
from lakehouse.matrix.bullets.hygiene.wording import Wording, read
from lakehouse.matrix.bullets.params import BulletParams

OVERLAP: Final = 0.45
"""Share of the shorter text's stems that must stand in the other before the two are compared closely."""


class Index:
    """Wordings of every entry. Not safe between threads. Cost: 0.3 ms for each entry that changed."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._wordings: dict[str, Wording] = {}
        self._exact: defaultdict[str, set[str]] = defaultdict(set)
        self._stems: defaultdict[str, set[str]] = defaultdict(set)

    def refresh(self) -> None:
        """Take up what changed in the fold."""
        for entry_id in self._state.touched:
            self._take(entry_id)
        self._state.touched.clear()

    def every(self) -> Sequence[tuple[Bullet, Wording]]:
        """All entries with their wording."""
        return [(self._state.get(entry_id), wording) for entry_id, wording in self._wordings.items()]

    def alike(
        self,
        wording: Wording,
        *,
        cosines: Mapping[str, float],
        now_ms: int,
        params: BulletParams,
        but: frozenset[str] = frozenset(),
    ) -> tuple[Likeness, ...]:
        """The entries that say the same as a text.

        Args:
            cosines: of the vectors, by entry; none where there are no vectors.
            but: ids that do not count.
        """
        ids = self._shortlist(wording) | {e for e, cosine in cosines.items() if cosine >= params.cosine}
        compared = [
            (self._speaks(entry_id), self._wordings[entry_id], cosines.get(entry_id), self._served(entry_id))
            for entry_id in sorted(ids - but)
            if entry_id in self._wordings
        ]
        found = likenesses(wording, compared, now_ms=now_ms, params=params)
        return tuple(one for one in found if one.bullet.entry_id not in but)

    def _served(self, entry_id: str) -> int | None:
        return self._state.served_ms(entry_id)

    def _speaks(self, entry_id: str) -> Bullet:
        """The entry that says today what this one said."""
        seen = {entry_id}
        bullet = self._state.get(entry_id)
        while bullet.merged_into and bullet.merged_into in self._state and bullet.merged_into not in seen:
            seen.add(bullet.merged_into)
            bullet = self._state.get(bullet.merged_into)
        return bullet

    def _shortlist(self, wording: Wording) -> set[str]:
        shared: Counter[str] = Counter()
        for stem in wording.terms:
            shared.update(self._stems.get(stem, ()))
        own = len(wording.terms)
        near = {
            entry_id
            for entry_id, count in shared.items()
            if count >= OVERLAP * min(own, len(self._wordings[entry_id].terms))
        }
        return near | self._exact.get(wording.digest, set())

    def _take(self, entry_id: str) -> None:
        if before := self._wordings.get(entry_id):
            self._exact[before.digest].discard(entry_id)
            for stem in before.terms:
                self._stems[stem].discard(entry_id)
        wording = read(self._state.get(entry_id).content)
        self._wordings[entry_id] = wording
        self._exact[wording.digest].add(entry_id)
        for stem in wording.terms:
            self._stems[stem].add(entry_id)
