"""Bugs keep one key however they are put."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.memory.fingerprint import FLAGS, Bug, bugs_in, joined, pattern_key

NAMES = st.lists(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{2,8}", fullmatch=True), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("`row_count` is compared with `file_count`", "UnitMismatch:file_count-row_count"),
        ("`file_count`, not `row_count`, was meant", "UnitMismatch:file_count-row_count"),
        ("`zeta` `alpha` `mid` `beta`", "UnitMismatch:alpha-beta-mid"),
        ("`Beta` and `alpha`", "UnitMismatch:Beta-alpha"),
        ("`rows` rows and `rows` again", "UnitMismatch:rows"),
        ("`df.count()` against `n` and `row_count`", "UnitMismatch:row_count"),
        ("row_count without quotes", None),
        ("`ab` and `1abc` and `a b c`", None),
        ("", None),
    ],
)
def test_a_key_is_the_flag_and_up_to_three_quoted_identifiers_in_order(line: str, key: str | None) -> None:
    assert pattern_key("UnitMismatch", line) == key


@given(NAMES, st.randoms())
def test_the_wording_of_a_line_does_not_matter(names: list[str], dice: object) -> None:
    shuffled = sorted(names, key=lambda _: dice.random())  # type: ignore[attr-defined]  # hypothesis' Random
    one = "see " + " and ".join(f"`{name}`" for name in names)
    other = "; ".join(f"`{name}` is off" for name in [*shuffled, *names])
    assert pattern_key("OffByOne", one) == pattern_key("OffByOne", other) is not None


def test_a_review_gives_the_bugs_that_its_lines_name() -> None:
    review = """
    Fine so far.
    - UnitMismatch: `row_count` is compared with `file_count`
    - this repeats the UnitMismatch of `file_count` and `row_count`
    - DeadCode and StaleReference: `old_index` is never read
    - OffByOne somewhere, no names
    - NotAFlag: `row_count`
    """
    found = bugs_in(review)
    assert [(b.pattern_key, b.occurrences) for b in found] == [
        ("UnitMismatch:file_count-row_count", 2),
        ("DeadCode:old_index", 1),
        ("StaleReference:old_index", 1),
    ]
    assert found[0].example == "- UnitMismatch: `row_count` is compared with `file_count`"


def test_bugs_of_one_key_are_added_up_and_keep_an_example() -> None:
    given_bugs = [
        Bug(flag="DeadCode", pattern_key="DeadCode:abc", occurrences=2),
        Bug(flag="DeadCode", pattern_key="DeadCode:abc", example="x", occurrences=3),
        Bug(flag="DeadCode", pattern_key="DeadCode:abc", example="y"),
    ]
    assert joined(given_bugs) == (
        Bug(flag="DeadCode", pattern_key="DeadCode:abc", example="x", occurrences=6),
    )


def test_there_are_nine_flags() -> None:
    assert len(set(FLAGS)) == 9
