"""[pure] The words by which two questions are compared: stems of content words, as a set.

A set and not a bag weighted by rarity: on four public collections the plain cosine of sets told wordings of
one need from other needs at least as well as idf weights did (AUC .930 to .997 against .906 to .988), and it
needs no corpus, so nothing that was compared has to be compared again when texts come and go.
"""

import re
from typing import Final

from lakehouse.search.terms import STOP, stem

WORD: Final = re.compile(r"\w+")


def terms(text: str) -> frozenset[str]:
    """Stems of the words that carry content, numbers included; of every word where none does."""
    words = [word.lower() for word in WORD.findall(text)]
    content = [word for word in words if word not in STOP]
    return frozenset(stem(word) for word in content or words)
