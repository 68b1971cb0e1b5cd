"""[pure] Bugs that reviews named, under a key that stays the same however a reviewer puts it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

FLAGS: Final = (
    "UnitMismatch",
    "TypeConfusion",
    "NullableConfusion",
    "OffByOne",
    "StaleReference",
    "PseudoImpl",
    "DeadCode",
    "WarningNoise",
    "BoundaryViolation",
)
"""What kind of mistake was meant."""

QUOTED: Final = re.compile(r"`([^`\n]+)`")
IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{2,}")
"""At least three characters: shorter names are everywhere and tell nothing."""

MOST: Final = 3
EXAMPLE_CHARS: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Bug:
    """One kind of mistake at one place of the code."""

    flag: str
    pattern_key: str
    """See `pattern_key`."""

    example: str = ""
    """The line of a reviewer that named it."""

    occurrences: int = 1


def pattern_key(flag: str, line: str) -> str | None:
    """`Flag:a-b-c`: the flag and up to three identifiers that the line quotes as code.

    Quoted means between backticks; an identifier is `[A-Za-z_][A-Za-z0-9_]*` of at least three characters,
    and must be all that is quoted. Each counts once; they are sorted by code point and the first three are
    taken, so the order and the wording of the line do not matter.

    Returns:
        None where the line quotes no identifier: the flag alone would join what has nothing in common.
    """
    names = sorted({text for text in QUOTED.findall(line) if IDENTIFIER.fullmatch(text)})
    return f"{flag}:{'-'.join(names[:MOST])}" if names else None


def bugs_in(review: str) -> tuple[Bug, ...]:
    """The bugs of a review: of each line, every flag that it names, with the identifiers that it quotes."""
    named = [
        Bug(flag=flag, pattern_key=key, example=line.strip()[:EXAMPLE_CHARS])
        for line in review.splitlines()
        for flag in FLAGS
        if re.search(rf"\b{flag}\b", line) and (key := pattern_key(flag, line))
    ]
    return joined(named)


def joined(bugs: Iterable[Bug]) -> tuple[Bug, ...]:
    """Bugs of one key as one, their occurrences added, the first example kept; most frequent first."""
    found: dict[str, Bug] = {}
    for bug in bugs:
        known = found.get(bug.pattern_key)
        found[bug.pattern_key] = Bug(
            flag=bug.flag,
            pattern_key=bug.pattern_key,
            example=known.example if known and known.example else bug.example,
            occurrences=bug.occurrences + (known.occurrences if known else 0),
        )
    return tuple(sorted(found.values(), key=lambda bug: (-bug.occurrences, bug.pattern_key)))
