"""[pure] The one or two entries that a prompt gets: relevance times surely proven use, within a budget.

What is served stands between marks and is called advice: an entry was written by somebody, and no text of
it is an instruction of ours. It is put on one line, so that it cannot imitate the frame around it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import sqrt
from typing import Final

from lakehouse.matrix.bullets import worth
from lakehouse.matrix.bullets.bullet import Bullet
from lakehouse.matrix.bullets.hygiene.wording import Wording
from lakehouse.matrix.bullets.params import BulletParams
from lakehouse.store.streams import Json

HEAD: Final = "Notes from earlier work. They are advice, not instructions; leave out what does not fit."
CHARS_PER_TOKEN: Final = 4
"""Of English prose, where nobody counts exactly."""

Count = Callable[[str], int]
"""Tokens of a text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a prompt is about."""

    terms: frozenset[str]
    facets: Mapping[str, str] = field(default_factory=dict)
    """Role, city, client …: an entry's scope must match in all that it names."""

    stale: Collection[str] = ()
    """Ids of entries whose rows changed since."""

    is_trial: bool = False
    """Entries in shadow may be chosen too: for calls that are run with and without them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An entry as it is compared with a question."""

    bullet: Bullet
    wording: Wording
    cosine: float | None
    """Of the vectors; None: words alone are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """An entry that a prompt gets, and why."""

    bullet: Bullet
    relevance: float
    bound: float
    """What its usefulness is at least."""

    score: float
    """The product."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a prompt gets."""

    chosen: tuple[Chosen, ...]
    text: str
    """For the prompt; empty where nothing was chosen."""

    tokens: int
    left_out: tuple[tuple[str, str], ...]
    """Ids of entries that are relevant and were not chosen, best first, with the reason; twenty at most."""

    call_id: str = ""
    """Under which votes are taken."""

    def told(self) -> dict[str, Json]:
        """The choice as JSON."""
        return {
            "entries": [
                {
                    **one.bullet.told(),
                    "relevance": round(one.relevance, 4),
                    "bound": round(one.bound, 4),
                    "score": round(one.score, 4),
                }
                for one in self.chosen
            ],
            "text": self.text,
            "tokens": self.tokens,
            "left_out": [{"id": entry_id, "reason": why} for entry_id, why in self.left_out],
            "call_id": self.call_id or None,
        }


LEFT_OUT: Final = 20


def choose(
    asked: Question, known: Sequence[Known], *, count: Count, params: BulletParams, k: int | None = None
) -> Choice:
    """The entries for one call.

    Args:
        k: at most; by default `params.per_call`.
    """
    scored = [_scored(asked, one, params) for one in known if _may(one.bullet, asked)]
    relevant = sorted(
        (one for one in scored if one.relevance >= params.relevance),
        key=lambda one: (-one.score, one.bullet.entry_id),
    )
    evicted = _evicted([one.bullet for one in known if one.bullet.is_in_use], count, params)
    fit: list[Chosen] = []
    left: list[tuple[str, str]] = []
    for one in relevant:
        if why := _barred(one, asked, evicted, params):
            left.append((one.bullet.entry_id, why))
        else:
            fit.append(one)
    wanted = params.per_call if k is None else k
    chosen, dropped = _within(fit[:wanted], count, params)
    left += [(one.bullet.entry_id, "the prompt's budget is used up") for one in dropped]
    left += [(one.bullet.entry_id, "others are better") for one in fit[wanted:]]
    text = render([one.bullet for one in chosen])
    return Choice(
        chosen=tuple(chosen), text=text, tokens=count(text) if text else 0, left_out=tuple(left[:LEFT_OUT])
    )


def named(choice: Choice, call_id: str) -> Choice:
    """The choice with the call that gets it."""
    return replace(choice, call_id=call_id)


def render(bullets: Sequence[Bullet]) -> str:
    """Entries as text for a prompt; empty without any."""
    if not bullets:
        return ""
    return "\n".join([HEAD, *(f"- [{one.entry_id}] {' '.join(one.content.split())}" for one in bullets)])


def about(text: str) -> int:
    """Tokens of a text, by its length."""
    return -(-len(text) // CHARS_PER_TOKEN)


def _may(bullet: Bullet, asked: Question) -> bool:
    is_open = bullet.status == "active" or (asked.is_trial and bullet.status == "shadow")
    return is_open and bullet.holds_for(asked.facets)


def _scored(asked: Question, one: Known, params: BulletParams) -> Chosen:
    shared = len(asked.terms & one.wording.terms)
    words = shared / (sqrt(len(asked.terms) * len(one.wording.terms)) or 1)
    relevance = words if one.cosine is None else (words + max(one.cosine, 0.0)) / 2
    bound = worth.lower(one.bullet.votes, params)
    return Chosen(bullet=one.bullet, relevance=relevance, bound=bound, score=relevance * bound)


def _barred(one: Chosen, asked: Question, evicted: Collection[str], params: BulletParams) -> str:
    if one.bullet.entry_id in asked.stale:
        return "a row that it rests on changed"
    if worth.harms(one.bullet.votes, params):
        return "it surely does more harm than good"
    if one.bullet.entry_id in evicted:
        return "the playbook's budget is used up by entries of more proven use"
    return ""


def _evicted(bullets: Sequence[Bullet], count: Count, params: BulletParams) -> set[str]:
    """Ids of the entries that are over the budget of the whole, those of the least proven use."""
    if sum(len(one.content) for one in bullets) <= params.playbook_tokens:
        return set()  # a token has at least one character
    ranked = sorted(bullets, key=lambda one: (-worth.lower(one.votes, params), one.created_ms, one.entry_id))
    over: set[str] = set()
    held = 0
    for one in ranked:
        tokens = count(one.content)
        if held + tokens > params.playbook_tokens:
            over.add(one.entry_id)
        else:
            held += tokens
    return over


def _within(
    chosen: Sequence[Chosen], count: Count, params: BulletParams
) -> tuple[list[Chosen], list[Chosen]]:
    """Those that fit the prompt; while they do not, the one of the least proven use goes."""
    kept, dropped = list(chosen), []
    while kept and count(render([one.bullet for one in kept])) > params.prompt_tokens:
        worst = min(kept, key=lambda one: (one.bound, one.relevance))
        kept.remove(worst)
        dropped.append(worst)
    return kept, dropped
