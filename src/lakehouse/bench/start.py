"""[acts] What a person waits for at first: help, the first answer in a new process, the demo."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from lakehouse.base.errors import Unavailable
from lakehouse.bench.ground import Ground
from lakehouse.bench.outcome import Outcome
from lakehouse.bench.race import race, timed
from lakehouse.bench.targets import DEMO_TIME, FIRST_ANSWER, HELP_TIME, Target

NAME: Final = "start"
TIMEOUT_S: Final = 300.0
NOTHING: Final = "python -c pass"


def measure(ground: Ground) -> Iterator[Outcome]:
    """Each as a process of its own, beside one that does nothing."""
    folder = ground.fresh("start")
    samples = ground.sizes.samples
    yield commands(folder, ["--help"], HELP_TIME, samples=samples, what="lakehouse --help")
    lookup = ["--root", str(folder / "lake"), "sql", "SELECT count(*) FROM system.tables"]
    seconds(folder, ["-m", "lakehouse", "--root", str(folder / "lake"), "init"])
    yield commands(folder, lookup, FIRST_ANSWER, samples=samples, what="lakehouse sql, a first answer")
    yield Outcome(
        measure=NAME,
        what="lakehouse demo",
        target=DEMO_TIME,
        ours=(seconds(folder, ["-m", "lakehouse", "demo"]),),
        note="without the package installation that make demo begins with",
    )


def commands(folder: Path, words: Sequence[str], target: Target, *, samples: int, what: str) -> Outcome:
    """One command line of ours, raced against an interpreter that does nothing."""
    ours, peer = race(
        partial(seconds, folder, ["-m", "lakehouse", *words]),
        partial(seconds, folder, ["-c", "pass"]),
        samples=samples,
        warm_ups=1,
    )
    return Outcome(measure=NAME, what=what, target=target, ours=ours, peer_name=NOTHING, peer=peer)


def seconds(folder: Path, words: Sequence[str]) -> float:
    """Seconds that our interpreter takes for `words`.

    Raises:
        Unavailable: it did not end well; its last words are the message.
    """

    def call() -> None:
        done = subprocess.run(  # noqa: S603 - our own interpreter and commands
            [sys.executable, *words],
            cwd=folder,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
            env={**os.environ, "COLUMNS": "100"},
        )
        if done.returncode:
            last = done.stderr.decode(errors="replace").strip()[-300:]
            raise Unavailable(f"{' '.join(words)} failed: {last}", hint="try the command by itself")

    return timed(call)
