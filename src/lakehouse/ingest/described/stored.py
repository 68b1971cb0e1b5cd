"""[pure] Types of self-describing files as Iceberg v2 stores them."""

import re
from typing import Final

from lakehouse.base.errors import LakehouseError
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
