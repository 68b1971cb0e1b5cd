"""What a field of an entry may be."""

import pytest

from lakehouse.base.errors import Invalid
from lakehouse.matrix.bullets import limits
from lakehouse.matrix.bullets.bullet import DocRef


def test_fields_come_back_trimmed_ordered_and_each_once() -> None:
    assert limits.scope({"role": " welder ", "city": "St.  Ives"}) == (
        ("city", "St. Ives"),
        ("role", "welder"),
    )
    assert limits.evidence(["b", "a", "b"]) == ("b", "a")
    assert limits.section(" before\tthe call ") == "before the call"
    assert limits.source("") == ""
    assert limits.text("  a\n b ") == "a\n b"
    ref = DocRef(table="jobs", row="7", digest="")
    assert limits.doc_refs([{"table": "jobs", "row": "7"}, ref]) == (ref,)


@pytest.mark.parametrize(
    "given", ["welder", ["role"], {"role": 7}, {"": "x"}, {"role": ""}, {"role": "x" * 201}]
)
def test_a_scope_that_is_none_is_refused(given: object) -> None:
    with pytest.raises(Invalid):
        limits.scope(given)


@pytest.mark.parametrize("given", ["s1", 7, {"s1": 1}, ["a b"], [""], [7], [f"s{n}" for n in range(201)]])
def test_evidence_that_is_no_list_of_ids_is_refused(given: object) -> None:
    with pytest.raises(Invalid):
        limits.evidence(given)


@pytest.mark.parametrize(
    "given",
    [
        "jobs", 7, [7], [{"table": "jobs"}], [{"table": "", "row": "7"}], [{"table": "jobs", "row": 7}],
        [{"table": "jobs", "row": "7", "digest": "d", "more": 1}], [{"table": "jobs", "row": "r" * 501}],
        [{"table": "jobs", "row": str(n)} for n in range(51)],
    ],
)  # fmt: skip
def test_rows_that_are_none_are_refused(given: object) -> None:
    with pytest.raises(Invalid):
        limits.doc_refs(given)


@pytest.mark.parametrize("given", [None, 7, "", " ", "x" * 501, "a\u202eb", "\ud800"])
def test_a_reason_says_something_that_can_be_seen(given: object) -> None:
    with pytest.raises(Invalid):
        limits.reason(given)


@pytest.mark.parametrize("given", [None, "", "a b", "a/b", "x" * 129])
def test_a_name_stands_in_addresses(given: object) -> None:
    with pytest.raises(Invalid):
        limits.name(given)


def test_there_is_an_end_to_facets() -> None:
    with pytest.raises(Invalid):
        limits.scope({f"f{n}": "x" for n in range(17)})
