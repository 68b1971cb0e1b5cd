"""What may be written, and how large; what JSON cannot keep is refused instead of changed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.memory import limits

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
CONTENT = st.recursive(
    st.booleans() | NUMBERS | TEXT,
    lambda inner: (
        st.lists(inner | st.none(), max_size=4) | st.dictionaries(TEXT, inner | st.none(), max_size=4)
    ),
    max_leaves=12,
)


@given(CONTENT)
def test_content_comes_back_as_it_was(given_content: object) -> None:
    assert limits.parsed(limits.content(given_content)) == given_content


def nested(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "content",
    [
        *(None, math.nan, math.inf, [-math.inf], 2**64, -(2**63) - 1, {"a": {1: 2}}, {"a": {1, 2}}, b"bytes"),
        *(object(), "\ud800", {"\udfff": 1}, nested(limits.DEPTH + 1), "x" * limits.CONTENT_BYTES),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_json_cannot_keep_or_is_too_much_is_refused(content: object) -> None:
    with pytest.raises(Invalid) as refused:
        limits.content(content)
    assert refused.value.hint


def test_the_limits_themselves_are_allowed() -> None:
    assert limits.content(nested(limits.DEPTH))
    assert len(limits.content("x" * (limits.CONTENT_BYTES - 2))) == limits.CONTENT_BYTES
    assert limits.content((1, [2])) == b"[1,[2]]"
    assert limits.tags([f"t{n}" for n in range(64)])
    assert limits.uid("A-z_0.9:@=+~" * 10)
    assert limits.reason("x" * 2000)
    assert limits.note("") == ""


@pytest.mark.parametrize(
    "tags", ["tag", b"t", {"a": 1}, 5, [""], [" "], ["x" * 101], ["a\nb"], [1], [f"t{n}" for n in range(65)]]
)
def test_tags_are_a_list_of_short_words(tags: object) -> None:
    with pytest.raises(Invalid):
        limits.tags(tags)


def test_a_tag_counts_once_and_keeps_its_place() -> None:
    assert limits.tags(["b", "a", "b", "größe"]) == ("b", "a", "größe")


@pytest.mark.parametrize("uid", ["", "a b", "a/b", "ä", "x" * 129, "a\n", 7, None])
def test_a_uid_can_stand_in_an_address(uid: object) -> None:
    with pytest.raises(Invalid):
        limits.uid(uid)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 2001, None, 3, "\ud800"])
def test_a_reason_says_something(reason: object) -> None:
    with pytest.raises(Invalid):
        limits.reason(reason)
