"""[pure] Yes or no: how far a negation reaches, and what two of them make.

A negation reaches to the end of its clause, at most. One that opens a noun phrase (without, no, except) ends
at the next preposition; one that opens a clause (not, never) passes prepositions until it has met a value:
"not based in Chicago with OSHA-10" rules out the place alone. It goes on over "or", and over commas and "and"
where another value of the same column follows. A second one before any value takes the first back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from lakehouse.matrix.conditions import cues, speech
from lakehouse.matrix.conditions.pieces import Piece
from lakehouse.matrix.conditions.words import singular

MOST_UNKNOWN: Final = 7
"""So many words without a value end a negation."""

TURNS: Final = speech.bag("but however though although while yet instead just only")
SKIPPED: Final = speech.DETERMINERS | speech.bag(
    "those people anyone anybody someone both either one ones rest others"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A value and how the question means it."""

    piece: int
    is_negated: bool = False
    is_soft: bool = False
    """A wish, or said to be of no matter: no condition."""

    cue: int = -1
    """First character of the word that negates; -1: none."""

    compound: int = 0
    """Values of one negated phrase have the same number: ruled out together. 0: by itself."""

    is_absent: bool = False
    """Not a value but a column's name, ruled out: "no certificates"."""


@dataclass(slots=True, kw_only=True)
class _Scope:
    """A negation that is open."""

    start: int
    is_phrase: bool
    is_prefix: bool = False
    """It reaches one value only: non-union."""
    count: int = 1
    prep: str = ""
    met: list[int] = field(default_factory=list)
    """Pieces of the values it has reached."""
    unknown: int = 0
    names: int = -1
    """A column's name that it has reached."""


