"""[acts] Judged collections as they lie on disk: documents, questions, what answers them, past searches."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lakehouse.base.errors import Invalid, NotFound
from lakehouse.base.ids import sha256

FILES: Final = ("docs.jsonl", "queries.jsonl", "qrels.tsv")
PAST: Final = "feedback.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """An earlier search of the field: what was asked, and which documents were right."""

    text: str
    right: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """Texts, questions, and which texts answer which question."""

    name: str
    texts: Mapping[str, str]
    """Key of a document -> its title and text; none is empty."""

    needs: Mapping[str, str]
    """Key of a judged question -> how it is asked."""

    grades: Mapping[str, Mapping[str, float]]
    """Need -> key of a right document -> how right it is, above 0."""

    past: tuple[Remembered, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of everything in it."""
        past = [(one.text, one.right) for one in self.past]
        parts = (self.texts, self.needs, {n: dict(g) for n, g in self.grades.items()}, past)
        return sha256(json.dumps(part, sort_keys=True).encode() for part in parts)


def read(folder: Path) -> Collection:
    """The collection in a folder of `docs.jsonl`, `queries.jsonl`, `qrels.tsv`, and maybe `feedback.jsonl`.

    Raises:
        NotFound: a file is missing.
        Invalid: a line cannot be read, or no question is judged.
    """
    for name in FILES:
        if not (folder / name).is_file():
            raise NotFound(f"{folder.name} has no {name}", hint=f"put {', '.join(FILES)} into one folder")
    documents, questions = _lines(folder / FILES[0]), _lines(folder / FILES[1])
    texts = {
        str(d["id"]): f"{d.get('title') or ''} {d.get('text') or ''}".strip() for d in documents if "id" in d
    }
    texts = {key: text for key, text in texts.items() if text}
    grades = _grades(folder / FILES[2], texts)
    needs = {str(q["id"]): str(q["text"]) for q in questions if grades.get(str(q.get("id")))}
    if not needs:
        raise Invalid(f"no question of {folder.name} is judged", hint="qrels.tsv: question, document, grade")
    past = _lines(folder / PAST) if (folder / PAST).is_file() else []
    return Collection(
        name=folder.name,
        texts=texts,
        needs=needs,
        grades={need: grades[need] for need in needs},
        past=tuple(_remembered(line, texts) for line in past),
    )


def _lines(path: Path) -> list[dict[str, object]]:
    try:
        found = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    except (ValueError, OSError) as error:
        raise Invalid(f"{path.name} cannot be read", hint="one JSON object a line, in UTF-8") from error
    if not all(isinstance(line, dict) for line in found):
        raise Invalid(f"{path.name} holds other things than objects", hint="one JSON object a line")
    return found


def _grades(path: Path, texts: Mapping[str, str]) -> dict[str, dict[str, float]]:
    grades: dict[str, dict[str, float]] = {}
    for line in path.read_text().splitlines():
        need, _, rest = line.partition("\t")
        document, *more = rest.split("\t")
        try:
            grade = float(more[-1]) if more else 1.0
        except ValueError:
            continue  # the line of titles
        if grade > 0 and document in texts:
            grades.setdefault(need, {})[document] = grade
    return grades


def _remembered(line: Mapping[str, object], texts: Mapping[str, str]) -> Remembered:
    right = line.get("relevant")
    keys = [str(key) for key in right] if isinstance(right, list) else []
    return Remembered(text=str(line.get("text", "")), right=tuple(key for key in keys if key in texts))
