"""[pure] What can be set about the indexes of a lake, with the reasons; each has settings of its own too."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexParams:
    """How indexes are built and kept up."""

    threads: int = 2
    """While a graph is built; two leave a small machine able to answer meanwhile."""

    refresh: bool = True
    """A lake that is kept open embeds what commits bring, for indexes that say on-append or scheduled."""

    settle_s: float = 2.0
    """Quiet time after a commit before a refresh begins: a load of many files is one refresh."""

    tune: bool = False
    """Try configurations in quiet times and promote better ones; off, since trials take both cores."""

    tune_per_hour: int = 2
    """Trials at most, when `tune` is on."""
