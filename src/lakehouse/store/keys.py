"""[pure] Which keys are allowed: those that mean the same object in every store, and never leave it."""

from typing import Final

from lakehouse.base.errors import Invalid

PARTIAL: Final = ".partial"
"""The folder in which a local store writes before it links; reserved everywhere."""

MAX_SEGMENT_BYTES: Final = 255
"""What file systems allow for one name."""

MAX_KEY_BYTES: Final = 1024
"""What S3 allows for one key. Source: Amazon S3 user guide, "Naming Amazon S3 objects"."""


def check_key(key: str) -> str:
    """`key` itself, if it is allowed.

    Raises:
        Invalid: empty, absolute, `.` or `..` or an empty segment, control characters, too long.
    """
    if fault := _fault(key):
        raise Invalid(f"the object key {key[:80]!r} {fault}", hint="use names joined by '/', such as a/b.csv")
    return key


def is_key(text: str) -> bool:
    """Whether `text` is allowed as a key."""
    return not _fault(text)


def check_range(start: int, length: int | None) -> None:
    """Accept a range that a read may ask for.

    Raises:
        Invalid: a negative start or length.
    """
    if start < 0 or (length is not None and length < 0):
        raise Invalid("a range starts at 0 or later and has no negative length", hint="start=0, length=None")


def _fault(key: str) -> str:
    if any(ord(sign) < 32 or 0x7F <= ord(sign) < 0xA0 for sign in key):
        return "has control characters"
    if any(0xD800 <= ord(sign) < 0xE000 for sign in key):
        return "is not valid Unicode"
    if len(key.encode()) > MAX_KEY_BYTES:
        return f"is longer than {MAX_KEY_BYTES} bytes"
    segments = key.split("/")
    if any(segment in {"", ".", ".."} for segment in segments):
        return "has an empty, '.' or '..' segment"
    if any(len(segment.encode()) > MAX_SEGMENT_BYTES for segment in segments):
        return f"has a segment longer than {MAX_SEGMENT_BYTES} bytes"
    return "uses a reserved name" if segments[0] == PARTIAL else ""
