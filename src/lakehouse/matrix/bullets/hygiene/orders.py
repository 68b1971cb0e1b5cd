"""[pure] Text that gives a model orders instead of telling it what was learned; it is kept apart, not served.

English only, and only what is said openly: a person looks at what is found here. What is not found is still
served as advice between marks, never as an instruction (`choose`).
"""

import re
from typing import Final

from lakehouse.matrix.bullets.hygiene.wording import UNSEEN, plain

JOINERS: Final = frozenset("\u200c\u200d\u00ad")
"""Scripts and signs are written with these; alone they hide nothing."""

_ALL = r"(?:all |any |every |each )?(?:of )?(?:the |your |these |those |my |our )?"
_BEFORE = r"(?:previous|prior|above|earlier|preceding|former|existing|original|system|safety|other|current)"
_RULES = r"(?:instruction|prompt|rule|message|guideline|direction|polic|command|context|constraint|guardrail)"

ORDERS: Final[dict[str, re.Pattern[str]]] = {
    kind: re.compile(form, re.IGNORECASE)
    for kind, form in {
        "sets other instructions aside": (
            rf"\b(?:ignore|disregard|forget|override|bypass|skip|discard|overrule|do not follow|don't follow|"
            rf"stop following)\b.{{0,20}}?{_ALL}(?:{_BEFORE}\s+)+(?:\w+\s+)?{_RULES}|"
            rf"\b(?:ignore|disregard|forget|override|bypass)\s+(?:all|everything|your)\b"
            rf".{{0,30}}(?:{_RULES}|above|before)|"
            r"\bforget everything\b"
        ),
        "gives new instructions": (
            r"\bnew (?:system )?(?:instructions?|prompt|rules?)\s*:|\bfrom now on,? (?:you|always|never|only|"
            r"answer|respond|reply)\b|\byour (?:new|real|true) (?:task|goal|instructions?|purpose|role)\b"
        ),
        "gives the model another role": (
            r"\byou are (?:now|no longer)\b|\b(?:act|behave|pretend|roleplay|respond) (?:as|like|to be) "
            r"(?:if |an? )?.{0,40}\b(?:unrestricted|uncensored|jailbr\w+|dan|developer mode|admin\w*|root|"
            r"without (?:any )?(?:restrictions|limits|rules|filters))|\bjailbreak|\bdeveloper mode\b"
        ),
        "asks for the prompt": (
            r"\b(?:reveal|print|show|repeat|output|leak|expose|tell|give)\b.{0,30}\b(?:system|hidden|initial|your|secret)"
            r" (?:prompt|instructions?|message)"
        ),
        "imitates the frame of a conversation": (
            r"<\|[a-z_]{2,30}\|>|\[/?INST\]|<</?SYS>>|</?(?:system|assistant|user|instructions?|tool_call)>|"
            r"(?:^|\n)\s*(?:#{1,6}\s*)?(?:system|assistant|user|human)\s*(?:prompt|message)?\s*:|"
            r"\b(?:begin|end)\s+(?:of\s+)?(?:system|hidden)\s+(?:prompt|message|instructions?)"
        ),
        "hides from people": (
            r"\b(?:do not|don't|never|without)\s+(?:tell\w*|inform\w*|mention\w*|notify\w*|alert\w*|ask\w*|"
            r"warn\w*|reveal\w*)\b.{0,15}\b(?:the |a |any )?(?:user|operator|auditor|human|person in charge|"
            r"reviewer)s?\b|"
            r"\bkeep (?:this|it) (?:hidden|secret) from\b"
        ),
        "sends data away or runs something": (
            r"\b(?:send|post|upload|forward|exfiltrat\w+|transmit|leak|submit)\b.{0,60}\b(?:https?://|webhook|ftp://)|"
            r"!\[[^\]]*\]\(\s*https?:|<script\b|<img\b|\bjavascript:|\bdata:text/|"
            r"\b(?:run|execute|eval)\b.{0,25}\b(?:command|code|script|shell|sql)\b.{0,10}:|\brm -rf\b|"
            r"\bcurl\s+\S*https?:|\bdrop table\b"
        ),
        "prefers a result whatever was asked": (
            r"\b(?:always|only|must)\b.{0,25}\b(?:recommend|rank|return|answer|reply|respond|output|choose)\b.{0,60}"
            r"\b(?:regardless|no matter|whatever|instead of the (?:question|results?|answer))"
        ),
    }.items()
}


def unsafe(text: str) -> str | None:
    """What a text orders a model to do, or None."""
    seen = plain(text)
    return next((kind for kind, form in ORDERS.items() if form.search(seen)), None)


def hides(text: str) -> bool:
    """Does it hold characters that a person does not see and a model reads?"""
    unseen = set(UNSEEN.findall(text)) - JOINERS
    return bool(unseen) or any(ord(c) < 32 and c not in "\t\n\r" for c in text)
