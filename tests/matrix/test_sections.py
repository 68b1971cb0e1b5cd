"""Markdown becomes sections: trails of headings, stable ids, nothing lost, code left alone."""

from hypothesis import given
from hypothesis import strategies as st

from lakehouse.matrix.sections import Section, split

GUIDE = """---
title: left out
---
Before any heading.

# Guide
All of it.

## Install ##
Run it.

### Linux
apt

## Use
# not a heading inside a paragraph? it is one
End.
"""


def trails(sections: tuple[Section, ...]) -> list[str]:
    return [section.heading for section in sections]


def test_sections_carry_the_headings_above_them() -> None:
    sections = split(GUIDE, path="guide.md")
    assert trails(sections) == [
        "",
        "Guide",
        "Guide > Install",
        "Guide > Install > Linux",
        "not a heading inside a paragraph? it is one",
    ]
    assert sections[0].text == "Before any heading."
    assert sections[3].text == "apt"
    assert not any("left out" in section.text for section in sections)


def test_ids_stay_when_other_sections_change_and_differ_between_paths() -> None:
    before = {s.heading: s.id for s in split(GUIDE, path="guide.md")}
    after = {
        s.heading: s.id for s in split(GUIDE.replace("All of it.", "More.\n\n## New\nx"), path="guide.md")
    }
    assert before.items() <= after.items()
    other = {s.id for s in split(GUIDE, path="other.md")}
    assert not other & set(before.values())


def test_equal_headings_are_told_apart_by_their_order() -> None:
    first, second = split("# Note\none\n# Note\ntwo\n", path="a.md")
    assert first.heading == second.heading == "Note"
    assert first.id != second.id
    assert first.id == split("# Note\nchanged\n", path="a.md")[0].id


def test_signs_in_fenced_code_are_text() -> None:
    (section,) = split("# A\n```sh\n# no heading\n~~~\n```\nafter\n", path="a.md")
    assert "# no heading" in section.text
    assert section.text.endswith("after")
    assert trails(split("~~~~\n# x\n~~~\n# y\n~~~~\n# Z\nz\n", path="a.md")) == ["", "Z"]


def test_a_line_of_signs_below_a_line_makes_it_a_heading_but_not_below_a_list_or_a_paragraph() -> None:
    assert trails(split("Title\n=====\nx\n\nPart\n---\ny\n", path="a.md")) == ["Title", "Title > Part"]
    assert trails(split("- item\n---\nx\n", path="a.md")) == [""]
    assert trails(split("two lines\nof text\n---\nx\n", path="a.md")) == [""]


def test_a_deeper_heading_ends_with_its_parent() -> None:
    assert trails(split("# A\n### B\nb\n## C\nc\n# D\nd\n", path="a.md")) == ["A > B", "A > C", "D"]


def test_a_text_that_is_no_markdown_is_one_section() -> None:
    (section,) = split("# not a heading\n\nall of it", path="a.txt", is_markdown=False)
    assert section.heading == ""
    assert section.text == "# not a heading\n\nall of it"


def test_what_says_nothing_is_no_section() -> None:
    assert split("", path="a.md") == ()
    assert split("# Only a heading\n\n   \n", path="a.md") == ()


@given(st.text(alphabet=st.sampled_from("ab \n`~>.1"), max_size=200))
def test_without_headings_all_of_a_text_is_one_section(text: str) -> None:
    assert "\n\n".join(section.text for section in split(text, path="p")) == text.strip()


@given(st.text(alphabet=st.sampled_from("ab #\n-=`~> 1."), max_size=200))
def test_every_section_stands_in_the_text_in_order_and_has_an_id_of_its_own(text: str) -> None:
    sections, at = split(text, path="p"), 0
    for section in sections:
        at = text.index(section.text, at) + len(section.text)
    assert len({section.id for section in sections}) == len(sections)
