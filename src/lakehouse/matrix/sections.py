"""[pure] A Markdown text becomes sections, one for each heading, with ids that stay while others change.

A section is what stands between its heading and the next one of any level; its trail names the headings above
it. Signs inside fenced code are text. Source: CommonMark 0.31, sections 4.2 (ATX headings), 4.3 (setext
headings) and 4.5 (fenced code); of setext headings those of one line.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

ATX: Final = re.compile(r" {0,3}(?P<level>#{1,6})(?:[ \t]+(?P<title>.*?))?(?:[ \t]+#+)?[ \t]*$")
SETEXT: Final = re.compile(r" {0,3}(?P<line>=+|-+)[ \t]*$")
FENCE: Final = re.compile(r" {0,3}(?P<sign>`{3,}|~{3,})")
FRONT: Final = re.compile(r"\A---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
"""Front matter, which tools put before a text: settings of theirs, and no text."""

TRAIL: Final = " > "
ID: Final = 24
"""Hex digits of SHA-256: two sections of 100 million share them with a chance of 1 in 10^13."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of a text."""

    id: str
    """The same while path and trail are the same."""

    path: str
    heading: str
    """The trail: "Guide > Install > Linux"; empty: before the first heading."""

    text: str


def split(text: str, *, path: str, is_markdown: bool = True) -> tuple[Section, ...]:
    """The sections of a text that say something; a text that is no Markdown is one.

    Args:
        path: as readers know the text; ids hang on it.
    """
    whole = text.replace("\r\n", "\n").replace("\r", "\n")
    parts = _parts(FRONT.sub("", whole, count=1)) if is_markdown else [("", whole)]
    seen: Counter[str] = Counter()
    made = []
    for trail, body in parts:
        said = body.strip()
        if not said:
            continue
        seen[trail] += 1
        made.append(Section(id=_id(path, trail, seen[trail]), path=path, heading=trail, text=said))
    return tuple(made)


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Trails and what stands under them."""
    trail: dict[int, str] = {}
    lines: list[str] = []
    for level, said in _marked(text.split("\n")):
        if not level:
            lines.append(said)
            continue
        yield TRAIL.join(trail.values()), "\n".join(lines)
        lines = []
        trail = {at: title for at, title in trail.items() if at < level} | {level: said}
    yield TRAIL.join(trail.values()), "\n".join(lines)


def _marked(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Lines as (0, line), headings as (level, title)."""
    fence = ""
    skips = False
    for at, line in enumerate(lines):
        if skips:
            skips = False
            continue
        opens = FENCE.match(line)
        if fence:
            fence = (
                "" if opens and opens["sign"].startswith(fence) and line.strip() == opens["sign"] else fence
            )
        elif opens:
            fence = opens["sign"]
        elif atx := ATX.fullmatch(line):
            yield len(atx["level"]), (atx["title"] or "").strip()
            continue
        elif _is_title(lines, at):
            below = SETEXT.fullmatch(lines[at + 1])
            yield (1 if below and below["line"].startswith("=") else 2), line.strip()
            skips = True
            continue
        yield 0, line


def _is_title(lines: list[str], at: int) -> bool:
    """Is this line a title with a line of signs below? It stands alone, or it would end a paragraph."""
    if at + 1 >= len(lines) or not SETEXT.fullmatch(lines[at + 1]):
        return False
    alone = at == 0 or not lines[at - 1].strip()
    return alone and bool(lines[at].strip()) and not re.match(r"\s*([-*+>|]|\d+[.)])", lines[at])


def _id(path: str, trail: str, number: int) -> str:
    """Sections of one trail are told apart by their order."""
    said = "\0".join((path, trail, *([] if number == 1 else [str(number)])))
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:ID]
