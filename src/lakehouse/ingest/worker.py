"""[acts] The child that reads one source: `Child("lakehouse.ingest.worker:serve", jail)`.

The jail lets it read the source and write in one scratch folder. Two requests, each a JSON header:

`{"op": "inspect", "path", "name", "scratch"}`
    One reply: an `Inspection` (see `shape`), as `wire.encode` writes it. `name` is the file's name as the
    person knows it; it only breaks ties between formats. A compressed source is expanded into `scratch`,
    where `convert` finds it again.
`{"op": "convert", "path", "name", "scratch", "inspection", "targets": [Target…], "field_ids"}`
    Replies `{"progress": bytes, "of": bytes}` a few times a second while delimited text is read, and last a
    `Conversion`. The Parquet and the rejects stay in `scratch`; everything else is removed.

`inspect` and `convert` below are the same as functions, for a process that needs no jail.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from typing import Final

from lakehouse.base.child import Handler, Message
from lakehouse.base.errors import Unavailable
from lakehouse.ingest import pii, wire
from lakehouse.ingest.delimited import convert as delimited
from lakehouse.ingest.delimited.scan import digest
from lakehouse.ingest.described import columnar, jsontext, records
from lakehouse.ingest.described.stored import stored_type
from lakehouse.ingest.expand import compression_of, expanded
from lakehouse.ingest.infer import infer
from lakehouse.ingest.naming import format_of
from lakehouse.ingest.shape import Conversion, Format, InspectedColumn, Inspection, Target
from lakehouse.ingest.write import Order, open_duck

HEAD_BYTES: Final = 256 << 10
PROGRESS_S: Final = 0.25
COLUMNAR_SAMPLE: Final = 2000
LEFTOVERS: Final = ("plain", "utf8.csv", "clean.csv")


def serve(_setup: Mapping[str, object]) -> Handler:
    """The entry of the child."""
    return handle


def handle(request: Message) -> Iterator[Message]:
    """Answer one request of the two that the module's docstring describes."""
    asked = request.header
    path, scratch, name = Path(str(asked["path"])), Path(str(asked["scratch"])), str(asked["name"])
    try:
        if asked["op"] == "inspect":
            yield Message(wire.encode(inspect(path, name=name, scratch=scratch)))
        else:
            inspection = wire.decode(Inspection, asked["inspection"])
            listed = asked["targets"]
            targets = tuple(wire.decode(Target, t) for t in listed) if isinstance(listed, list) else ()
            order = Order(targets=targets, field_ids=str(asked["field_ids"]), out=scratch)
            yield from _with_progress(path, inspection, order)
    except OSError as error:
        raise Unavailable(
            f"the file cannot be read or staged: {error.strerror or 'input or output failed'}",
            hint="check the disk and permissions",
        ) from error


def inspect(path: Path, *, name: str, scratch: Path) -> Inspection:
    """What the file holds: format, columns, types and personal data.

    Raises:
        Invalid: empty, binary or broken as a whole: a case for quarantine.
        Refused: it expands beyond the limits.
    """
    plain = expanded(path, scratch / "plain")
    with path.open("rb") as file:
        compression = compression_of(file.read(4))
    size = plain.stat().st_size
    with plain.open("rb") as file:
        head = file.read(HEAD_BYTES)
    layout = format_of(head, file_name=name)
    kind: Format = jsontext.layout_of(head, whole=size <= HEAD_BYTES) if layout == "json?" else layout
    found = INSPECT[kind](plain, kind, scratch)
    return replace(found, compression=compression, bytes=path.stat().st_size)


def convert(
    path: Path, inspection: Inspection, order: Order, progress: Callable[[int], None] = lambda _: None
) -> Conversion:
    """Write the file as staged Parquet; see `shape.Conversion`.

    Raises:
        Invalid: it is broken in a place that `inspect` did not see.
        Corrupt: the figures do not add up.
    """
    plain = order.out / "plain"
    if not plain.exists():
        plain = expanded(path, plain)
    try:
        if inspection.dialect:
            width = len(inspection.columns)
            done = delimited.convert(plain, inspection.dialect, order, width=width, progress=progress)
        elif inspection.format in ("json", "ndjson"):
            done = records.convert(plain, inspection.format, order)
        else:
            done = columnar.convert(plain, columnar.layout_of(inspection.format), order)
    finally:
        for leftover in LEFTOVERS:
            (order.out / leftover).unlink(missing_ok=True)
    return done if plain == path and done.sha256 else replace(done, sha256=digest(path))


def _with_progress(path: Path, inspection: Inspection, order: Order) -> Iterator[Message]:
    """The conversion on its own thread, and a few words a second about it."""
    reached = [0]
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(convert, path, inspection, order, reached.append)
        while wait([working], PROGRESS_S).not_done:
            yield Message({"progress": reached[-1], "of": inspection.bytes})
        yield Message(wire.encode(working.result()))


def _inspect_delimited(path: Path, _kind: Format, _scratch: Path) -> Inspection:
    layout = delimited.inspect(path)
    columns = []
    for n, name in enumerate(layout.names):
        values = [row[n] for row in layout.rows]
        typed = infer(name, values)
        columns.append(
            InspectedColumn(
                name=name,
                type=typed.type,
                nullable=typed.nulls,
                is_empty=not any(values),
                reason=typed.reason,
                pii=pii.find(name, values),
            )
        )
    return Inspection(
        format="delimited",
        compression="none",
        columns=tuple(columns),
        dialect=layout.dialect,
        sampled=len(layout.rows),
        confidence=layout.confidence,
        bytes=0,
    )


def _inspect_json(path: Path, kind: Format, _scratch: Path) -> Inspection:
    seen = records.inspect(path, "ndjson" if kind == "ndjson" else "json")
    columns = tuple(
        InspectedColumn(
            name=c.name,
            type=c.type,
            nullable=bool(c.facts.nulls) or c.facts.values < seen.rows,
            is_empty=not c.facts.values,
            path=c.path,
            pii=pii.find(c.name, c.facts.sample),
        )
        for c in seen.columns
    )
    rows = seen.rows + seen.rejected
    return Inspection(format=kind, compression="none", columns=columns, sampled=rows, rows=rows, bytes=0)


def _inspect_columnar(path: Path, kind: Format, scratch: Path) -> Inspection:
    layout = columnar.layout_of(kind)
    with open_duck(scratch, columns=0) as con:
        described = columnar.columns(con, path, layout)
        rows = columnar.sample(con, path, layout, described, COLUMNAR_SAMPLE)
        total = columnar.count(con, path, layout)
    return Inspection(
        format=kind,
        compression="none",
        columns=tuple(_columnar_column(n, given, rows) for n, given in enumerate(described)),
        sampled=len(rows),
        rows=total,
        bytes=0,
    )


def _columnar_column(n: int, given: tuple[str, str], rows: Sequence[tuple[object, ...]]) -> InspectedColumn:
    name, kind = given
    values = [str(row[n]) for row in rows if isinstance(row[n], str | int) and not isinstance(row[n], bool)]
    stored = stored_type(kind)
    why = "" if stored == kind else f"the file holds {kind}"
    return InspectedColumn(name=name, type=stored, nullable=True, reason=why, pii=pii.find(name, values))


INSPECT: Final[dict[Format, Callable[[Path, Format, Path], Inspection]]] = {
    "delimited": _inspect_delimited,
    "json": _inspect_json,
    "ndjson": _inspect_json,
    "parquet": _inspect_columnar,
    "arrow-file": _inspect_columnar,
    "arrow-stream": _inspect_columnar,
}
