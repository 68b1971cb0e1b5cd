"""[acts] The corpora of a lake: every index, and what its card says of how to ask it."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Final

from lakehouse.base.clock import Clock
from lakehouse.base.errors import Conflict, Corrupt, Invalid, NotFound
from lakehouse.base.ids import ulid
from lakehouse.lake.indexes import Indexes
from lakehouse.matrix import corpus
from lakehouse.matrix.corpus import Corpus
from lakehouse.store.journal import Journal
from lakehouse.store.streams import Json

STREAM: Final = "corpora"


class Corpora:
    """Cards, a fold over their stream. Safe between threads; other processes' cards are seen at once."""

    def __init__(self, indexes: Indexes, *, journal: Journal, clock: Clock) -> None:
        self._indexes, self._journal, self._clock = indexes, journal, clock
        self._follower = journal.follow(STREAM)
        self._cards: dict[str, Corpus] = {}
        self._lock = threading.Lock()

    def ls(self) -> tuple[Corpus, ...]:
        """Every corpus: those with a card, and each other index as it is."""
        cards = self._known()
        indexed = {card.index for card in cards.values()}
        plain = [
            corpus.card(name) for name in self._indexes.whole() if name not in cards | dict.fromkeys(indexed)
        ]
        return tuple(sorted((*cards.values(), *plain), key=lambda one: one.name))

    def add(self, card: Corpus | Mapping[str, object]) -> Corpus:
        """Give an index a card, or write it anew; searches go by it at once.

        Raises:
            NotFound: no such index, or a facet that its table has not.
            Invalid: a member of the card is wrong.
        """
        made = card if isinstance(card, Corpus) else corpus.parse(card)
        columns = {column.name for column in self._indexes.get(made.index).source().columns}
        if lost := [facet for facet in made.facets if facet not in columns]:
            raise NotFound(
                f"the table of {made.index} has no column {lost[0][:60]!r}",
                hint=f"there are: {', '.join(sorted(columns))[:200]}",
            )
        if made.name != made.index and made.name in self._indexes.whole():
            raise Conflict(f"{made.name} is the name of another index", hint="choose another name")
        self._write("card", made.name, asdict(made))
        return made

    def remove(self, name: str) -> None:
        """Forget a card; the index stays, and is a corpus as it is.

        Raises:
            NotFound: there is no card of that name.
        """
        if name not in self._known():
            raise NotFound(f"there is no card {name[:60]!r}", hint="lakehouse matrix corpora")
        self._write("removed", name, None)

    def chosen(self, names: Sequence[str]) -> list[Corpus]:
        """The corpora of these names, or all."""
        if isinstance(names, str):
            names = [names]
        if not names:
            return list(self.ls())
        cards = self._known()
        return [cards.get(name) or corpus.card(name) for name in dict.fromkeys(map(str, names))]

    def index_of(self, name: str) -> str:
        """The index behind a corpus."""
        card = self._known().get(name)
        return card.index if card else name

    def _known(self) -> dict[str, Corpus]:
        """Cards by name, with what other processes wrote. Cost: one listing of a small stream."""
        with self._lock:
            for record in self._follower.fetch():
                name, card = str(record.get("name", "")), record.get("card")
                if record.get("op") == "removed" or not isinstance(card, Mapping):
                    self._cards.pop(name, None)
                    continue
                try:
                    self._cards[name] = corpus.parse(card)
                except Invalid as error:
                    raise Corrupt(f"the card of {name[:60]} cannot be read", hint="write it anew") from error
            return dict(self._cards)

    def _write(self, op: str, name: str, card: dict[str, Json] | None) -> None:
        record: dict[str, Json] = {
            "event_id": ulid(self._clock.now_ms()), "op": op, "name": name, "card": card,
        }  # fmt: skip
        self._journal.append(STREAM, [record])
