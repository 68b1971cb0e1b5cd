"""[acts] Rebuilding: the catalog from object storage alone, and one table's facts from its own files."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from lakehouse.base.clock import Clock
from lakehouse.base.errors import Invalid, LakehouseError
from lakehouse.table.catalog import DROPPED, NAME_PROPERTY, WAREHOUSE, Catalog
from lakehouse.table.heads import Head
from lakehouse.table.manifests import live
from lakehouse.table.names import DEFAULT_NAMESPACE, TableName, parse
from lakehouse.table.pointers import Move

METADATA: Final = re.compile(r"^(?P<folder>.+)/metadata/(?P<version>\d{5,})-[0-9a-f-]{36}\.metadata\.json$")
UNNAMED: Final = TableName("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What a rebuild found."""

    restored: tuple[str, ...]
    kept: tuple[str, ...]
    """Already in the catalog, at the same head or a newer one."""

    shadowed: tuple[str, ...]
    """Folders of tables whose name another table has now: dropping that one and rebuilding brings it back."""

    dropped: tuple[str, ...]
    """Folders of dropped tables, left alone."""

    damaged: tuple[str, ...]
    """Folders whose metadata cannot be read."""


def rebuild(catalog: Catalog, *, dry_run: bool = False) -> Rebuilt:
    """Put every table that object storage holds into the catalog; what is there already stays.

    With `dry_run` nothing is put back: `restored` names what would be.

    Of a table's metadata files the one with the highest version is the head, and of equals the youngest; a
    commit numbers its file above all others, also above what a killed process left. An unacknowledged last
    commit may so become visible: its files are whole, and its client was told neither yes nor no.
    """
    pointers = catalog.pointers
    found, dropped = _folders(catalog)
    restored: list[str] = []
    kept: list[str] = []
    shadowed: list[str] = []
    heads = {folder: _newest(catalog, keys) for folder, keys in sorted(found.items())}
    damaged = [folder for folder, head in heads.items() if head is None]
    known = pointers.locations()
    for head in sorted(filter(None, heads.values()), key=lambda h: -h.metadata.last_updated_ms):
        if head.name in known and _folder(known[head.name]) != _folder(head.location):
            shadowed.append(catalog.io.key(_folder(head.location)))
        elif head.name in known:
            kept.append(str(head.name))
        else:
            if not dry_run:
                pointers.create_namespace(head.name.namespace)
                pointers.move((Move(name=head.name, before=None, after=head.location),))
            known[head.name] = head.location
            restored.append(str(head.name))
    if not dry_run:
        pointers.create_namespace(DEFAULT_NAMESPACE)
    return Rebuilt(
        restored=tuple(sorted(restored)),
        kept=tuple(sorted(kept)),
        shadowed=tuple(sorted(shadowed)),
        dropped=tuple(sorted(dropped)),
        damaged=tuple(damaged),
    )


def _folder(location: str) -> str:
    return location.rpartition("/metadata/")[0]


def _folders(catalog: Catalog) -> tuple[dict[str, list[str]], set[str]]:
    """Metadata keys by table folder, and the folders of dropped tables."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    dropped: set[str] = set()
    for info in catalog.io.store.list(f"{WAREHOUSE}/"):
        if info.key.endswith(f"/metadata/{DROPPED}"):
            dropped.add(info.key.removesuffix(f"/metadata/{DROPPED}"))
        elif match := METADATA.match(info.key):
            found[match["folder"]].append(info.key)
    return {folder: keys for folder, keys in found.items() if folder not in dropped}, dropped


def _newest(catalog: Catalog, keys: Iterable[str]) -> Head | None:
    """The head among a folder's metadata files; None if none of them can be read."""
    by_version: defaultdict[int, list[str]] = defaultdict(list)
    for key in keys:
        if match := METADATA.match(key):
            by_version[int(match["version"])].append(key)
    for version in sorted(by_version, reverse=True):
        heads = [h for key in by_version[version] if (h := _read(catalog, key))]
        if heads:
            return max(heads, key=lambda h: h.metadata.last_updated_ms)
    return None


def _read(catalog: Catalog, key: str) -> Head | None:
    try:
        head = catalog.heads.read(UNNAMED, catalog.io.root + key)
    except LakehouseError:
        return None  # a torn or foreign file; an older version may be whole
    try:
        name = parse(head.metadata.properties.get(NAME_PROPERTY, ""))
    except Invalid:
        return None  # another tool's table, which was never in this catalog
    catalog.io.key(head.metadata.location)  # a lake that was moved is found here, not by the first query
    return Head(name=name, metadata=head.metadata, location=head.location)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resync:
    """A table's files as they really are."""

    table: str
    files: int
    rows: int
    """By the files' own footers, less their deletes."""

    missing: tuple[str, ...]
    """Files that the table names and that are not there."""

    changed: tuple[str, ...]
    """Files whose size or row count is not what the table says."""


def resync(catalog: Catalog, name: TableName) -> Resync:
    """Compare what a table says of its files with the files themselves."""
    head = catalog.head(name)
    files = live(catalog.io, head.metadata.current_snapshot())
    missing: list[str] = []
    changed: list[str] = []
    rows = 0
    for entry in (*files.data, *files.deletes):
        key = catalog.io.key(entry.data_file.file_path)
        count = _rows(catalog, key)
        if count is None:
            missing.append(key)
            continue
        if count != entry.data_file.record_count:
            changed.append(key)
        rows += count if entry in files.data else -count
    total = len(files.data) + len(files.deletes)
    return Resync(table=str(name), files=total, rows=rows, missing=tuple(missing), changed=tuple(changed))


def _rows(catalog: Catalog, key: str) -> int | None:
    """Rows by the file's footer; None when it is not there, -1 when it cannot be read."""
    if catalog.io.store.head(key) is None:
        return None
    try:
        with catalog.io.new_input(catalog.io.root + key).open() as stream:
            return int(pq.read_metadata(stream).num_rows)
    except (pa.ArrowException, OSError):
        return -1


def remove_dropped(catalog: Catalog, *, clock: Clock, after_ms: int) -> int:
    """Remove the folders of tables that were dropped longer than `after_ms` ago; how many objects went."""
    removed = 0
    in_use = {catalog.io.key(at).partition("/metadata/")[0] for at in catalog.pointers.locations().values()}
    for folder in _folders(catalog)[1] - in_use:
        marker = catalog.io.store.get(f"{folder}/metadata/{DROPPED}")
        if int(marker.decode() or 0) < clock.now_ms() - after_ms:
            removed += sum(
                catalog.io.store.delete(info.key) for info in list(catalog.io.store.list(f"{folder}/"))
            )
    return removed
