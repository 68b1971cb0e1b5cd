"""[acts] Search by words: one document a row, BM25 over English stems, whole commits or nothing.

The states of the folder are kept by `states`, the words by `words`; here they are put together, with the list
of what is held (key and digest), by which an index finds what has changed since.
"""

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from lakehouse.base.errors import Corrupt, Invalid
from lakehouse.index.words import phrase
from lakehouse.index.words.states import Mark, State, States, disk_errors
from lakehouse.index.words.weigh import Terms
from lakehouse.store.durable import write_file

if TYPE_CHECKING:
    from lakehouse.index.words import native

T = TypeVar("T")

FORMAT: Final = 1
"""Of fields, analysis and files together: whoever changes one raises it, and indexes are made again."""

LOCK_WAIT_S: Final = 30.0
READ_TO_TERM: Final = 8
"""A hit that is read (8 µs) costs as much as this many terms of a set (1 µs each)."""

MAX_KEY_BYTES: Final = 32_768
BATCH: Final = 10_000
"""Keys that are held as Python strings at a time."""

PREFIX: Final = "known-"
KNOWN: Final = PREFIX + "{:09d}.arrow"
"""Named by the state that added it; the order of the names is the order of the changes."""

HELD: Final = pa.schema([("key", pa.string()), ("digest", pa.string())])


@dataclass(frozen=True, slots=True)
class Document:
    """One row's text, as it is searched."""

    key: str
    digest: str
    """Of the row as the caller knows it; tells what has changed."""

    text: str


@dataclass(frozen=True, slots=True)
class WordHit:
    """A row that answers."""

    key: str
    score: float
    """BM25, above 0; comparable within one query and one index."""


@dataclass(frozen=True, slots=True)
class _View:
    mark: Mark
    state: State
    reader: "native.Reader | None"


class Lexical:
    """The index of words in one folder; safe between threads, and between processes."""

    def __init__(self, folder: Path, *, lock_wait_s: float = LOCK_WAIT_S) -> None:
        """Open it, or make it.

        Raises:
            Corrupt: a file is missing or not what was written; delete the folder and fill it again.
            Unavailable: the disk refused, or a first writer took too long.
        """
        self._states = States(folder, format=FORMAT, lock_wait_s=lock_wait_s)
        self._opening = threading.Lock()
        self._view: _View | None = None
        self._is_closed = False
        self._look()

    @property
    def size(self) -> int:
        """How many documents it holds."""
        reader = self._look().reader
        return reader.rows if reader else 0

    def mark(self) -> object:
        """What tells this state from the one after any commit, another process's too. Cost: one stat.

        Raises:
            Corrupt: its files are gone.
        """
        return self._states.mark()

    def known(self) -> pa.Table:
        """Key and digest of every document, in no order that means anything."""
        while True:
            view = self._look()
            try:
                place = self._states.place(view.state)
                return _known([place / f.name for f in view.state.files if f.name.startswith(PREFIX)])
            except (OSError, pa.ArrowInvalid) as error:
                self._unless_moved(view, error)

    def update(self, changed: Iterable[Document], gone: Iterable[str] = ()) -> None:
        """Put `changed` in place of the documents with the same keys and take `gone` out, in one commit.

        A key that is in both stays. The documents are read once, as they come; if their source fails,
        nothing has happened.

        Raises:
            Invalid: a key is empty or longer than 32 KiB.
            Unavailable: the disk refused, or another process was writing for too long.
        """
        documents, removed = iter(changed), iter(gone)
        first, first_gone = next(documents, None), next(removed, None)
        if first is None and first_gone is None:
            return
        with self._states.locked():
            state = self._look().state
            with self._states.draft(state) as folder:
                held = _write(
                    folder, _led(removed, first_gone), _led(documents, first), is_new=not state.number
                )
                _hold(folder, held, number=state.number + 1)
                names = [path.name for path in folder.iterdir() if path.suffix != ".lock"]
                self._states.seal(state, names)
        self._look()

    def search(
        self, query: str, k: int, *, allowed: Collection[str] | None = None, excluded: Collection[str] = ()
    ) -> tuple[WordHit, ...]:
        """The `k` best rows, best first, equal ones by key.

        Args:
            query: as a person types it; `phrase` says what the signs mean.
            allowed: keys of the rows that may be found; None: all.
            excluded: keys of rows that may not.

        Raises:
            Invalid: the query has no words, or k < 1.
        """
        asked = phrase.parse(query)
        if k < 1:
            raise Invalid("at least one hit must be asked for", hint="set k to 1 or more", k=k)
        reader = self._look().reader
        if reader is None or (allowed is not None and not allowed):
            return ()
        out = excluded if isinstance(excluded, set | frozenset | dict) else frozenset(excluded)
        if allowed is None:
            return _best(reader.ranked(asked, first=k + len(out)), k, excluded=out)
        # If the allowed rows lay anywhere in the ranking, k * rows / allowed hits would have to be read.
        if READ_TO_TERM * k * reader.rows < len(allowed) ** 2:
            found = _among(reader, asked, k, allowed=allowed, excluded=out)
            if found is not None:
                return found
        return _best(reader.ranked(asked, allowed=allowed), k, excluded=out)

    def terms(self, query: str) -> Terms:
        """What is known here of a question's words. Cost: some microseconds a word.

        Raises:
            Invalid: the query has no words.
        """
        asked, reader = phrase.parse(query), self._look().reader
        if reader is None:
            return Terms(rows=0, asked={}, holding={})
        counted = reader.terms(asked)
        return Terms(rows=reader.rows, asked=counted, holding=reader.holding(counted))

    def weighed(self, weights: Mapping[str, float], keys: Collection[str]) -> dict[str, float]:
        """BM25 of these rows with weights for terms from outside, such as those of several indexes together.

        Rows that say none of the terms are left out. Cost: that of a search, and 1 µs a key.
        """
        reader = self._look().reader
        return reader.weighed(weights, keys) if reader else {}

    def saying(self, phrase: str, among: Collection[str] | None = None) -> frozenset[str] | None:
        """Keys of the rows that say a word or phrase, as `search` reads it; None: it is all function words.

        Args:
            among: of these rows only.

        Cost: that of a search; over all rows, 2 µs for each that says it.
        """
        reader = self._look().reader
        return reader.saying(phrase, among) if reader else frozenset()

    def texts(self, keys: Sequence[str]) -> dict[str, Document]:
        """The documents with these keys; those that it does not hold are left out."""
        reader = self._look().reader
        return {row[0]: Document(*row) for row in reader.read(keys)} if reader else {}

    def close(self) -> None:
        """Give files and memory back; nothing else may be called after it."""
        self._is_closed = True
        self._view = None

    def _look(self) -> _View:
        """The current state, loaded; a state that another process has sealed is seen here."""
        if self._is_closed:
            raise Invalid("this index of words is closed", hint="open it again")
        view = self._view
        if view and view.mark == self._states.mark():
            return view
        with self._opening:
            while self._view is None or self._view.mark != self._states.mark():
                mark = self._states.mark()
                try:
                    self._view = self._open(mark, self._view)
                except Corrupt:
                    if mark == self._states.mark():
                        raise  # else its files were replaced while they were read
            return self._view

    def _open(self, mark: Mark, before: _View | None) -> _View:
        from lakehouse.index.words import native

        state = self._states.read()
        self._states.check(state, known=before.state.files if before else ())
        reader = native.Reader(self._states.place(state)) if state.number else None
        return _View(mark, state, reader)

    def _unless_moved(self, view: _View, error: Exception) -> None:
        if view.mark == self._states.mark():
            raise Corrupt(
                "the index of words is damaged", hint="delete its folder; it is made again"
            ) from error


