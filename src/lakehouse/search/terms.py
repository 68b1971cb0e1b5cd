"""[pure] What a sentence claims, as far as words show it: its content, numbers, names, and what it denies.

English only, and only the surface: this can tell that a sentence says something else than its source, never
that it means the same in other words.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

TOKEN: Final = re.compile(r"(?:[A-Za-z]\.){2,}|\d+(?:,\d{3})+(?:\.\d+)?|\d+\.\d+|\w+(?:['’]\w+)*|[,;:.!?()]")
NUMBER: Final = re.compile(r"[\d,.]+")
REACH: Final = 4
"""Content words that a denial covers, within its clause."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


STOP: Final = _set(
    """a about above after again all also although am an and another any are as at be because been
    before being both but by can could did do does doing down during each either else etc even
    ever every for from further had has have having he her here hers him his how however i if in
    into is it its itself just let like made make many may me might more most much must my of off
    often on once one only or other our out over own per quite rather said same say says shall she
    should since so some such than that the their them then there therefore these they this those
    through thus to too under until up upon us use used using very was we well were what when
    where whether which while who whom whose why will with within would yet you your"""
)
"""Words that claim nothing by themselves."""

DENIALS: Final = _set("cannot lack lacks neither never no nobody none nor not nothing without")
SOFTENED: Final = _set("just merely only simply")
"""After a denial they undo it: not only this but that."""

CLAUSE_ENDS: Final = frozenset([*",;:.!?()", "but", "although", "though", "while", "whereas", "however"])

COUNTED: Final = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
COUNTS: Final = {word: number for number, word in enumerate(COUNTED, 2)}
SCALES: Final = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9}

OPPOSITES: Final = tuple(
    tuple(pair.split("/"))
    for pair in sorted(
        _set(
            """increas/decreas rise/fall rose/fell higher/lower high/low more/less above/below before/after
            maximum/minimum larger/smaller large/small greater/smaller longer/shorter faster/slower
            upper/lower accept/reject accept/refus allow/forbid allow/prohibit best/worst better/worse
            first/last gain/loss hot/cold import/export inside/outside internal/external left/right
            long/short positiv/negativ profit/loss strong/weak stabl/unstabl succeed/fail success/failur
            true/fals win/lose won/lost with/without north/south east/west day/night male/female open/clos
            start/stop begin/end"""
        )
    )
)
"""Pairs of words or stems that change a claim into its contrary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What one sentence claims."""

    stems: frozenset[str]
    """Of its content words, numbers left out."""

    denied: frozenset[str]
    """Stems within reach of a denial."""

    affirmed: frozenset[str]
    """Stems that stand outside of one; a stem may be both."""

    numbers: frozenset[str]
    """In one way of writing: 1,200 and 1200.0 and 1.2 thousand are the same."""

    names: frozenset[str]
    """Lower-cased words written with a capital inside the sentence, or with letters and digits."""

    first: str
    """The first word lower-cased where it has a capital, for that may be a name too; else empty."""

    words: frozenset[str]
    """Every word, lower-cased, the ones that claim nothing too."""


def read(sentence: str) -> Terms:
    """What a sentence claims. Cost: about 1 µs a character."""
    tokens = TOKEN.findall(sentence)
    denied: set[str] = set()
    affirmed: set[str] = set()
    left = 0  # content words that the last denial still reaches
    for at, token in enumerate(tokens):
        word = _lower(token)
        if word in CLAUSE_ENDS:
            left = left if left == REACH else 0  # not, however, this: the clause has not begun
        elif _denies(word, tokens[at + 1 : at + 2]):
            left = REACH
        elif _is_content(word) and not word.endswith("n't"):
            (denied if left else affirmed).add(stem(word))
            left = max(left - 1, 0)
    words = [token for token in tokens if token[0].isalnum()]
    return Terms(
        stems=frozenset(denied | affirmed),
        denied=frozenset(denied),
        affirmed=frozenset(affirmed),
        numbers=_numbers(tokens),
        names=frozenset(_lower(w) for n, w in enumerate(words) if _is_name(w, is_first=n == 0)),
        first=_lower(words[0]) if words and words[0][0].isupper() and _is_content(_lower(words[0])) else "",
        words=frozenset(map(_lower, words)),
    )


def both(one: Terms, two: Terms) -> Terms:
    """What two neighbouring sentences claim together."""
    return Terms(
        stems=one.stems | two.stems,
        denied=one.denied | two.denied,
        affirmed=one.affirmed | two.affirmed,
        numbers=one.numbers | two.numbers,
        names=one.names | two.names,
        first=one.first,
        words=one.words | two.words,
    )


def stem(word: str) -> str:
    """The word without its commonest endings: operates, operated, operating and operation are one."""
    if len(word) > 4 and word.endswith("ies"):
        word = word[:-3] + "y"
    elif len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    if len(word) > 5 and word.endswith(("tion", "sion")):
        word = word[:-3]
    return word[:-1] if len(word) > 3 and word[-1] in "ey" else word


def _lower(token: str) -> str:
    token = token.replace(".", "") if token[0].isalpha() else token  # U.S. is US
    return token.lower().replace("’", "'").removesuffix("'s")


def _is_content(word: str) -> bool:
    return (
        word[0].isalnum()
        and word not in STOP
        and word not in DENIALS
        and not NUMBER.fullmatch(word)
        and not (word in COUNTS or word in SCALES or len(word) == 1)
    )


def _denies(word: str, following: list[str]) -> bool:
    return (word in DENIALS or word.endswith("n't")) and not (following and _lower(following[0]) in SOFTENED)


def _is_name(word: str, *, is_first: bool) -> bool:
    if any(map(str.isdigit, word)) and any(map(str.isalpha, word)):
        return True
    is_acronym = len(word) > 1 and word.isupper()
    return is_acronym or (not is_first and word[0].isupper() and _is_content(_lower(word)))


def _numbers(tokens: list[str]) -> frozenset[str]:
    found = set()
    for at, token in enumerate(tokens):
        word = token.lower()
        if NUMBER.fullmatch(token) and any(map(str.isdecimal, token)):
            value = Decimal(token.replace(",", ""))
        elif word in COUNTS:
            value = Decimal(COUNTS[word])
        else:
            continue
        following = tokens[at + 1].lower() if at + 1 < len(tokens) else ""
        found.add(f"{(value * SCALES.get(following, 1)).normalize():f}")
    return frozenset(found)
