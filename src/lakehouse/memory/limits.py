"""[pure] What may be written into a trace, and how large it may be; everything else is refused here."""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Final

import orjson

from lakehouse.base.errors import Invalid
from lakehouse.store.streams import Json

CONTENT_BYTES: Final = 256 * 1024
"""Of the content as JSON without blanks, UTF-8."""

DEPTH: Final = 64
"""Of lists and objects within each other."""

TAGS: Final = 64
TAG_CHARS: Final = 100
REASON_CHARS: Final = 2_000
UID: Final = re.compile(r"[A-Za-z0-9._:@=+~-]{1,128}")
"""Stands in addresses, so no slash and no blank."""

INTEGERS: Final = range(-(2**63), 2**64)
"""Whole numbers that a JSON record keeps exactly."""


def content(given: object) -> bytes:
    """`given` as JSON text without blanks.

    Raises:
        Invalid: it is not JSON, nothing, too deep or too large.
    """
    if given is None:
        raise Invalid("a trace needs content", hint='content={"task": "…"}')
    _check(given, DEPTH)
    try:
        written = orjson.dumps(given)
    except TypeError as error:  # a lone surrogate
        raise _no_json("text that is not Unicode") from error
    if len(written) > CONTENT_BYTES:
        raise Invalid(
            f"the content has {len(written):,} bytes, more than {CONTENT_BYTES:,}",
            hint="keep long text in a table and put its id here",
        )
    return written


def tags(given: object) -> tuple[str, ...]:
    """Tags in order, each once.

    Raises:
        Invalid: not a list of short words, or too many.
    """
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise Invalid("tags are a list of words", hint='tags=["review", "rust"]')
    found = tuple(dict.fromkeys(given))
    for tag in found:
        if (
            not isinstance(tag, str)
            or not 0 < len(tag) <= TAG_CHARS
            or not tag.isprintable()
            or tag.isspace()
        ):
            raise Invalid(f"a tag is a word of 1 to {TAG_CHARS} characters", hint='tags=["review", "rust"]')
    if len(found) > TAGS:
        raise Invalid(f"{len(found)} tags are more than {TAGS}", hint="keep what is special in the content")
    return found


def uid(given: object) -> str:
    """`given`, if it can name a trace.

    Raises:
        Invalid: it cannot.
    """
    if not isinstance(given, str) or not UID.fullmatch(given):
        raise Invalid("that is no uid of a trace", hint="1 to 128 of A-Z a-z 0-9 . _ : @ = + ~ -")
    return given


def reason(given: object) -> str:
    """`given`, if it says why.

    Raises:
        Invalid: it is blank, too long or no text.
    """
    if not isinstance(given, str) or not given.strip() or len(given) > REASON_CHARS:
        raise Invalid(
            f"say why, in 1 to {REASON_CHARS:,} characters", hint='reason="the build it describes is gone"'
        )
    return _sound(given.strip())


def note(given: object) -> str:
    """`given`, if it can stand beside an event; blank is allowed.

    Raises:
        Invalid: it is too long or no text.
    """
    return "" if given == "" else reason(given)


def _sound(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _no_json("text that is not Unicode") from error
    return text


def _check(value: object, depth: int) -> None:
    match value:
        case None | bool() | str():
            return
        case int() if value in INTEGERS:
            return
        case float() if math.isfinite(value):
            return
        case Mapping() | list() | tuple() if depth == 0:
            raise Invalid(f"the content is nested deeper than {DEPTH} levels", hint="flatten it")
        case dict():
            for name, member in value.items():
                if not isinstance(name, str):
                    raise _no_json("a member's name that is no text")
                _check(member, depth - 1)
        case list() | tuple():
            for member in value:
                _check(member, depth - 1)
        case _:
            raise _no_json(f"a {type(value).__name__}" if not isinstance(value, int | float) else "a number")


def _no_json(what: str) -> Invalid:
    return Invalid(
        f"the content holds {what} that JSON cannot keep", hint="use text, finite numbers, lists, objects"
    )


def parsed(text: bytes) -> Json:
    """The value of JSON text, a new one each time."""
    value: Json = orjson.loads(text)
    return value
