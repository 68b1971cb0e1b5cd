"""[acts] Texts to token ids, cut as the model was trained; imports tokenizers."""

from collections.abc import Sequence
from typing import Final

from tokenizers import Tokenizer

from lakehouse.llm.minilm.weights import TOKENIZER, read

TOKENS: Final = 256
"""The longest input of the model, with the two tokens that stand around every text."""


class Tokens:
    """Cuts texts; safe between threads, on the caller's thread only."""

    def __init__(self) -> None:
        # The file as released pads and cuts to 128.
        data = read(TOKENIZER).decode()
        self._cutting, self._whole = Tokenizer.from_str(data), Tokenizer.from_str(data)
        for tokenizer in (self._cutting, self._whole):
            tokenizer.no_padding()
            tokenizer.no_truncation()
        self._cutting.enable_truncation(TOKENS)

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Ids with the special ones, at most `TOKENS` for each text."""
        # One at a time: a batch would use all cores, and tokens are 2 % of the work.
        return [self._cutting.encode(_clean(text)).ids for text in texts]

    def count(self, text: str) -> int:
        """Tokens of the whole text, without the special ones."""
        return len(self._whole.encode(_clean(text), add_special_tokens=False).ids)


def _clean(text: str) -> str:
    # Lone surrogates are in files but not in UTF-8, which is all that tokenizers takes.
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
