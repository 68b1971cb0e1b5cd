"""[pure] Frozen values as JSON and back, checked field by field.

A child that has parsed a hostile file may be under its control, so its answer is decoded like any input:
each member must be there and have the type that the value's class declares.
"""

import types
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from typing import Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from lakehouse.base.errors import Corrupt

T = TypeVar("T")


def encode(value: object) -> dict[str, object]:
    """A dataclass as plain JSON members."""
    if not is_dataclass(value) or isinstance(value, type):
        raise TypeError("only values of dataclasses travel")
    return asdict(value)


def decode(kind: type[T], members: object) -> T:
    """The value of class `kind` that `encode` made `members` of; members it does not know are ignored.

    Raises:
        Corrupt: a member is missing or has another type.
    """
    value = _decoded(kind, members)
    if not isinstance(value, kind):
        raise _not_understood()
    return value


def _decoded(kind: object, value: object) -> object:
    origin, inner = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and is_dataclass(kind):
        return _dataclass(kind, value)
    if origin is tuple and isinstance(value, list | tuple):
        return tuple(_decoded(inner[0], v) for v in value)
    if origin is Literal and value in inner:
        return value
    if origin in (Union, types.UnionType) and type(None) in inner:
        return None if value is None else _decoded(next(k for k in inner if k is not type(None)), value)
    if kind is float and type(value) in (int, float):
        return float(str(value))
    if isinstance(kind, type) and type(value) is kind:
        return value
    raise _not_understood()


def _dataclass(kind: type, value: object) -> object:
    if not isinstance(value, Mapping):
        raise _not_understood()
    hints = get_type_hints(kind)
    given = {f.name: _decoded(hints[f.name], value[f.name]) for f in fields(kind) if f.name in value}
    try:
        return kind(**given)
    except TypeError as error:
        raise _not_understood() from error


def _not_understood() -> Corrupt:
    return Corrupt("the reader's answer is not understood", hint="try again; report the file if it repeats")