class _Reader:
    """Walks over the pieces once, from left to right."""

    def __init__(self, pieces: Sequence[Piece], rows: frozenset[str]) -> None:
        self.pieces, self.rows = pieces, rows
        self.said: dict[int, Said] = {}
        self.scope: _Scope | None = None
        self.soft = False
        self.has_wished = False
        """A wish has met its value."""

    def read(self) -> list[Said]:
        i = 0
        while i < len(self.pieces):
            found = None if self.pieces[i].value else cues.at(self.pieces, i)
            if found:
                self._open(i, found[0])
                i += found[1]
            elif self.pieces[i].value:
                i += self._value(i)
            else:
                i += self._word(i)
        self._close()
        return [self.said[i] for i in sorted(self.said)]

    def _open(self, i: int, cue: cues.Cue) -> None:
        if cue == "soft":
            self._close()
            self.soft, self.has_wished = True, False
        elif cue == "neutral":
            self._close()
        elif self.scope and not self.scope.met and self.scope.names < 0 and self.pieces[i].key != "nor":
            self.scope.count += 1
            self.scope.is_phrase, self.scope.unknown = cue != "clause", 0
        elif not (self.pieces[i].key == "nor" and self.scope):
            self._close()
            self.scope = _Scope(
                start=self.pieces[i].start, is_phrase=cue != "clause", is_prefix=cue == "prefix"
            )

    def _close(self) -> None:
        scope, self.scope = self.scope, None
        if scope and scope.names >= 0 and not scope.met and scope.count % 2:
            self.said[scope.names] = Said(piece=scope.names, is_negated=True, cue=scope.start, is_absent=True)

    def _value(self, i: int) -> int:
        scope = self.scope
        is_negated = bool(scope and scope.count % 2)
        compound = 0
        if scope and scope.met and self._is_compound(scope.met[-1], i):
            compound = scope.met[0] + 1
            self.said[scope.met[-1]] = replace(self.said[scope.met[-1]], compound=compound)
        cue = scope.start if scope else -1
        self.has_wished = self.has_wished or self.soft
        self.said[i] = Said(piece=i, is_negated=is_negated, is_soft=self.soft, cue=cue, compound=compound)
        if scope:
            scope.met.append(i)
            if scope.is_prefix:
                self._close()
        return 1 + self._after(i)

    def _is_optional(self, i: int) -> bool:
        """Is what stands here said to be of no need: "no … required"?"""
        following = [p.key for p in self.pieces[i + 1 : i + 5] if not p.noun and p.key not in cues.LINKS]
        return bool(following) and following[0] in cues.AFTER_NO

    def _is_compound(self, before: int, i: int) -> bool:
        between = [p.key for p in self.pieces[before + 1 : i]]
        both = (self.pieces[before], self.pieces[i])
        if not both[0].columns.isdisjoint(both[1].columns):
            return False
        return not between or (between == [","] and all(p.is_place for p in both))

    def _after(self, i: int) -> int:
        """What is said of the value right behind it; how many pieces were read."""
        found = cues.after(self.pieces, i + 1)
        scope = self.scope
        if scope and self._is_optional(i):
            kind, length = "soft", 0
        elif found:
            kind, length = found
        else:
            return 0
        for j in self._list_before(i):
            if kind == "soft":
                self.said[j] = replace(self.said[j], is_soft=True)
            else:
                self.said[j] = replace(self.said[j], is_negated=True, cue=self.pieces[j].start)
        if kind == "soft" and scope:
            scope.names = -1
        return length

    def _list_before(self, i: int) -> list[int]:
        """The value and those of its column that it ends a list of."""
        found, is_list = [i], False
        for j in range(i - 1, -1, -1):
            piece = self.pieces[j]
            is_list = is_list or piece.key in {"and", "or", "nor", "&"}
            if piece.columns and piece.columns == self.pieces[i].columns and j in self.said and is_list:
                found.append(j)
            elif piece.value or piece.key not in speech.CONJUNCTIONS | {","}:
                break
        return found

    def _word(self, i: int) -> int:
        piece, scope = self.pieces[i], self.scope
        key = piece.key
        is_dash = key == "-" and not piece.is_glued and not self._is_followed_closely(i)
        if is_dash or (key in speech.ENDS and not (key == "." and self._is_glued_on(i))):
            self._close()
            self.soft = False
        elif key == ",":
            self._comma(i)
        elif key in TURNS:
            self._close()
            self.soft = False
        else:
            if self.soft and self.has_wished and self._is_new_phrase(i):
                self.soft = False
            if scope:
                self._under(scope, i)
        return 1

    def _is_new_phrase(self, i: int) -> bool:
        key = self.pieces[i].key
        is_turn = key in speech.PREPOSITIONS or key in speech.RELATIVES
        is_turn = is_turn and not self._is_linked(i)
        return is_turn or (key in speech.CONJUNCTIONS and not self._goes_on(i))

    def _is_followed_closely(self, i: int) -> bool:
        return i + 1 < len(self.pieces) and self.pieces[i + 1].is_glued

    def _is_glued_on(self, i: int) -> bool:
        return self._is_followed_closely(i) and self.pieces[i].is_glued

    def _comma(self, i: int) -> None:
        goes_on = self._goes_on(i)
        if self.soft and not goes_on:
            self.soft = False
        if self.scope and (self.scope.met or self.scope.names >= 0 or self.scope.unknown) and not goes_on:
            self._close()

    def _under(self, scope: _Scope, i: int) -> None:
        key, has_met = self.pieces[i].key, bool(scope.met or scope.names >= 0)
        if key in speech.CONJUNCTIONS:
            if has_met and not self._goes_on(i):
                self._close()
        elif key in speech.PREPOSITIONS:
            is_past = scope.is_phrase and scope.unknown
            if (has_met and not self._is_linked(i)) or is_past:
                self._close()
            else:
                scope.prep = scope.prep or key
        elif key in speech.RELATIVES:
            if has_met:
                self._close()
        elif self.pieces[i].noun and not scope.met and scope.is_phrase:
            is_free = not self._has_value_of(i) and not self._is_optional(i)
            scope.names = i if is_free else scope.names
        elif key in speech.VERBS or self._is_other_name(scope, i):
            if has_met:
                self._close()
            elif scope.is_phrase and self.pieces[i].is_measure:
                scope.unknown += 1
        elif key not in SKIPPED and singular(key) not in self.rows and key not in {"'", '"', "-"}:
            scope.unknown += 1
            if scope.unknown > MOST_UNKNOWN:
                self._close()

    def _is_other_name(self, scope: _Scope, i: int) -> bool:
        """Does this word name a column that the negation has not met?"""
        named = self.pieces[i].names
        return bool(named) and not any(named & self.pieces[j].columns for j in scope.met)

    def _is_linked(self, i: int) -> bool:
        """Does this preposition follow a conjunction that the negation went over?"""
        j = i - 1
        while j >= 0 and self.pieces[j].key in SKIPPED:
            j -= 1
        return j >= 0 and self.pieces[j].key in {"or", "nor"}

    def _has_value_of(self, i: int) -> bool:
        """Does a value of the named column stand beside its name, so that the name says nothing by itself?"""
        column = self.pieces[i].noun
        for piece in self.pieces[max(0, i - 1) : i + 5]:
            if piece.key in speech.ENDS or piece.key == ",":
                return False
            if column and column.column in piece.columns:
                return True
        return False

    def _goes_on(self, i: int) -> bool:
        """Does a negation, or a wish, reach past this comma or conjunction?"""
        last = self.scope.met[-1] if self.scope and self.scope.met else self._last_said(i)
        if last is None:
            return False
        columns, prep = self.pieces[last].columns, ""
        is_or, j = False, i
        while j < len(self.pieces) and not self.pieces[j].value:
            key = self.pieces[j].key
            if key in {"or", "nor", "/"}:
                is_or = True
            elif key in speech.PREPOSITIONS and key not in {"without", "on"} and is_or:
                prep = key
            elif key not in SKIPPED and key not in {",", "and", "&", "plus"}:
                return False
            j += 1
        if j >= len(self.pieces):
            return False
        nexts = self.pieces[j]
        if not nexts.columns.isdisjoint(columns):
            return True
        is_place = self.pieces[i].key == "," and j == i + 1 and nexts.is_place and self.pieces[last].is_place
        return is_place or (is_or and (not prep or bool(self.scope and prep == self.scope.prep)))

    def _last_said(self, i: int) -> int | None:
        return max((j for j in self.said if j < i), default=None)


def read(pieces: Sequence[Piece], rows: frozenset[str]) -> list[Said]:
    """Every value of a question, with how it is meant.

    Args:
        rows: what rows are called, in the singular.
    """
    return _Reader(pieces, rows).read()
