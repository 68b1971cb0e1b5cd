"""[pure] Parameters on their way to the worker: plain JSON, with a tag where JSON has no such type."""

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final
from uuid import UUID

from lakehouse.base.errors import Invalid
from lakehouse.query.engine import Params

TAG: Final = "$"


def encode(params: Params, expected: tuple[str, ...]) -> object:
    """JSON for `decode`: a list for numbered parameters, an object for named ones, None for none.

    Raises:
        Invalid: a value is missing, is too many, or has a type that SQL has not.
    """
    given = _named(params)
    missing = [name for name in expected if name not in given]
    if missing:
        raise Invalid(f"no value for ${missing[0]}", hint=f"pass params with {missing[0]}")
    surplus = [name for name in given if name not in expected]
    if surplus:
        takes = ", ".join(f"${name}" for name in expected) or "none"
        raise Invalid(f"the statement has no parameter ${surplus[0]}", hint=f"it takes {takes}")
    if not given:
        return None
    if all(name.isdigit() for name in expected):
        return [_value(given[name]) for name in sorted(expected, key=int)]
    return {name: _value(given[name]) for name in expected}


def _named(params: Params) -> Mapping[str, object]:
    if params is None:
        return {}
    if isinstance(params, Mapping):
        return {str(name).removeprefix("$"): value for name, value in params.items()}
    if isinstance(params, str | bytes) or not isinstance(params, Sequence):
        raise Invalid("params are a list or a mapping", hint="params=[7] for ?, params={'id': 7} for $id")
    return {str(i): value for i, value in enumerate(params, 1)}


def _value(value: object) -> object:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else {TAG: "float", "of": str(value)}
        case list() | tuple():
            return {TAG: "list", "of": [_value(v) for v in value]}
        case Mapping():
            return {TAG: "struct", "of": {str(k): _value(v) for k, v in value.items()}}
        case bytes():
            return {TAG: "bytes", "of": value.hex()}
        case Decimal() | UUID():
            return {TAG: type(value).__name__, "of": str(value)}
        case dt.datetime() | dt.date() | dt.time():
            return {TAG: type(value).__name__, "of": value.isoformat()}
        case dt.timedelta():
            micros = value // dt.timedelta(microseconds=1)
            return {TAG: "timedelta", "of": micros}
        case _:
            raise Invalid(
                f"a parameter of type {type(value).__name__} is not known", hint="pass text or numbers"
            )


Decoded = list[object] | dict[str, object] | None


def decode(encoded: object) -> Decoded:
    """What `encode` was given, as DuckDB takes it."""
    if isinstance(encoded, list):
        return [_decoded(value) for value in encoded]
    if isinstance(encoded, dict):
        return {str(name): _decoded(value) for name, value in encoded.items()}
    return None


def _decoded(value: object) -> object:
    if not isinstance(value, dict):
        return value
    of = value.get("of")
    match value.get(TAG), of:
        case "list", list():
            return [_decoded(v) for v in of]
        case "struct", dict():
            return {str(k): _decoded(v) for k, v in of.items()}
        case "timedelta", int():
            return dt.timedelta(microseconds=of)
        case tag, str():
            return _scalar(str(tag), of)
    raise Invalid("a parameter is not readable", hint="pass text or numbers")


def _scalar(tag: str, text: str) -> object:
    try:
        return SCALARS[tag](text)
    except (KeyError, ValueError, InvalidOperation) as error:
        raise Invalid("a parameter is not readable", hint="pass text or numbers") from error


SCALARS: Final[Mapping[str, Callable[[str], object]]] = {
    "float": float,
    "bytes": bytes.fromhex,
    "Decimal": Decimal,
    "UUID": UUID,
    "datetime": dt.datetime.fromisoformat,
    "date": dt.date.fromisoformat,
    "time": dt.time.fromisoformat,
}
