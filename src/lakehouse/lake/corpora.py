"""[acts] The corpora of a lake: every index, and what its card says of how to ask it."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Final

from lakehouse.base.clock import Clock
from lakehouse.base.errors import Conflict, Corrupt, Invalid, NotFound
from lakehouse.base.ids import ulid
from lakehouse.index.definition import NAME
from lakehouse.lake.indexes import Indexes
from lakehouse.matrix import corpus
from lakehouse.matrix.conditions.facet import kind_of
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
        self._damaged: dict[str, str] = {}
        """Cards that cannot be read here, and why: another version may have written them."""
        self._latest: dict[str, str] = {}
        """Name -> the last event: files that were folded are read again."""
        self._lock = threading.Lock()

    def ls(self) -> tuple[Corpus, ...]:
        """Every corpus: those with a card, and each other index as it is.

        An index that has a card of another name, with a filter, stays a corpus: the card shows a part of it.

        Raises:
            Corrupt: a card cannot be read.
        """
        cards = self._known()
        for name in self._damaged:
            self._require_sound(name)
        covered = {card.index for card in cards.values() if not card.filter} | cards.keys()
        plain = [corpus.card(name) for name in self._indexes.whole() if name not in covered]
        return tuple(sorted((*cards.values(), *plain), key=lambda one: one.name))

    def add(self, card: Corpus | Mapping[str, object]) -> Corpus:
        """Give an index a card, or write it anew; searches go by it at once.

        Raises:
            NotFound: no such index, or a facet that its table has not.
            Invalid: a member of the card is wrong, or its filter is no condition on the table.
            Conflict: the name is that of another index.
        """
        made = card if isinstance(card, Corpus) else corpus.parse(card)
        self.require_free(made)
        index = self._indexes.get(made.index)
        columns = {column.name: column.type for column in index.source().columns}
        if lost := [facet for facet in made.facets if facet not in columns]:
            raise NotFound(
                f"the table of {made.index} has no column {lost[0][:60]!r}",
                hint=f"there are: {', '.join(sorted(columns))[:200]}",
            )
        if odd := [facet for facet in made.facets if kind_of(columns[facet]) is None]:
            raise Invalid(
                f"questions cannot name what {odd[0][:60]!r} holds: {columns[odd[0]][:60]}",
                hint="facets are columns of text, lists of text, numbers, flags and dates",
            )
        if made.filter.strip():
            index.view().allowed(made.filter, index.source)
        self._write("card", made.name, asdict(made))
        return made

    def remove(self, name: str) -> None:
        """Forget a card; the index stays, and is a corpus as it is.

        Raises:
            NotFound: there is no card of that name.
        """
        if not self.has_card(name):
            raise NotFound(f"there is no card {name[:60]!r}", hint="lakehouse matrix corpora")
        self._write("removed", name, None)

    def require_free(self, card: Corpus) -> None:
        """Raises `Conflict` where the name of a card is that of another index."""
        if card.name != card.index and card.name in self._indexes.names():
            raise Conflict(f"{card.name} is the name of another index", hint="choose another name")

    def has_card(self, name: str) -> bool:
        """Was a card of this name written, and not removed?"""
        return name in self._known() or name in self._damaged

    def chosen(self, names: Sequence[str]) -> list[Corpus]:
        """The corpora of these names, or all.

        Raises:
            NotFound: nothing can be called so.
            Corrupt: a card cannot be read.
        """
        if isinstance(names, str):
            names = [names]
        if not names:
            return list(self.ls())
        return [self.get(name) for name in dict.fromkeys(map(str, names))]

    def get(self, name: str) -> Corpus:
        """The card of a corpus; that of an index which was given none, whether it is there or not.

        Raises:
            NotFound: nothing can be called so.
            Corrupt: the card cannot be read.
        """
        cards = self._known()
        self._require_sound(name)
        if name in cards:
            return cards[name]
        if not NAME.fullmatch(name):
            raise NotFound(f"there is no corpus {name[:60]!r}", hint="lakehouse matrix corpora")
        return corpus.card(name)

    def index_of(self, name: str) -> str:
        """The index behind a corpus."""
        card = self._known().get(name)
        return card.index if card else name

    def _require_sound(self, name: str) -> None:
        if why := self._damaged.get(name):
            hint = f"write it anew, or lakehouse matrix remove {name[:60]}"
            raise Corrupt(f"the card of {name[:60]} cannot be read: {why}", hint=hint)

    def _known(self) -> dict[str, Corpus]:
        """Cards by name, with what other processes wrote. Cost: one listing of a small stream."""
        with self._lock:
            for record in self._follower.fetch():
                name, event = str(record.get("name", "")), str(record.get("event_id", ""))
                if event > self._latest.get(name, ""):
                    self._latest[name] = event
                    self._fold(name, record)
            return dict(self._cards)

    def _fold(self, name: str, record: Mapping[str, Json]) -> None:
        card = record.get("card")
        self._cards.pop(name, None)
        self._damaged.pop(name, None)
        if record.get("op") == "removed":
            return
        try:
            self._cards[name] = corpus.known(card if isinstance(card, Mapping) else {})
        except Invalid as error:
            self._damaged[name] = error.message

    def _write(self, op: str, name: str, card: dict[str, Json] | None) -> None:
        record: dict[str, Json] = {
            "event_id": ulid(self._clock.now_ms()), "op": op, "name": name, "card": card,
        }  # fmt: skip
        self._journal.append(STREAM, [record])
