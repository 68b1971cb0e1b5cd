"""[pure] How much playbook text there may be, what counts as the same, and what a prompt gets of it."""

from dataclasses import dataclass
from typing import Final

from lakehouse.base.errors import Invalid

HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BulletParams:
    """Figures of the text side of the playbook."""

    content_chars: int = 500
    """Of one entry. Longer lessons were cut to this by the earlier system too, and one entry says one
    thing."""

    shingles: float = 0.8
    """Jaccard index of 5-character shingles, or of content words, from which two texts are near copies."""

    contained: float = 0.9
    """Share of the shorter text's shingles that stand in the longer one."""

    cosine: float = 0.58
    """From which vectors may say the same in other words: kept apart until somebody looked. Chosen on 124
    pairs; on 40 more it let three pass."""

    cosine_sure: float = 0.75
    """From which they do, so that the evidence is linked. Other lessons of the same trade stayed below."""

    copied: float = 0.6
    """Share of a text's runs of four words that stand in what was served lately: it came from us."""

    window_ms: int = 24 * HOUR_MS
    """How long text that was served can come back as a lesson."""

    window_texts: int = 1_000
    """Served passages that are remembered; about 20 KB each."""

    per_call: int = 2
    """Entries of one prompt; with four the published gain of one was gone (49.7 to 44.4 of 100)."""

    prompt_tokens: int = 300
    playbook_tokens: int = 20_000
    """Of all entries that may be chosen; beyond, those of the least proven use are passed over."""

    relevance: float = 0.2
    """Similarity to the question from which an entry may be chosen, 0 to 1."""

    sure: float = 0.9
    """One-sided confidence of the bounds of usefulness."""

    pairs: int = 5
    """Differences with and without the entry from which they speak, and votes no longer do."""

    def __post_init__(self) -> None:
        shares = (self.shingles, self.contained, self.cosine, self.cosine_sure, self.copied, self.sure)
        if not all(0 < share < 1 for share in shares) or not 0 <= self.relevance <= 1:
            raise Invalid("a share of [bullets] lies between 0 and 1", hint="see [bullets] in the settings")
        if self.per_call not in {1, 2}:
            raise Invalid("a prompt gets 1 or 2 entries", hint="set bullets.per_call to 1 or 2")
        counts = (self.content_chars, self.window_texts, self.prompt_tokens, self.playbook_tokens, self.pairs)
        if min(*counts, self.window_ms) < 1:
            raise Invalid("a size of [bullets] is at least 1", hint="see [bullets] in the settings")


DEFAULTS: Final = BulletParams()
