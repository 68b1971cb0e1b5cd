"""[acts] Lakehouse: any file becomes an open, versioned table; answers come with proof.

In a script or a notebook:

    import lakehouse
    lake = lakehouse.open("./lake")
    lake.ingest("people.csv", table="people", key="id")
    lake.sql("SELECT city, count(*) n FROM people GROUP BY city").to_polars()

What goes wrong is a `lakehouse.LakehouseError`, of one of six kinds.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from lakehouse.base.errors import Conflict, Corrupt, Invalid, LakehouseError, NotFound, Refused, Unavailable

if TYPE_CHECKING:
    from lakehouse.lake.facade import Lakehouse

__all__ = [
    "Conflict",
    "Corrupt",
    "Invalid",
    "LakehouseError",
    "NotFound",
    "Refused",
    "Unavailable",
    "__version__",
    "open",
]

__version__ = "0.1.0"


def open(root: str | Path = "./lake") -> "Lakehouse":  # noqa: A001 - `lakehouse.open` reads as it should
    """The lake at `root`, created when absent; use it as a context manager or call `close()`.

    Raises:
        Invalid: the folder holds something that is not a lake, or its lakehouse.toml is wrong.
        Unavailable: the disk refused.
    """
    # Imported on call: `import lakehouse` and `lakehouse --help` must not pay for the engines.
    lake: Lakehouse = import_module("lakehouse.assembly").open_lake(Path(root))
    return lake
