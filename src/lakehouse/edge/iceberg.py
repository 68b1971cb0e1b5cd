"""[pure] The public face of the Iceberg REST protocol: its routes, its requests, its errors.

DuckDB, PyIceberg, Spark and Trino attach here. A warehouse in the query and a prefix in the path are
accepted and mean nothing: a server has one lake.
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote

import orjson

from lakehouse.base.errors import Invalid, LakehouseError

START: Final = "/iceberg/v1/"
FIRST: Final = frozenset({"config", "namespaces", "tables", "transactions"})

NAMESPACE: Final = "/namespaces/{namespace}"
TABLE: Final = "/namespaces/{namespace}/tables/{table}"
ROUTES: Final = (
    ("GET", "/config", "What this catalog can do"),
    ("GET", "/namespaces", "Every namespace"),
    ("POST", "/namespaces", "Create a namespace"),
    ("GET", NAMESPACE, "A namespace's properties"),
    ("HEAD", NAMESPACE, "Is there such a namespace?"),
    ("DELETE", NAMESPACE, "Drop an empty namespace"),
    ("POST", NAMESPACE + "/properties", "Change a namespace's properties"),
    ("GET", NAMESPACE + "/tables", "Every table of a namespace"),
    ("POST", NAMESPACE + "/tables", "Create a table, or stage its creation"),
    ("POST", NAMESPACE + "/register", "Register a table by its metadata file"),
    ("GET", TABLE, "Load a table"),
    ("HEAD", TABLE, "Is there such a table?"),
    ("POST", TABLE, "Commit to a table"),
    ("DELETE", TABLE, "Drop a table"),
    ("POST", TABLE + "/metrics", "Report what a scan or commit cost"),
    ("POST", "/tables/rename", "Rename a table"),
    ("POST", "/transactions/commit", "Commit to several tables at once"),
)
"""Method, path after `/iceberg/v1` or a prefix below it, and what it does."""


def is_below(path: str) -> bool:
    """Does a path belong to the protocol?"""
    return path.startswith(START)


def parts(raw_path: str) -> tuple[str, ...]:
    """The parts of a path after `/iceberg/v1` and a prefix, decoded.

    Args:
        raw_path: as it was sent, since names may hold an encoded slash, and namespaces a separator.
    """
    path = raw_path.partition(START)[2]
    return without_prefix([unquote(part) for part in path.split("/") if part])


def without_prefix(path: Sequence[str]) -> tuple[str, ...]:
    """The path after a prefix, if there is one; a namespace is never the first part."""
    return tuple(path[1:] if len(path) > 1 and path[0] not in FIRST and path[1] in FIRST else path)


def body(data: bytes) -> dict[str, object]:
    """The body of a request; an empty one has no members.

    Raises:
        Invalid: it is not a JSON object.
    """
    try:
        found = orjson.loads(data) if data else {}
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise Invalid("the body is not a JSON object", hint="see the Iceberg REST specification")
    return found


def error_body(error: LakehouseError, status: int) -> dict[str, object]:
    """An error as the protocol shows it."""
    member = {"message": f"{error.message}. {error.hint}", "type": f"{error.kind}Exception", "code": status}
    return {"error": member}
