"""Personal data is found by name and content, and ordinary data is left alone."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.ingest import pii

GOLDEN = Path(__file__).parents[1] / "golden" / "ingest" / "pii.json"
CASES = json.loads(GOLDEN.read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['column']}-{c['kind']}")
def test_a_column_is_judged_as_in_the_golden_case(case: dict[str, object]) -> None:
    values = case["values"]
    assert isinstance(values, list)
    found = pii.find(str(case["column"]), values)
    assert (found.kind if found else None) == case["kind"]
    if found:
        assert found.by == case["by"]


def test_the_evidence_counts_and_never_quotes() -> None:
    values = ["a@b.com", "c@d.org", "e@f.net", "g@h.io", "unknown"]
    found = pii.find("contact", values)
    assert found
    assert (found.share, found.sampled) == (0.8, 5)
    assert found.reason == "80% of 5 values are e-mail addresses"
    assert not any(value in repr(found) for value in values)


def test_two_values_prove_nothing() -> None:
    assert pii.find("contact", ["a@b.com", "c@d.org"]) is None


@settings(max_examples=100)
@given(st.text(max_size=20), st.lists(st.text(max_size=25), max_size=8))
def test_no_name_and_no_content_breaks_it(column: str, values: list[str]) -> None:
    found = pii.find(column, values)
    assert found is None or 0 <= found.share <= 1