def _led(rest: Iterator[T], first: T | None) -> Iterator[T]:
    if first is not None:
        yield first
    yield from rest


def _best(ranked: Iterator[tuple[str, float]], k: int, *, excluded: Collection[str]) -> tuple[WordHit, ...]:
    return tuple(islice((WordHit(*hit) for hit in ranked if hit[0] not in excluded), k))


def _among(
    reader: "native.Reader",
    asked: phrase.Asked,
    k: int,
    *,
    allowed: Collection[str],
    excluded: Collection[str],
) -> tuple[WordHit, ...] | None:
    """The `k` best of many allowed rows; None where reading hits costs more than naming the rows would."""
    inside = allowed if isinstance(allowed, set | frozenset | dict) else frozenset(allowed)
    budget, found = len(inside) // READ_TO_TERM, list[WordHit]()
    ranked = reader.ranked(asked)
    for key, score in islice(ranked, budget):
        if key in inside and key not in excluded:
            found.append(WordHit(key, score))
            if len(found) == k:
                return tuple(found)
    return tuple(found) if next(ranked, None) is None else None


def _write(folder: Path, gone: Iterator[str], changed: Iterator[Document], *, is_new: bool) -> pa.Table:
    """Write rows and removals; what is held of their keys afterwards, where no digest means removed."""
    from lakehouse.index.words import native

    batches = [HELD.empty_table()]
    with native.Writer(folder, is_new=is_new) as writer:
        while removed := list(islice(gone, BATCH)):
            for key in removed:
                writer.remove(key)
            batches.append(pa.table([removed, [None] * len(removed)], schema=HELD))
        while documents := list(islice(changed, BATCH)):
            for document in documents:
                _check(document)
                writer.put(document.key, document.digest, document.text)
            columns = [d.key for d in documents], [d.digest for d in documents]
            batches.append(pa.table(list(columns), schema=HELD))
    return _newest(pa.concat_tables(batches))


def _check(document: Document) -> None:
    try:
        length = len(document.key.encode()) if document.text.isascii() or document.text.encode() else 0
    except UnicodeEncodeError as error:
        raise Invalid("a text is no Unicode", hint="remove half surrogate pairs from it") from error
    if not 0 < length <= MAX_KEY_BYTES:
        raise Invalid("a key is empty or longer than 32 KiB", hint="identify rows by a shorter column")


def _hold(folder: Path, held: pa.Table, *, number: int) -> None:
    """Add to what is held, taking in smaller parts: their number grows with the logarithm of the rows."""
    parts = sorted(folder.glob(f"{PREFIX}*"))  # oldest first
    while parts and len(_table(parts[-1])) <= 2 * len(held):
        smaller = parts.pop()
        held = _newest(pa.concat_tables([_table(smaller), held]))
        smaller.unlink()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, HELD) as writer:
        writer.write_table(held)
    with disk_errors():
        write_file(folder / KNOWN.format(number), sink.getvalue(), sync=False)


def _known(paths: Sequence[Path]) -> pa.Table:
    parts = [_table(path) for path in sorted(paths)]
    held = _newest(pa.concat_tables(parts)) if len(parts) > 1 else (parts or [HELD.empty_table()])[0]
    return held.filter(pc.is_valid(held["digest"]))


def _table(path: Path) -> pa.Table:
    with pa.OSFile(str(path)) as file:
        return pa.ipc.open_file(file).read_all()


def _newest(held: pa.Table) -> pa.Table:
    """The last line of every key."""
    numbered = held.append_column("at", pa.array(range(len(held)), pa.int64()))
    last = numbered.group_by("key").aggregate([("at", "max")])["at_max"]
    return held.take(last.combine_chunks().sort())
