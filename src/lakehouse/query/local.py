"""[acts] The engine in this process, without jail or clock: the twin for tests, never for others' SQL."""

import threading
from pathlib import Path

from lakehouse.base.child import Message
from lakehouse.base.errors import LakehouseError, Unavailable
from lakehouse.query.engine import Answer, Bound, Limits, Parsed
from lakehouse.query.exchange import Views, collect, parsed
from lakehouse.query.worker import Worker


class LocalEngine:
    """Runs SQL one query at a time; DuckDB's own settings are locked all the same.

    Args:
        folders: what queries may read.
        temp: where spills go.
    """

    def __init__(self, *, folders: tuple[Path, ...], temp: Path) -> None:
        setup = {
            "temp": str(temp),
            "folders": [str(f) for f in folders],
            "memory_bytes": 256 << 20,
            "temp_bytes": 1 << 30,
            "threads": 1,
        }
        self._worker = Worker(setup)
        self._views = Views(64)
        self._turn = threading.Lock()
        self._running = ""
        self._cancelled = self._closed = False

    def parse(self, sql: str) -> Parsed:
        """Parse without running."""
        with self._turn:
            self._check_open()
            (reply,) = self._worker(Message({"op": "parse"}, (sql.encode(),)))
            return parsed(reply)

    def run(self, bound: Bound, limits: Limits, *, query_id: str) -> Answer:
        """Run a bound statement; `limits.timeout_s` is not kept here."""
        with self._turn:
            self._check_open()
            self._running, self._cancelled = query_id, False
            try:
                if self._views.need_iceberg(bound):
                    list(self._worker(Message({"op": "iceberg"})))
                    self._views.restart()
                return collect(self._worker(Message(*self._views.request(bound, limits))))
            except LakehouseError as error:
                self._views.doubt(bound)
                if self._cancelled:
                    raise Unavailable("the query was cancelled", hint="run it again") from error
                raise
            finally:
                self._running = ""

    def cancel(self, query_id: str) -> bool:
        """Interrupt a running query; False when none runs under that id."""
        if not query_id or query_id != self._running:
            return False
        self._cancelled = True
        self._worker.interrupt()
        return True

    def close(self) -> None:
        """Refuse all further queries."""
        self._closed = True

    def _check_open(self) -> None:
        if self._closed:
            raise Unavailable("the engine is closed", hint="open the lake again")
