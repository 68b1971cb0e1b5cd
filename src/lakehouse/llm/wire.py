"""[pure] What model servers send, taken apart: values, lines of a stream, vectors, reasons for a refusal."""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

import numpy as np

from lakehouse.base.errors import Invalid, Unavailable
from lakehouse.llm.chat import Turn
from lakehouse.llm.embedding import Vectors

IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,59}")
TOO_LONG: Final = re.compile(
    r"context.length|context.window|too long|maximum.context|input length", re.IGNORECASE
)


def dig(value: object, *path: str | int) -> object:
    """The value at `path` inside parsed JSON, or None where there is none."""
    for step in path:
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and len(value) > step:
            value = value[step]
        else:
            return None
    return value


def text_at(value: object, *path: str | int) -> str:
    """The text at `path`, or an empty one."""
    found = dig(value, *path)
    return found if isinstance(found, str) else ""


def number_at(value: object, *path: str | int) -> int:
    """The whole number at `path`, or 0."""
    found = dig(value, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else 0


def encode(body: object) -> bytes:
    """`body` as JSON in UTF-8; lone surrogates, which no server takes, become question marks."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def decode(raw: bytes) -> object:
    """Parsed JSON, or None where it is none."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a stream without their ends, however it was cut into chunks; empty ones are left out.

    At line feeds only: texts may hold U+2028 and others that `str.splitlines` takes for ends.
    """
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line.rstrip(b"\r") for line in whole if line.strip())
    if rest.strip():
        yield rest.rstrip(b"\r")


def events(stream: Iterable[bytes]) -> Iterator[bytes]:
    """The data of server-sent events, from their lines.

    Every provider here sends an event's data on one line, and repeats the event's name inside it.
    Source: html.spec.whatwg.org, section 9.2.6 of server-sent events.
    """
    for line in stream:
        if line.startswith(b"data:"):
            yield line[5:].strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What a body says about a failed request, without its prose: that may quote keys and texts."""

    code: str
    """A name such as `rate_limit_error`; empty where there is none."""

    fields: frozenset[str]
    """Those of the request that it speaks of."""

    is_too_long: bool
    is_of_model: bool
    """It is a server of models that answers, and it speaks of the model."""


def refusal(raw: bytes, fields: Iterable[str]) -> Refusal:
    """What the body of an error says; `fields` are the names in the request."""
    body = decode(raw)
    inner = dig(body, "error")
    said = inner if isinstance(inner, str) else text_at(inner, "message") or text_at(body, "message")
    names = [text_at(place, key) for place in (inner, body) for key in ("code", "type")]
    code = next((name for name in names if name != "error" and IDENTIFIER.fullmatch(name)), "")
    about = f"{said} {text_at(inner, 'param')}"
    return Refusal(
        code=code,
        fields=frozenset(name for name in fields if re.search(rf"\b{re.escape(name)}\b", about)),
        is_too_long=bool(TOO_LONG.search(f"{code} {said}")),
        is_of_model=bool(said) and "model" in f"{code} {said}".lower(),
    )


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """The seconds that Retry-After asks for; a date counts from the answer's own Date, not from our clock.

    Source: RFC 9110 section 10.2.3.
    """
    asked = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", asked):
        return float(asked)
    try:
        then, now = parsedate_to_datetime(asked), parsedate_to_datetime(headers.get("date", ""))
        return max((then - now).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None


def unit_vectors(rows: object, count: int, *, provider: str) -> Vectors:
    """`count` vectors of unit length from lists of numbers, or base64 of little-endian float32.

    Raises:
        Unavailable: they are not as many, of several dimensions, no numbers, not finite, or zero.
    """
    given = rows if isinstance(rows, list) else []
    if len(given) != count:
        raise _unusable(f"{len(given)} vectors for {count} texts", provider)
    try:
        numbers = [
            np.frombuffer(base64.b64decode(r, validate=True), "<f4") if isinstance(r, str) else r
            for r in given
        ]
        wide = np.array(numbers, np.float64)
    except (ValueError, TypeError, OverflowError, binascii.Error):
        raise _unusable("vectors that are not rows of numbers", provider) from None
    if wide.ndim != 2 or not wide.shape[1]:
        raise _unusable("vectors of no dimension", provider)
    peaks = np.abs(wide).max(axis=1, keepdims=True)
    if not np.isfinite(peaks).all() or not peaks.all():
        raise _unusable("vectors that are zero or not finite", provider)
    wide /= peaks  # first, since squares of large numbers overflow and those of small ones vanish
    made: Vectors = (wide / np.linalg.norm(wide, axis=1, keepdims=True)).astype(np.float32)
    return made


def _unusable(what: str, provider: str) -> Unavailable:
    return Unavailable(
        f"{provider} sent {what}", hint="name a model that makes embeddings", provider=provider
    )


def estimate_tokens(text: str) -> int:
    """About how many tokens a text has, for models whose tokenizer is elsewhere: a quarter of its bytes.

    In UTF-8, so that a character of Chinese or Japanese, often a token of its own, counts for more.
    """
    return -(-len(text.encode("utf-8", "replace")) // 4)


def refuse_turns(turns: Sequence[Turn], *, max_tokens: int, temperature: float) -> None:
    """Return if every provider can answer these turns.

    Raises:
        Invalid: no turn is the user's, one is blank, or a bound is out of range.
    """
    if not any(turn.role == "user" for turn in turns):
        raise Invalid("a conversation needs a turn of the user", hint='add Turn(role="user", text="…")')
    for position, turn in enumerate(turns):
        if not turn.text.strip():
            raise Invalid(f"turn {position} is blank", hint="leave blank turns out", position=position)
    if max_tokens < 1 or not 0 <= temperature <= 2:
        raise Invalid(
            "max_tokens is at least 1 and temperature between 0 and 2",
            hint="leave them out to use the defaults",
            max_tokens=max_tokens,
            temperature=temperature,
        )
