"""[acts] Reading files from the safe side: one jailed child for the files of one call, asked in turn."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from lakehouse.base.child import Child
from lakehouse.base.errors import Corrupt
from lakehouse.base.jail import Jail
from lakehouse.ingest import wire
from lakehouse.ingest.params import IngestParams
from lakehouse.ingest.shape import Conversion, Inspection, Target
from lakehouse.ingest.source import Source

Watch = Callable[[str, int, int], None]
"""Called with a source's name, how many of its bytes are done, and how many it has."""


class Reader:
    """Inspects and converts files; a file that kills the child costs only itself."""

    def __init__(self, sources: Sequence[Source], *, staging: Path, params: IngestParams) -> None:
        self._sources, self._staging, self._params = sources, staging, params
        self._child: Child | None = None

    def scratch(self, number: int) -> Path:
        """An empty folder for the `number`-th file of this call."""
        folder = self._staging / f"file-{number}"
        self.clear(folder)
        return folder

    def clear(self, folder: Path) -> None:
        """Make the folder empty."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)

    def inspect(self, source: Source, scratch: Path) -> Inspection:
        """What the file holds.

        Raises:
            LakehouseError: it cannot be read: a case for quarantine.
        """
        request = {"op": "inspect", **_where(source, scratch)}
        reply = self._ready().ask(request, timeout_s=self._params.timeout_s)
        return wire.decode(Inspection, reply.header)

    def convert(
        self,
        source: Source,
        scratch: Path,
        *,
        inspection: Inspection,
        targets: Sequence[Target],
        field_ids: str,
        watch: Watch | None,
    ) -> Conversion:
        """The file as staged Parquet below `scratch`.

        Raises:
            LakehouseError: it is broken, or too large for the limits.
            Corrupt: the child's figures do not add up, or it names files that it may not.
        """
        request = {
            "op": "convert",
            **_where(source, scratch),
            "inspection": wire.encode(inspection),
            "targets": [wire.encode(t) for t in targets],
            "field_ids": field_ids,
        }
        for reply in self._ready().stream(request, timeout_s=self._params.timeout_s):
            done = reply.header.get("progress")
            if watch and isinstance(done, int):
                watch(source.label, done, source.bytes)
        return _checked(wire.decode(Conversion, reply.header), scratch)

    def close(self) -> None:
        """End the child and remove what it left."""
        if self._child:
            self._child.close()
        shutil.rmtree(self._staging, ignore_errors=True)

    def _ready(self) -> Child:
        if self._child is None or not self._child.is_alive:
            if self._child:
                self._child.close()
            self._staging.mkdir(parents=True, exist_ok=True)
            jail = Jail(
                read=tuple(s.path for s in self._sources),
                write=(self._staging,),
                memory_bytes=self._params.memory_bytes,
            )
            self._child = Child("lakehouse.ingest.worker:serve", jail, without=("pandas", "pyarrow.dataset"))
        return self._child


def _where(source: Source, scratch: Path) -> dict[str, object]:
    return {"path": str(source.path.absolute()), "name": source.path.name, "scratch": str(scratch)}


def _checked(done: Conversion, scratch: Path) -> Conversion:
    """A child that parsed a hostile file may say anything: its paths must be its own, its sums must hold."""
    paths = [f.path for f in done.files] + [done.rejects_path] * bool(done.rejects_path)
    strange = [p for p in paths if Path(p).resolve().parent != scratch.resolve()]
    if strange or done.rows_read != done.rows_written + done.rejected:
        raise Corrupt("the reader's figures do not add up", hint="try again; report the file if it repeats")
    return done
