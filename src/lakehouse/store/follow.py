"""[acts] A stream as it grows: each file is read once, also those that other processes write.

For whoever keeps a fold of a stream in memory. Unlike `Journal.replay` a damaged line is skipped and counted,
so that one bad line does not hide all the others. A record may come twice when files were folded in between:
whoever folds must know a record that it has seen.
"""

from collections.abc import Sequence
from typing import Final

from lakehouse.base.errors import Conflict
from lakehouse.store.archive import Archive
from lakehouse.store.folds import Survey
from lakehouse.store.streams import Json, unshape

TRIES: Final = 3
"""Each failure means that files were folded at that very moment."""


class Follower:
    """Reads what is new in one stream. Not safe between threads."""

    def __init__(self, archive: Archive, stream: str) -> None:
        self._archive, self._stream = archive, stream
        self._read: set[str] = set()
        self.damaged = 0
        """Lines skipped so far."""

    def fetch(self) -> Sequence[dict[str, Json]]:
        """Records of files that were not read before, oldest file first. Cost: one listing of the stream.

        Raises:
            Conflict: the stream was folded again and again while it was read; fetch again.
            Corrupt: a Parquet file is damaged.
            Unavailable: the store did not answer.
        """
        for _ in range(TRIES - 1):
            try:
                return self._fresh(self._archive.survey(self._stream))
            except Conflict:
                continue
        return self._fresh(self._archive.survey(self._stream))

    def _fresh(self, found: Survey) -> Sequence[dict[str, Json]]:
        records: list[dict[str, Json]] = []
        done: set[str] = set()
        damaged = 0
        for file in found.live:
            if file.name in self._read:
                continue
            held = self._archive.claims(file)
            if not held or not held <= self._read:
                read, skipped = self._archive.whole_lines(file)
                records += map(unshape, read)
                damaged += skipped
            done |= {file.name, *held}
        self._read |= done
        self.damaged += damaged
        return records
