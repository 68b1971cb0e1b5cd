"""[acts] Opening the lake that a call means; reading never makes one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lakehouse.assembly import MARKS, open_lake
from lakehouse.base.errors import LakehouseError, NotFound
from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.failure import ERROR_ID, noted
from lakehouse.lake.facade import Lakehouse


@contextmanager
def opened(call: Call, *, create: bool = False) -> Iterator[Lakehouse]:
    """The lake, closed afterwards.

    Raises:
        NotFound: there is none, and this command does not make one.
    """
    if not create and not is_lake(call.root):
        raise NotFound(f"there is no lake in {call.root}", hint=f"lakehouse init {call.root}")
    with open_lake(call.root) as lake:
        try:
            yield lake
        except LakehouseError as error:
            error.context[ERROR_ID] = noted(error)
            lake.running.note_error(error, error_id=noted(error), where=f"lakehouse {call.command}")
            raise


def is_lake(root: Path) -> bool:
    """Does the folder hold a lake?"""
    return any((root / mark).exists() for mark in MARKS)
