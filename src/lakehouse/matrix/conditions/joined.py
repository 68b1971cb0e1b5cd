"""[pure] Values become conditions: which of them must hold together, and of which one is enough.

Of a column that holds one value, several values are always alternatives. Of a column that holds several, "or"
makes alternatives and everything else asks for all. Values that are ruled out are ruled out one and all.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from lakehouse.matrix.conditions import speech
from lakehouse.matrix.conditions.amounts import Amount
from lakehouse.matrix.conditions.condition import Condition, Note, Span
from lakehouse.matrix.conditions.evidence import Accepted
from lakehouse.matrix.conditions.facet import SEVERAL, Facet
from lakehouse.matrix.conditions.pieces import Piece
from lakehouse.matrix.conditions.polarity import Said
from lakehouse.matrix.conditions.words import singular

Link = Literal["or", "and", "comma", "far"]
FILLERS = speech.DETERMINERS | speech.PREPOSITIONS | speech.bag("both either also those people who are is")


@dataclass(slots=True)
class Made:
    """Conditions and notes so far."""

    question: str
    conditions: list[Condition] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    eithers: int = 0

    def new(self) -> int:
        """A fresh number for conditions of which one is enough."""
        self.eithers += 1
        return self.eithers

    def note(self, span: Span, reason: str) -> None:
        """Write down why something became no condition, or an unexpected one."""
        self.notes.append(Note(span=span, said=self.question[span[0] : span[1]], reason=reason))


def conditions(question: str, pieces: Sequence[Piece], said: Sequence[Said], rows: frozenset[str]) -> Made:
    """What the values of a question ask of a row."""
    made = Made(question)
    hard = []
    for one in said:
        if one.is_soft:
            made.note(_span(pieces, one), "a wish, or said to be of no matter: no condition")
        else:
            hard.append(one)
    for one in hard:
        piece = pieces[one.piece]
        if one.is_absent and piece.noun:
            made.conditions.append(_absent(pieces, one, piece.noun))
        elif isinstance(piece.value, Amount):
            made.conditions.extend(_compared(pieces, one, piece.value))
    values = [o for o in hard if isinstance(pieces[o.piece].value, Accepted)]
    _ruled_out(made, pieces, [o for o in values if o.is_negated])
    _asked_for(made, pieces, [o for o in values if not o.is_negated], rows)
    _contradictions(made)
    made.conditions.sort(key=lambda c: (c.span, c.column, c.values))
    return made


def _span(pieces: Sequence[Piece], one: Said) -> Span:
    piece = pieces[one.piece]
    return (one.cue if 0 <= one.cue < piece.start else piece.start), piece.end


def _absent(pieces: Sequence[Piece], one: Said, facet: Facet) -> Condition:
    why = "the column is ruled out as a whole"
    return Condition(facet=facet, op="present", is_negated=True, span=_span(pieces, one), why=why)


def _compared(pieces: Sequence[Piece], one: Said, amount: Amount) -> Iterator[Condition]:
    if amount.facet is None:
        return
    for op, value in amount.bounds:
        yield Condition(
            facet=amount.facet, op=op, values=(value,), is_negated=one.is_negated, span=_span(pieces, one),
            why="compared by name" if amount.is_named else "compared by unit",
        )  # fmt: skip


def _plain(pieces: Sequence[Piece], one: Said) -> Iterator[Condition]:
    """A value as conditions, one for each column that has it."""
    value = pieces[one.piece].value
    if isinstance(value, Accepted):
        for entry in value.mention.entries:
            is_flag = entry.facet.kind == "flag"
            yield Condition(
                facet=entry.facet, values=("true",) if is_flag else entry.values, is_negated=one.is_negated,
                span=_span(pieces, one), why=value.why,
            )  # fmt: skip


def _ruled_out(made: Made, pieces: Sequence[Piece], said: Iterable[Said]) -> None:
    numbers: dict[int, int] = {}
    for one in said:
        either = 0
        if one.compound:
            either = numbers.setdefault(one.compound, 0) or made.new()
            numbers[one.compound] = either
        for condition in _plain(pieces, one):
            made.conditions.append(replace(condition, either=either))


@dataclass(slots=True)
class _Group:
    """Values of which one is enough."""

    conditions: list[Condition]
    columns: frozenset[str]
    last: int


def _asked_for(made: Made, pieces: Sequence[Piece], said: Sequence[Said], rows: frozenset[str]) -> None:
    groups: list[_Group] = []
    for n, one in enumerate(said):
        found = list(_plain(pieces, one))
        if len(found) > 1:
            columns = " and ".join(sorted(c.column for c in found))
            made.note(_span(pieces, one), f"a value of {columns}: either will do")
        home = _home(pieces, said, n, groups, rows)
        if home is None:
            groups.append(_Group(found, frozenset(c.column for c in found), one.piece))
        else:
            home.conditions += found
            home.columns |= {c.column for c in found}
            home.last = one.piece
    for group in groups:
        made.conditions.extend(_merged(made, group.conditions))
    _note_pairs(made, groups)


def _home(
    pieces: Sequence[Piece], said: Sequence[Said], n: int, groups: Sequence[_Group], rows: frozenset[str]
) -> _Group | None:
    """The group that a value is one more alternative of."""
    piece = pieces[said[n].piece]
    value = piece.value
    is_single = isinstance(value, Accepted) and all(
        e.facet.kind not in SEVERAL for e in value.mention.entries
    )
    same = next((g for g in groups if g.columns == piece.columns), None) if is_single else None
    if same:
        return same
    last = next((g for g in groups if n and g.last == said[n - 1].piece), None)
    if last is None:
        return None
    link = _link(pieces, said, n, rows)
    if not last.columns.isdisjoint(piece.columns):
        return last if link == "or" else None
    return last if link == "or" and not any(piece.columns & g.columns for g in groups) else None


def _link(pieces: Sequence[Piece], said: Sequence[Said], n: int, rows: frozenset[str]) -> Link:
    """What leads from the value before to this one; a comma means what the end of its list says."""
    between = [p.key for p in pieces[said[n - 1].piece + 1 : said[n].piece]]
    if any(p.value for p in pieces[said[n - 1].piece + 1 : said[n].piece]):
        return "far"
    if not all(_is_filler(key, rows) or key in speech.CONJUNCTIONS or key == "," for key in between):
        return "far"
    if any(key in {"or", "/"} for key in between):
        return "or"
    if any(key in speech.CONJUNCTIONS for key in between):
        return "and"
    is_list = bool(pieces[said[n - 1].piece].columns & pieces[said[n].piece].columns)
    if (
        is_list
        and "," in between
        and n + 1 < len(said)
        and pieces[said[n + 1].piece].columns & pieces[said[n].piece].columns
    ):
        return _link(pieces, said, n + 1, rows)
    return "comma"


def _is_filler(key: str, rows: frozenset[str]) -> bool:
    return key in FILLERS or singular(key) in rows


def _merged(made: Made, found: Sequence[Condition]) -> Iterator[Condition]:
    """Alternatives as one condition for each column, tied together where there are several columns."""
    by_column: dict[str, list[Condition]] = {}
    for condition in found:
        by_column.setdefault(condition.column, []).append(condition)
    either = made.new() if len(by_column) > 1 else 0
    for same in by_column.values():
        values = tuple(dict.fromkeys(value for c in same for value in c.values))
        span = (min(c.span[0] for c in same), max(c.span[1] for c in same))
        yield replace(same[0], values=values, span=span, either=either)


def _note_pairs(made: Made, groups: Sequence[_Group]) -> None:
    """Say where "a in b or c in d" was read as any of a, c in any of b, d: more rows, none lost."""
    wide = [g for g in groups if len(g.conditions) > 1 and len(g.columns) == 1]
    for one in wide:
        low, high = min(c.span[0] for c in one.conditions), max(c.span[1] for c in one.conditions)
        if any(g is not one and low < min(c.span[0] for c in g.conditions) < high for g in wide):
            made.note((low, high), "alternatives of several columns cross: all pairs are let through")


def _contradictions(made: Made) -> None:
    asked = {(c.column, v) for c in made.conditions if not c.is_negated and not c.either for v in c.values}
    for c in made.conditions:
        if c.is_negated and c.op == "is" and any((c.column, v) in asked for v in c.values):
            made.note(c.span, "asked for and ruled out at once: no row can be both")


def glue(text: str) -> str:
    """`text` with single blanks and without marks that lost their neighbours."""
    words = " ".join(text.split())
    for mark in (" ,", " ;", " .", " ?", " !", " )"):
        words = words.replace(mark, mark.strip())
    return words.strip(" ,;:-&/")
