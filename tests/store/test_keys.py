"""A key that is allowed stays inside its store, whatever the text."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.store.keys import check_key, check_range, is_key

ROUGH = st.text(st.sampled_from("a./\\\0\n~é%")) | st.text(max_size=300)


@given(ROUGH)
def test_an_allowed_key_is_a_path_below_the_root_and_nothing_else(key: str) -> None:
    if is_key(key):
        path = PurePosixPath("/root") / key
        assert path.parts[:2] == ("/", "root")
        assert ".." not in path.parts
        assert str(path) == f"/root/{key}"
        assert all(len(part.encode()) <= 255 for part in path.parts)


@given(ROUGH)
def test_a_key_is_accepted_or_refused_by_both_questions_alike(key: str) -> None:
    if is_key(key):
        assert check_key(key) == key
    else:
        with pytest.raises(Invalid) as refused:
            check_key(key)
        assert refused.value.hint


@pytest.mark.parametrize(
    ("key", "why"),
    [("", "segment"), ("a\tb", "control"), ("\udfff", "Unicode"), ("a" * 256, "255"),
     ("a/" * 600 + "a", "1024"), (".partial/x", "reserved")],
)  # fmt: skip
def test_a_refusal_says_what_is_wrong(key: str, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        check_key(key)


def test_a_long_key_is_not_repeated_in_full() -> None:
    with pytest.raises(Invalid) as refused:
        check_key("x" * 100_000)
    assert len(refused.value.message) < 200


def test_a_range_may_start_anywhere_and_be_empty() -> None:
    check_range(0, None)
    check_range(10**12, 0)
