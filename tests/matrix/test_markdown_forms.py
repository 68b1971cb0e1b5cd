"""Markdown as people write it: headings of every form, code, front matter, other line ends, other scripts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.matrix.sections import ID, split

FEW = settings(max_examples=30, deadline=None)
TITLE = st.text(st.sampled_from("abcXYZ äé日 "), min_size=1, max_size=8).map(str.strip).filter(bool)


def seen(text: str) -> list[tuple[str, str]]:
    """Trails and texts."""
    return [(one.heading, one.text) for one in split(text, path="p.md")]


@pytest.mark.parametrize("level", range(1, 7))
def test_one_to_six_signs_open_a_heading(level: int) -> None:
    assert seen(f"{'#' * level} Title\nx") == [("Title", "x")]


@pytest.mark.parametrize(
    "line", ["####### Title", "#Title", "    # Title", "\\# Title", "text # Title", "\t# T"]
)
def test_what_only_looks_like_a_heading_is_text(line: str) -> None:
    assert seen(f"{line}\nx") == [("", f"{line}\nx".strip())]


@pytest.mark.parametrize(
    "line", ["# Title", "#  Title  ", "#\tTitle", "   # Title", "# Title #", "# Title ###  "]
)
def test_space_and_closing_signs_are_no_part_of_a_title(line: str) -> None:
    assert seen(f"{line}\nx") == [("Title", "x")]


def test_a_closing_sign_without_a_space_before_it_belongs_to_the_title() -> None:
    assert seen("# C#\nx") == [("C#", "x")]


def test_a_heading_without_a_title_still_opens_a_section() -> None:
    assert seen("# A\na\n##\nb\n## C\nc") == [("A", "a"), ("A > ", "b"), ("A > C", "c")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_give_the_same_sections_and_ids(end: str) -> None:
    text = "# A\none\n\n## B\ntwo\n"
    assert split(text.replace("\n", end), path="p") == split(text, path="p")


@pytest.mark.parametrize("close", ["---", "..."])
def test_front_matter_is_left_out_however_it_is_closed(close: str) -> None:
    assert seen(f"---\ntitle: T\ntags: [a]\n{close}\nText.") == [("", "Text.")]


@pytest.mark.parametrize("text", ["---\ntitle: T\nText.", "x\n---\ntitle: T\n---\n", " ---\na: b\n---\nx"])
def test_what_is_not_closed_or_does_not_come_first_is_no_front_matter(text: str) -> None:
    said = "".join(trail + body for trail, body in seen(text))
    assert "title" in said or "a: b" in said


def test_front_matter_is_text_where_a_file_is_no_markdown() -> None:
    (section,) = split("---\na: b\n---\nx", path="a.txt", is_markdown=False)
    assert section.text == "---\na: b\n---\nx"


def test_code_that_is_never_closed_hides_every_heading_after_it() -> None:
    assert seen("# A\n```\n# B\n## C\n") == [("A", "```\n# B\n## C")]


def test_a_fence_is_closed_by_one_as_long_and_by_nothing_else_on_its_line() -> None:
    assert [trail for trail, _ in seen("````\n# a\n```\n# b\n````x\n# c\n`````\n# D\nd")] == ["", "D"]


def test_a_setext_heading_of_one_level_ends_the_one_before() -> None:
    assert seen("One\n===\na\n\nTwo\n===\nb\n\nSub\n---\nc") == [
        ("One", "a"),
        ("Two", "b"),
        ("Two > Sub", "c"),
    ]


@pytest.mark.parametrize("line", ["* item", "+ item", "> quoted", "| cell", "1. first", "2) second"])
def test_a_line_of_signs_below_a_list_a_quote_or_a_table_is_a_line(line: str) -> None:
    assert [trail for trail, _ in seen(f"{line}\n---\nx")] == [""]


def test_a_line_of_signs_alone_is_a_line() -> None:
    assert [trail for trail, _ in seen("a\n\n---\n\nb")] == [""]


@FEW
@given(TITLE, TITLE, TITLE)
def test_an_id_hangs_on_path_and_trail_alone(title: str, other: str, text: str) -> None:
    (one,) = split(f"# {title}\nx", path="p")
    (same,) = split(f"# {title}\n{text}", path="p")
    assert one.id == same.id
    assert (split(f"# {other}\nx", path="p")[0].id == one.id) == (other == title)
    assert split(f"# {title}\nx", path="q")[0].id != one.id
    assert len(one.id) == ID
    assert set(one.id) <= set("0123456789abcdef")


def test_a_third_section_of_a_trail_has_a_third_id_and_an_empty_one_is_not_counted() -> None:
    sections = split("# N\na\n# N\n\n# N\nb\n# N\nc", path="p")
    assert [one.text for one in sections] == ["a", "b", "c"]
    assert len({one.id for one in sections}) == 3
    assert [one.id for one in split("# N\na\n# N\nb\n# N\nc", path="p")] == [one.id for one in sections]


def test_path_and_trail_are_not_run_together() -> None:
    assert split("# b\nx", path="a")[0].id != split("x", path="ab")[0].id


def test_half_a_character_in_a_path_or_a_title_still_has_an_id() -> None:
    (section,) = split("# \udc80\nx", path="\udcff.md")
    assert len(section.id) == ID


def test_a_deep_trail_is_told_from_the_top() -> None:
    text = "\n".join(f"{'#' * at} L{at}\nt{at}" for at in range(1, 7))
    assert seen(text)[-1] == ("L1 > L2 > L3 > L4 > L5 > L6", "t6")


def test_a_heading_that_skips_levels_up_and_down_keeps_only_what_is_above_it() -> None:
    assert [trail for trail, _ in seen("### C\nc\n# A\na\n#### D\nd\n## B\nb")] == [
        "C",
        "A",
        "A > D",
        "A > B",
    ]


def test_a_long_text_is_cut_once_for_each_heading() -> None:
    sections = split("\n".join(f"# T{n}\ntext {n}" for n in range(2_000)), path="p")
    assert len(sections) == len({one.id for one in sections}) == 2_000
    assert sections[-1].text == "text 1999"
