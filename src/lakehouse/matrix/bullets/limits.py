"""[pure] What the fields of an entry may be; everything else is refused here."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from lakehouse.base.errors import Invalid
from lakehouse.matrix.bullets.bullet import DocRef, Scope

NAME: Final = re.compile(r"[A-Za-z0-9._:@=+~-]{1,128}")
SECTION_CHARS: Final = 60
REASON_CHARS: Final = 500
FACET_CHARS: Final = 200
FACETS: Final = 16
EVIDENCE: Final = 200
DOC_REFS: Final = 50
ROW_CHARS: Final = 500
TEXT_CHARS: Final = 32 * 1024
"""Of a question, or of a candidate before anything is judged."""


def text(given: object, what: str = "the content") -> str:
    """`given` without outer blanks, if it is text that can be kept.

    Raises:
        Invalid: no text, not Unicode, or far too long to be looked at.
    """
    if not isinstance(given, str) or len(given) > TEXT_CHARS:
        raise Invalid(f"{what} is a text of at most {TEXT_CHARS:,} characters", hint="say it in one sentence")
    try:
        given.encode()
    except UnicodeEncodeError as error:
        raise Invalid(f"{what} holds text that is not Unicode", hint="send it as UTF-8") from error
    return given.strip()


def name(given: object, what: str = "an entry's id") -> str:
    """`given`, if it can be an id.

    Raises:
        Invalid: it cannot.
    """
    if not isinstance(given, str) or not NAME.fullmatch(given):
        raise Invalid(f"that is not {what}", hint="1 to 128 of A-Z a-z 0-9 . _ : @ = + ~ -")
    return given


def section(given: object) -> str:
    """`given`, if it can head a list of entries.

    Raises:
        Invalid: blank, too long, or more than a line.
    """
    return _line(given, "a section", SECTION_CHARS, hint='section="calling"')


def source(given: object) -> str:
    """Who says so; blank: nobody in particular.

    Raises:
        Invalid: too long, or more than a line.
    """
    return "" if given == "" else _line(given, "a source", FACET_CHARS, hint='source="recruiter-7"')


def reason(given: object) -> str:
    """`given`, if it says why.

    Raises:
        Invalid: blank or too long.
    """
    return _line(given, "a reason", REASON_CHARS, hint='reason="the client changed its rule"')


def scope(given: object) -> Scope:
    """Facets and their values, in order of facets.

    Raises:
        Invalid: not an object of short texts, too many, or one twice.
    """
    if not isinstance(given, Mapping) or len(given) > FACETS:
        raise Invalid(f"a scope has at most {FACETS} facets", hint='scope={"role": "welder"}')
    hint = 'scope={"role": "welder"}'
    pairs = [
        (
            _line(facet, "a facet", FACET_CHARS, hint=hint),
            _line(value, "a facet's value", FACET_CHARS, hint=hint),
        )
        for facet, value in given.items()
    ]
    if len(dict(pairs)) < len(pairs):  # " role" and "role" are one, and a record holds each once
        raise Invalid("a scope names each facet once", hint=hint)
    return tuple(sorted(pairs))


def evidence(given: object) -> tuple[str, ...]:
    """Ids of searches or traces, each once.

    Raises:
        Invalid: not a list of ids, or too many.
    """
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise Invalid("evidence is a list of ids", hint='evidence=["01J…"]')
    found = tuple(dict.fromkeys(name(one, "the id of a search or a trace") for one in given))
    if len(found) > EVIDENCE:
        raise Invalid(f"{len(found)} pieces of evidence are more than {EVIDENCE}", hint="keep the strongest")
    return found


def doc_refs(given: object) -> tuple[DocRef, ...]:
    """Rows that an entry rests on, each once.

    Raises:
        Invalid: not a list of {table, row, digest}, or too many.
    """
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise _no_refs()
    found = tuple(dict.fromkeys(map(_ref, given)))
    if len(found) > DOC_REFS:
        raise Invalid(f"{len(found)} rows are more than {DOC_REFS}", hint="keep those that it rests on")
    return found


def _ref(given: object) -> DocRef:
    if isinstance(given, DocRef):
        given = {"table": given.table, "row": given.row, "digest": given.digest}
    if not isinstance(given, Mapping) or not {"table", "row", "digest"} >= set(given):
        raise _no_refs()
    table, row, digest = given.get("table"), given.get("row"), given.get("digest", "")
    if not (isinstance(table, str) and isinstance(row, str) and isinstance(digest, str)):
        raise _no_refs()
    if not table or not row or max(len(table), len(row), len(digest)) > ROW_CHARS:
        raise _no_refs()
    return DocRef(table=table, row=row, digest=digest)


def _no_refs() -> Invalid:
    return Invalid(
        "rows that an entry rests on have a table, a row and a digest",
        hint='doc_refs=[{"table": "jobs", "row": "17", "digest": "…"}]',
    )


def _line(given: object, what: str, longest: int, *, hint: str) -> str:
    if not isinstance(given, str) or not given.strip() or len(given) > longest:
        raise Invalid(f"{what} has 1 to {longest} characters", hint=hint)
    line = " ".join(text(given, what).split())
    if not line.isprintable():
        raise Invalid(f"{what} holds characters that cannot be seen", hint=hint)
    return line
