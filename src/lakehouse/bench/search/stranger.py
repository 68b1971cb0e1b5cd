"""[acts] A peer in a process and an environment of its own, which `make bench-peers` makes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from lakehouse.base.errors import Unavailable
from lakehouse.bench.ground import THREADS

ABSENT: Final = "peer not installed: make bench-peers"
SCRIPT: Final = Path(__file__).with_name("strangers.py")
POOLS: Final = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "LANCE_CPU_THREADS",
    "TOKIO_WORKER_THREADS",
)
"""By which their libraries are told how many threads to start."""


def interpreter(beside: Path | None = None) -> Path | None:
    """The peers' Python, beside the environment that runs; None where it was not made."""
    found = (beside or Path(sys.prefix)).parent / ".venv-peers/bin/python"
    return found if found.exists() else None


class Stranger:
    """One running peer."""

    def __init__(self, process: "subprocess.Popen[str]", asked: IO[str], answers: IO[str], log: Path) -> None:
        self._process, self._asked, self._answers, self._log = process, asked, answers, log

    def ask(self, what: str, given: Mapping[str, object]) -> dict[str, object]:
        """Its answer.

        Raises:
            Unavailable: it ended without one; its last words are the message.
        """
        try:
            self._asked.write(json.dumps({"what": what, "threads": THREADS, **given}) + "\n")
            self._asked.flush()
            line = self._answers.readline()
        except OSError:
            line = ""
        if not line:
            last = self._log.read_text(errors="replace").strip()[-300:]
            raise Unavailable(f"{what} ended: {last}", hint="rm -rf .venv-peers; make bench-peers")
        found: dict[str, object] = json.loads(line)
        return found


@contextmanager
def stranger(folder: Path, *, python: Path) -> Iterator[Stranger]:
    """A process with as many threads as ours has, ended when the block ends."""
    environment = dict.fromkeys(POOLS, str(THREADS)) | {
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "true",
    }
    log = folder / "stranger.log"
    with log.open("wb") as err:
        process = subprocess.Popen(  # noqa: S603 - our own script
            [python, "-I", SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=err, text=True,
            env=os.environ | environment,
        )  # fmt: skip
    with process as running:
        assert running.stdin is not None and running.stdout is not None  # noqa: S101,PT018 - both are pipes
        try:
            yield Stranger(running, running.stdin, running.stdout, log)
        finally:
            running.kill()
