"""[acts] What the words after `lakehouse ingest` mean: files, folders, patterns, or what is piped in."""

import glob
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from lakehouse.base.errors import Invalid, NotFound, Refused, Unavailable
from lakehouse.ingest.naming import table_name

MAX_STDIN_BYTES: Final = 20 << 30
CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file to be ingested."""

    path: Path
    label: str
    """As the person named it; `-` for what was piped in."""

    table: str
    """The table's name when none is given."""

    bytes: int


def find(words: Iterable[str], *, stdin: IO[bytes] | None, spool: Path) -> tuple[Source, ...]:
    """Every file that `words` name, each once, in the order given; folders and patterns sorted.

    Args:
        words: files, folders (walked, hidden entries skipped), patterns with * ? [ ] **, or `-`.
        stdin: what `-` means; None where it is closed.
        spool: a file that `-` is written to; removing it is the caller's.

    Raises:
        NotFound: a word names nothing.
        Invalid: it is neither a file nor a folder.
        Unavailable: the system does not let it be looked at.
    """
    found: dict[Path, Source] = {}
    for word in words:
        if word == "-":
            if stdin is None:
                raise Invalid("standard input is closed", hint="pipe a file in: lakehouse ingest - < FILE")
            if spool not in found:
                found[spool] = _spooled(stdin, spool)
            continue
        try:
            found |= {path.resolve(): _source(path) for path in _paths(word) if path.resolve() not in found}
        except OSError as error:
            why = f"{word[:200]} cannot be looked at: {error.strerror}"
            raise Unavailable(why, hint="check the path and its permissions") from error
    if not found:
        raise NotFound("there is nothing to ingest", hint="name a file, a folder, a pattern or -")
    return tuple(found.values())


def _source(path: Path) -> Source:
    return Source(path=path, label=str(path), table=table_name(path.name), bytes=path.stat().st_size)


def _paths(word: str) -> Iterator[Path]:
    path = Path(word).expanduser()
    if path.is_file():
        yield path
    elif path.is_dir():
        yield from _some(_walk(path), f"the folder {word} holds no files")
    elif path.exists():
        raise Invalid(f"{word} is neither a file nor a folder", hint="pipe it in: lakehouse ingest -")
    elif glob.has_magic(word):
        anchor = Path(path.anchor)
        matches = sorted(anchor.glob(str(path.relative_to(anchor))))
        fixed = next(n for n, part in enumerate(path.parts) if glob.has_magic(part))
        seen = (m for m in matches if m.is_file() and not _is_hidden(m.parts[fixed:]))
        yield from _some(seen, f"nothing matches {word}")
    else:
        raise NotFound(f"there is no file {word}", hint="check the path; quote it if it holds spaces")


def _some(paths: Iterable[Path], otherwise: str) -> Iterator[Path]:
    listed = list(paths)
    if not listed:
        raise NotFound(otherwise, hint="check the path; hidden files are left out")
    yield from listed


def _is_hidden(parts: Iterable[str]) -> bool:
    return any(part.startswith(".") for part in parts)


def _walk(folder: Path) -> Iterator[Path]:
    """Files below `folder`, sorted, without hidden ones and without following links out of it."""
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir() and not entry.is_symlink():
            yield from _walk(entry)
        elif entry.is_file():
            yield entry


def _spooled(stdin: IO[bytes], spool: Path) -> Source:
    total = 0
    with spool.open("wb") as file:
        while chunk := stdin.read(CHUNK_BYTES):
            total += file.write(chunk)
            if total > MAX_STDIN_BYTES:
                raise Refused("more than 20 GiB were piped in", hint="write it to a file and ingest that")
    return Source(path=spool, label="-", table="stdin", bytes=total)
