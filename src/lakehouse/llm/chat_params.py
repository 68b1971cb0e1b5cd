"""[pure] What can be set about chat models, with the reasons."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatParams:
    """Which model answers questions, and where it runs."""

    provider: Literal["none", "ollama", "openai", "anthropic"] = "none"
    """`none`: questions are answered by passages, tools and confirmed SQL; no text leaves this machine."""

    model: str = ""
    """As the provider names it; empty: the provider's usual one."""

    url: str = ""
    """Of the server; empty: where it usually listens. `openai` is any server that speaks its protocol."""

    timeout_s: float = 120.0
    """For a whole answer with its retries. A model on a processor writes about 10 tokens a second, and the
    first question waits until the model is loaded."""
