"""[pure] Which type a column is stored in: as the file proposes it, or as a person asks."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from lakehouse.base.errors import Invalid, LakehouseError
from lakehouse.ingest.shape import Inspection, Target
from lakehouse.table.names import nearest
from lakehouse.table.schema import duck_type, iceberg_type

FIXED_ARRAY: Final = re.compile(r"\[\d+\]")


def stored_type(kind: str) -> str:
    """The type in which a value of DuckDB's `kind` is stored: small integers grow, enums become text.

    Nanoseconds are cut to microseconds; what Iceberg has no type for (intervals, unions, bits) is text.
    """
    try:
        return duck_type(iceberg_type(FIXED_ARRAY.sub("[]", kind)))
    except LakehouseError:
        return "VARCHAR"


def targets(inspection: Inspection, types: Mapping[str, str]) -> tuple[Target, ...]:
    """The columns to write: those of the file, with the types that `--types` asks for.

    Args:
        inspection: of the file.
        types: column name, in any case, to type.

    Raises:
        Invalid: no such column, or no such type.
    """
    asked = {name.casefold(): duck_type(iceberg_type(kind)) for name, kind in types.items()}
    names = [c.name for c in inspection.columns]
    for name in asked.keys() - {n.casefold() for n in names}:
        close = nearest(name, names)
        hint = f"did you mean {', '.join(close)}?" if close else "--dry-run lists the columns"
        raise Invalid(f"the file has no column {name[:80]!r}", hint=hint)
    proposed = (
        Target(source=n, path=c.path, name=c.name, type=c.type) for n, c in enumerate(inspection.columns)
    )
    return tuple(
        replace(t, type=asked[t.name.casefold()], on_misfit="coerce") if t.name.casefold() in asked else t
        for t in proposed
    )
