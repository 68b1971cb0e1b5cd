"""[acts] The keeper: while a lake is kept open, indexes follow their tables by themselves."""

import threading

from lakehouse.base.clock import Clock
from lakehouse.base.errors import LakehouseError
from lakehouse.index.definition import Definition
from lakehouse.index.params import IndexParams
from lakehouse.index.vectors import NAMESPACE
from lakehouse.lake.indexes import Indexes
from lakehouse.table import names
from lakehouse.table.heads import Head
from lakehouse.table.names import TableName

LOOK_S = 1.0
"""Between two looks at what is due; also how late a scheduled refresh may be."""

HOUR_MS = 3_600_000


class Keeper:
    """One thread that starts refreshes: after commits, on schedule, and trials where they are wanted."""

    def __init__(self, indexes: Indexes, *, clock: Clock, params: IndexParams) -> None:
        self._indexes, self._clock, self._params = indexes, clock, params
        self._due: dict[TableName, int] = {}
        self._refreshed: dict[str, int] = {}
        self._tuned: list[int] = []
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look after the indexes; work that an earlier process left is taken up at once."""
        if self._thread or not self._params.refresh:
            return
        for definition in self._definitions():
            if definition.refresh != "manual":
                self._indexes.start("refresh", definition.name)
        self._thread = threading.Thread(target=self._work, daemon=True, name="lakehouse-keeper")
        self._thread.start()

    def notice(self, head: Head) -> None:
        """Note a commit; called after every one, so it only writes the time down."""
        if self._thread is None or head.name.namespace == NAMESPACE:
            return
        with self._lock:
            self._due[head.name] = self._clock.now_ms() + int(self._params.settle_s * 1000)

    def close(self) -> None:
        """End the thread; jobs under way are not its own."""
        self._ending.set()
        if self._thread:
            self._thread.join()

    def look(self) -> tuple[str, ...]:
        """Start what is due now; the names of the indexes it was started for."""
        now = self._clock.now_ms()
        with self._lock:
            quiet = {name for name, due in self._due.items() if due <= now}
            for name in quiet:
                del self._due[name]
        started = []
        for definition in self._definitions():
            follows = definition.refresh == "on-append" and names.parse(definition.table) in quiet
            if follows or self._is_scheduled(definition, now):
                self._indexes.start("refresh", definition.name)
                self._refreshed[definition.name] = now
                started.append(definition.name)
        if not quiet and not started and self._params.tune:
            self._tune(now)
        return tuple(started)

    def _is_scheduled(self, definition: Definition, now: int) -> bool:
        since = now - self._refreshed.setdefault(definition.name, now)
        return definition.refresh == "scheduled" and since >= definition.every_s * 1000

    def _tune(self, now: int) -> None:
        self._tuned = [at for at in self._tuned if now - at < HOUR_MS]
        if len(self._tuned) >= self._params.tune_per_hour:
            return
        for definition in self._definitions():
            if definition.model and self._indexes.tune_later(definition.name):
                self._tuned.append(now)
                return

    def _definitions(self) -> tuple[Definition, ...]:
        found = []
        for name in self._indexes.names():
            try:
                found.append(self._indexes.get(name).definition())
            except LakehouseError:
                continue  # dropped meanwhile, or a table of another tool in that namespace
        return tuple(found)

    def _work(self) -> None:
        while not self._ending.wait(LOOK_S):
            self.look()
