"""[acts] Worlds that were asked for once are kept: the file's name is the hash of all that it depends on."""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from lakehouse.base.ids import sha256
from lakehouse.matrix.lift.arm import Asked
from lakehouse.matrix.lift.ground import world as worlds
from lakehouse.matrix.lift.ground.base import Answer, Base
from lakehouse.matrix.lift.ground.data import Collection
from lakehouse.matrix.lift.ground.wordings import WORDINGS, wordings
from lakehouse.matrix.lift.ground.world import Past, Question, World
from lakehouse.store.durable import disk_error

FORMAT: Final = 1
"""Of the file; raised when it changes."""

PARTIAL: Final = ".partial.npz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A collection with the wordings in which it will be asked."""

    collection: Collection
    questions: tuple[Question, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text that the base is asked, the past searches last."""
        return (*(q.text for q in self.questions), *(one.text for one in self.collection.past))

    def key(self, *, version: str, model: str) -> str:
        """Of the file."""
        parts = (str(FORMAT), self.collection.digest, worlds.digest(self.questions), version, model)
        return sha256(f"{part}\n".encode() for part in parts)


def plan(collection: Collection, *, seed: int = 7) -> Plan:
    """Choose the wordings; a collection that brings past searches is asked as it is."""
    count = 1 if collection.past else WORDINGS
    made = wordings(collection.needs, collection.texts.values(), count=count, seed=seed)
    questions = (
        Question(need=need, wording=n, text=text)
        for need, all_ in made.items()
        for n, text in enumerate(all_)
    )
    return Plan(collection=collection, questions=tuple(questions))


def world(
    wanted: Plan, folder: Path, *, version: str, model: str, base: Callable[[Collection], Base]
) -> tuple[World, Path]:
    """The world, out of its file where there is one, and that file.

    Args:
        base: made only when there is no file, for it has to take in every document.

    Raises:
        Unavailable: the disk refused.
    """
    path = folder / f"{wanted.collection.name}-{wanted.key(version=version, model=model)[:32]}.npz"
    if not path.is_file():
        write(path, base(wanted.collection).answers(wanted.texts))
    return read(path, wanted, version=version, model=model), path


def write(path: Path, answers: Sequence[Answer]) -> None:
    """Keep answers; the file appears when it is whole.

    Raises:
        Unavailable: the disk refused.
    """
    keys = sorted({key for one in answers for key in one.scores})
    number = {key: n for n, key in enumerate(keys)}
    aside = path.with_suffix(PARTIAL)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            aside,
            vectors=np.stack([one.vector for one in answers]).astype(np.float32),
            lengths=np.array([len(one.scores) for one in answers], np.int64),
            keys=np.array([number[key] for one in answers for key in one.scores], np.int32),
            scores=np.array([score for one in answers for score in one.scores.values()], np.float64),
            names=np.frombuffer(json.dumps(keys).encode(), np.uint8),
        )
        aside.replace(path)
    except OSError as error:
        raise disk_error(error, "keep the base's answers") from error
    finally:
        with suppress(OSError):  # where it could not be made, it cannot be removed either
            aside.unlink(missing_ok=True)


def read(path: Path, wanted: Plan, *, version: str, model: str) -> World:
    """The world that a file holds the answers of."""
    with np.load(path) as held:
        names = json.loads(held["names"].tobytes().decode())
        vectors, keys, scores = held["vectors"], held["keys"].tolist(), held["scores"].tolist()
        ends = np.cumsum(held["lengths"]).tolist()
    asked: list[Asked] = []
    for text, vector, start, end in zip(wanted.texts, vectors, [0, *ends], ends, strict=False):
        listed = {names[n]: score for n, score in zip(keys[start:end], scores[start:end], strict=True)}
        asked.append(worlds.asked(text, Answer(vector=vector, scores=listed)))
    collection, count = wanted.collection, len(wanted.questions)
    return World(
        name=collection.name,
        model=model,
        metric="ndcg@10",
        questions=wanted.questions,
        asked=tuple(asked[:count]),
        grades=collection.grades,
        documents=tuple(collection.texts),
        past=tuple(
            Past(asked=one, right=held.right)
            for one, held in zip(asked[count:], collection.past, strict=True)
        ),
        digests={
            "data": collection.digest,
            "wordings": worlds.digest(wanted.questions),
            "base": version,
            "model": model,
        },
    )
