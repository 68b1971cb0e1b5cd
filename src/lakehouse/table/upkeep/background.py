"""[acts] The background hand: notices which tables are due after a commit, and sees to them in turn."""

import threading
from collections.abc import Callable

from lakehouse.base.errors import LakehouseError
from lakehouse.table.heads import Head
from lakehouse.table.names import TableName
from lakehouse.table.upkeep.maintain import Maintainer, Upkeep


class Background:
    """One thread, started when first needed, that compacts tables that are due.

    A table is taken up once however many commits ask for it; a failure is reported and tried again at the
    next commit, since upkeep is never a reason for a write to fail.
    """

    def __init__(
        self,
        maintainer: Maintainer,
        *,
        done: Callable[[Upkeep], None],
        failed: Callable[[TableName, LakehouseError], None],
    ) -> None:
        self._maintainer, self._done, self._failed = maintainer, done, failed
        self._state = threading.Condition()
        self._due: dict[TableName, None] = {}
        self._busy = False
        self._closing = False
        self._thread: threading.Thread | None = None

    def notice(self, head: Head) -> None:
        """Queue the table if it is due; called after every commit, so it must be cheap."""
        if not self._maintainer.is_due(head):
            return
        with self._state:
            if self._closing:
                return
            self._due[head.name] = None
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, daemon=True, name="lakehouse-upkeep")
                self._thread.start()
            self._state.notify_all()

    def drain(self) -> None:
        """Return once nothing is due and nothing is being done."""
        with self._state:
            self._state.wait_for(lambda: not self._due and not self._busy)

    def close(self) -> None:
        """Finish what was begun, drop what was not, and end the thread."""
        with self._state:
            self._closing = True
            self._due.clear()
            self._state.notify_all()
        if self._thread:
            self._thread.join()

    def _work(self) -> None:
        while True:
            with self._state:
                self._state.wait_for(lambda: self._due or self._closing)
                if self._closing:
                    return
                name = next(iter(self._due))
                del self._due[name]
                self._busy = True
            try:
                if did := self._maintainer.compact_if_due(name):
                    self._done(did)
            except LakehouseError as error:
                self._failed(name, error)
            finally:
                with self._state:
                    self._busy = False
                    self._state.notify_all()
