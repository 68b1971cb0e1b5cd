"""[pure] What the words of an option mean: `a=BIGINT,b=DECIMAL(9,2)`, `id,day`, `limit=5`."""

import json
import re
from typing import Final

import typer

COMMA: Final = re.compile(r",(?![^(]*\))")
"""A comma that stands in no parentheses: DECIMAL(9,2) is one word."""


def types(text: str | None) -> dict[str, str]:
    """Column to type.

    Raises:
        BadParameter: a part is not COLUMN=TYPE.
    """
    return dict(_pair(part, "--types", "COLUMN=TYPE") for part in COMMA.split(text or "") if part.strip())


def names(text: str | None) -> tuple[str, ...]:
    """Column names between commas."""
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def docs(texts: list[str] | None) -> dict[str, str]:
    """Column to what it means.

    Raises:
        BadParameter: one is not COLUMN=TEXT.
    """
    return dict(_pair(text, "--column", "COLUMN=TEXT") for text in texts or ())


def values(texts: list[str] | None) -> dict[str, object] | None:
    """Parameters by name; a value that is JSON is that value, any other is text: 7 and "7" differ.

    Raises:
        BadParameter: one is not NAME=VALUE.
    """
    pairs = [_pair(text, "--param", "NAME=VALUE") for text in texts or ()]
    return {name: _value(value) for name, value in pairs} or None


def document(text: str | None, option: str) -> dict[str, object] | None:
    """A JSON object, or None where nothing was said.

    Raises:
        BadParameter: it is not one.
    """
    if text is None:
        return None
    try:
        given = json.loads(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not JSON", param_hint=option) from error
    if not isinstance(given, dict):
        raise typer.BadParameter(f'{text!r} is not a JSON object: {{"m": 32}}', param_hint=option)
    return given


def _pair(text: str, option: str, form: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise typer.BadParameter(f"{text!r} is not {form}", param_hint=option)
    return name.strip(), value.strip()


def _value(text: str) -> object:
    try:
        return json.loads(text, parse_constant=str)
    except ValueError:
        return text
