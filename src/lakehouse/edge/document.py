"""[pure] What the lake answers, as a JSON document: dataclasses become objects, snapshot ids become text.

A snapshot id has 63 bits. Numbers of JavaScript hold 53, so a browser or `jq` that read the id as a number
would ask for a snapshot that there is not.
"""

from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Final

ONE: Final = "snapshot_id"
MANY: Final = "snapshots"
PLAIN: Final = frozenset({str, int, float, bool, type(None)})


def document(value: object) -> object:
    """`value` as JSON can hold it; members called snapshot_id, or in snapshots, as text."""
    if type(value) in PLAIN:
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _member(name, getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {name: _member(name, member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [document(member) for member in value]
    return value


def ids(snapshots: Mapping[str, int | None]) -> dict[str, str | None]:
    """Table -> snapshot id, as text."""
    return {table: None if snapshot is None else str(snapshot) for table, snapshot in snapshots.items()}


def _member(name: object, value: object) -> object:
    if type(value) in PLAIN:
        return str(value) if name == ONE and isinstance(value, int) else value
    return ids(value) if name == MANY and isinstance(value, Mapping) else document(value)
