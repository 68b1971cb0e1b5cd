"""[pure] Judged questions teach the matrix: what chances rows have, and how much has to speak for them.

For every kind of corpus (its embedder, with words or without) the calibrator is fitted anew where enough
rows were judged, drawn towards the one before; an embedder that nobody knew starts from the one that was
shipped. The filter is set by the same questions.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np

from lakehouse.base.errors import Corrupt, Invalid
from lakehouse.matrix.features import FIGURES, Floats, Side, compare
from lakehouse.matrix.filter import ALPHA, Filter, Told, calibrated
from lakehouse.matrix.merge import merge
from lakehouse.matrix.relevance import ENOUGH, Calibrator, Flags, Scales, fit
from lakehouse.matrix.shipped import EVIDENCE, MINILM, RELEVANCE

SHOWN: Final = 10
"""Rows of a question that the filter's promise is about."""

Row = tuple[str, str]
"""Corpus and key."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """One question, as its corpora saw it, and which rows were right."""

    sides: tuple[Side, ...]
    right: frozenset[Row]
    wrong: frozenset[Row] | None = None
    """Rows that were judged and are not right; None: every other candidate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What the matrix goes by."""

    relevance: Scales
    filter: Filter
    questions: int


def learn(
    judged: Sequence[Judged], *, before: Scales = RELEVANCE, evidence: Scales = EVIDENCE, alpha: float = ALPHA
) -> Lesson:
    """Calibrators and filter from judged questions; kinds with fewer than 50 judged rows stay as they are.

    Raises:
        Invalid: no question has a right row, or `alpha` is no share.
    """
    useful = [one for one in judged if one.right]
    if not useful:
        raise Invalid("no question has a right row to learn from", hint="judge some rows as accepted")
    relevance = before
    for model, has_words in sorted(
        {(_model(side), _has_words(side)) for q in useful for side in q.sides if side.keys}
    ):
        relevance = _fitted(useful, relevance, model=model, has_words=has_words)
    told = [_told(one, relevance, evidence) for one in useful]
    return Lesson(relevance=relevance, filter=calibrated(told, alpha=alpha), questions=len(useful))


def _fitted(judged: Sequence[Judged], before: Scales, *, model: str, has_words: bool) -> Scales:
    """The scales with the calibrator of one kind of corpus fitted, if enough of its rows were judged."""
    figures, right, corpora = _rows(judged, model=model, has_words=has_words)
    if len(right) < ENOUGH or right.all() or not right.any():
        return before
    if not model:
        return replace(before, words=_again(before.words, figures, right, corpora)) if has_words else before
    known = before.both if has_words else before.meaning
    start = known.get(model) or (RELEVANCE.both if has_words else RELEVANCE.meaning)[MINILM]
    made = {**known, model: _again(start, figures, right, corpora)}
    return replace(before, both=made) if has_words else replace(before, meaning=made)


def _again(start: Calibrator, figures: Floats, right: Flags, corpora: Sequence[str]) -> Calibrator:
    return fit(figures, right, start=start, corpora=corpora, source=f"{len(right):,} judged rows")


def _rows(judged: Sequence[Judged], *, model: str, has_words: bool) -> tuple[Floats, Flags, list[str]]:
    """Judged candidates of the corpora of one kind."""
    figures: list[Floats] = [np.zeros((0, 5))]
    right: list[bool] = []
    corpora: list[str] = []
    for one in judged:
        for side, rows in zip(one.sides, compare(one.sides), strict=True):
            if not side.keys or (_model(side), _has_words(side)) != (model, has_words):
                continue
            at = [n for n, key in enumerate(side.keys) if _is_judged(one, (side.corpus, key))]
            figures.append(rows[at])
            right += [(side.corpus, side.keys[n]) in one.right for n in at]
            corpora += [side.corpus] * len(at)
    return np.concatenate(figures), np.array(right, dtype=bool), corpora


def _is_judged(one: Judged, row: Row) -> bool:
    return one.wrong is None or row in one.right or row in one.wrong


def _model(side: Side) -> str:
    return "" if np.isnan(side.meaning).all() else side.model


def _has_words(side: Side) -> bool:
    return bool(len(side.keys)) and not np.isnan(side.words[0])


def _told(one: Judged, relevance: Scales, evidence: Scales) -> Told:
    ranking = merge(one.sides, {}, relevance=relevance, evidence=evidence)
    rows = tuple((c.p, (c.corpus, c.key) in one.right) for c in ranking.candidates[:SHOWN])
    return Told(evidence=1.0 if ranking.evidence is None else ranking.evidence, rows=rows)


def write(lesson: Lesson) -> str:
    """A lesson as JSON, the same text for the same lesson; what nobody can learn is not in it."""
    scales = lesson.relevance
    return json.dumps(
        {
            "both": {name: asdict(one) for name, one in scales.both.items()},
            "meaning": {name: asdict(one) for name, one in scales.meaning.items()},
            "words": asdict(scales.words),
            "filter": asdict(lesson.filter),
            "questions": lesson.questions,
        },
        sort_keys=True,
    )


def read(text: str) -> Lesson:
    """A lesson out of what `write` made.

    Raises:
        Corrupt: it is not one.
    """
    try:
        given = json.loads(text)
        relevance = Scales(
            both={name: _calibrator(one) for name, one in given["both"].items()},
            meaning={name: _calibrator(one) for name, one in given["meaning"].items()},
            words=_calibrator(given["words"]),
            unknown=RELEVANCE.unknown,
        )
        return Lesson(
            relevance=relevance, filter=Filter(**given["filter"]), questions=int(given["questions"])
        )  # fmt: skip
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Corrupt("what the matrix learned cannot be read", hint="calibrate it again") from error


def _calibrator(given: dict[str, Any]) -> Calibrator:
    ece = given["ece"]
    made = Calibrator(
        uses=tuple(given["uses"]),
        weights=tuple(map(float, given["weights"])),
        intercept=float(given["intercept"]),
        source=str(given["source"]),
        corpora={str(name): float(shift) for name, shift in given["corpora"].items()},
        rows=int(given["rows"]),
        errors=tuple(map(float, given["errors"])),
        ece=None if ece is None else float(ece),
    )
    if len(made.uses) != len(made.weights) or not set(made.uses) <= set(FIGURES):
        raise ValueError(made.uses)
    return made
