"""[pure] The rows that a condition leaves, as each part of a search takes them.

SQL names the rows in one of two ways. By their keys, which are then looked up among those of the index: that
works for every condition. Or by slots, which are their places in the order of the table's keys: where those
places were looked up once for a snapshot, a condition costs no more than its evaluation.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lakehouse.query.engine import Version

Mask = NDArray[np.bool_]

Slots = NDArray[np.int32]
"""Places in the order of a table's keys."""

MOST_ROWS: Final = 2_000_000
"""Of a table whose columns are held for conditions: 24 MB for one number."""


class Rows(Protocol):
    """The table that conditions are about."""

    def allowed(self, where: str, *, at: Version = None) -> pa.Array:
        """Keys of the rows for which a condition holds."""
        ...

    def slots(self, where: str, *, at: Version = None) -> Slots | None:
        """Their places in `keys`; None where only `allowed` can say."""
        ...

    def keys(self, *, at: Version = None) -> pa.Array:
        """Every row's key, in their order."""
        ...


class Allowed:
    """The rows that one condition leaves."""

    def __init__(self, found: Callable[[], pa.Array], *, built: Mask | None, fresh: Mask) -> None:
        """Args: `found` gives the keys of the rows."""
        self._found = found
        self.built = built
        """Of the generation's positions; None where there is no generation."""
        self.fresh = fresh
        """Of the fresh tier's."""

    @cached_property
    def keys(self) -> frozenset[str]:
        """For search by words; a set of texts, so made only where words are searched."""
        return frozenset(self._found().to_pylist())


def by_keys(found: pa.Array, *, built: pa.Array | None, fresh: pa.Array) -> Allowed:
    """The rows with these keys.

    Args:
        found: what the condition leaves.
        built: the key of each position of the generation.
        fresh: the same of the fresh tier.
    """
    return Allowed(
        lambda: found, built=None if built is None else _is_in(built, found), fresh=_is_in(fresh, found)
    )


def both(one: Allowed, two: Allowed) -> Allowed:
    """The rows of one view that two conditions leave."""
    built = None if one.built is None or two.built is None else one.built & two.built
    return Allowed(
        lambda: pa.array(one.keys & two.keys, pa.string()), built=built, fresh=one.fresh & two.fresh
    )


class Order:
    """The keys of one snapshot in their order, and where in it each position stands.

    Cost: 10 ms for 100,000 rows and positions.
    """

    def __init__(self, keys: pa.Array, *, built: pa.Array | None, fresh: pa.Array) -> None:
        self._keys = keys
        self._built = None if built is None else _places(built, keys)
        self._fresh = _places(fresh, keys)

    def allowed(self, slots: Slots) -> Allowed:
        """The rows at these places."""
        is_there = np.zeros(len(self._keys) + 1, np.bool_)
        is_there[slots] = True  # the last one stands for passages of rows that are gone: -1
        return Allowed(
            lambda: self._keys.take(pa.array(slots)),
            built=None if self._built is None else is_there[self._built],
            fresh=is_there[self._fresh],
        )


def as_mask(booleans: pa.BooleanArray) -> Mask:
    """Arrow's bits, none of them null, as numpy's; Arrow's own way loads a data frame library first."""
    count, offset = len(booleans), booleans.offset
    bits = np.frombuffer(booleans.buffers()[1], np.uint8)
    return np.unpackbits(bits, count=offset + count, bitorder="little")[offset:].view(np.bool_)


def as_slots(numbers: pa.Array) -> Slots:
    """Arrow's INTEGER, none of them null, as numpy's, for the same reason."""
    buffer = numbers.buffers()[1]
    if buffer is None or not len(numbers):
        return np.zeros(0, np.int32)
    return np.frombuffer(buffer, np.int32)[numbers.offset : numbers.offset + len(numbers)]


def _is_in(keys: pa.Array, wanted: pa.Array) -> Mask:
    return as_mask(pc.is_in(keys, value_set=wanted)) if len(keys) else np.zeros(0, np.bool_)


def _places(keys: pa.Array, order: pa.Array) -> Slots:
    """Where each key stands in the order; -1 where it does not."""
    return as_slots(pc.fill_null(pc.index_in(keys, value_set=order), -1))
