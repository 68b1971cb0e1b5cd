"""A search means what it says: tags, words, likeness, kind of task, folder; never what is retired."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.clock import FixedClock
from lakehouse.base.errors import Invalid
from lakehouse.memory.find import leaves
from lakehouse.memory.pathway import PathwayMemory
from tests.memory.remembered import RICH, TASK, memory


@pytest.fixture
def known() -> PathwayMemory:
    clock = FixedClock()
    made = memory(clock=clock)
    for uid, content, tags in (
        ("dock", "Unload pallets at dock seven, slowly", ["warehouse", "dock"]),
        ("crane", {"note": "Tower CRANE, größe 7", "load_kg": 1200}, ["warehouse"]),
        ("list", ["pallets", ["crane"], 7.5, True, None], []),
        ("rich", dict(RICH), ["review"]),
    ):
        clock.advance(10)
        made.add(content, uid=uid, tags=tags)
    return made


def found(memory: PathwayMemory, text: str = "", **asked: object) -> list[str]:
    return [match.trace.uid for match in memory.search(text, **asked)]  # type: ignore[arg-type]  # its options


def test_without_conditions_the_latest_come_first(known: PathwayMemory) -> None:
    assert found(known) == ["rich", "list", "crane", "dock"]
    assert found(known, k=2) == ["rich", "list"]


def test_all_tags_must_be_there(known: PathwayMemory) -> None:
    assert found(known, tags=["warehouse"]) == ["crane", "dock"]
    assert found(known, tags=["dock", "warehouse"]) == ["dock"]
    assert found(known, tags=["nobody"]) == []
    known.update("dock", tags=["moved"])
    assert found(known, tags=["dock"]) == []
    assert found(known, tags=["moved"]) == ["dock"]


def test_every_word_must_be_in_the_content_in_any_case_order_and_form(known: PathwayMemory) -> None:
    assert found(known, "pallets") == ["list", "dock"]
    assert found(known, "SEVEN unload") == ["dock"]
    assert found(known, "crane GRÖSSE") == ["crane"]
    assert found(known, "1200") == ["crane"]
    assert found(known, "load_kg") == []
    assert found(known, "seven crane") == []
    known.update("dock", content="nothing of it")
    assert found(known, "seven") == []


def test_the_most_alike_comes_first_with_its_likeness(known: PathwayMemory) -> None:
    first, *rest = known.search(like="slowly unload SEVEN pallets at dock")
    assert (first.trace.uid, first.similarity) == ("dock", 1.0)
    assert len(rest) == 3
    assert [m.similarity for m in rest] == sorted((m.similarity or 0 for m in rest), reverse=True)
    assert found(known, like="dock", tags=["review"]) == ["rich"]


def test_a_task_is_compared_with_rich_traces_only(known: PathwayMemory) -> None:
    (only,) = known.search(like=dict(TASK))
    assert (only.trace.uid, only.similarity) == ("rich", 1.0)


def test_a_kind_of_task_and_a_folder_narrow_a_search(known: PathwayMemory) -> None:
    pathway_id = known.get("rich").told()["pathway_id"]
    assert found(known, pathway_id=pathway_id) == ["rich"]
    assert found(known, pathway_id="0" * 64) == []
    assert found(known, file_prefix="crates/vectord/src/deeper") == ["rich"]
    assert found(known, file_prefix="crates") == ["rich"]
    assert found(known, file_prefix="crate") == []
    known.update("rich", content={**RICH, "file_path": "services/web/a.py"})
    assert found(known, file_prefix="crates") == []
    assert found(known, file_prefix="services/web") == ["rich"]


def test_versions_that_were_revised_are_found_on_request_and_retired_ones_never(known: PathwayMemory) -> None:
    known.revise("dock", "Unload at dock eight", uid="dock-2")
    assert found(known, "dock") == ["dock-2"]
    assert set(found(known, "dock", every_version=True)) == {"dock", "dock-2"}
    known.retire("dock-2", "closed")
    assert found(known, "dock") == []
    assert found(known, "dock", every_version=True) == ["dock"]


def test_more_traces_than_the_first_rows_are_found(known: PathwayMemory) -> None:
    for n in range(600):
        known.add(
            " ".join(f"{word}{n}" for word in ("pallet", "dock", "crane", "shift", "gate")), uid=f"n{n}"
        )
    assert known.search(like="gate577 shift577 crane577 dock577 pallet577", k=1)[0].trace.uid == "n577"
    assert len(known.search(k=1000)) == 604


@pytest.mark.parametrize(
    "asked",
    [
        *({"k": 0}, {"k": 1001}, {"k": True}, {"text": 7}, {"text": "x" * 40_000}, {"tags": "x"}),
        *({"like": ""}, {"like": 7}, {"like": {}}, {"like": {"task_class": 7}}, {"file_prefix": 7}),
    ],
    ids=str,
)
def test_a_question_that_means_nothing_is_refused(known: PathwayMemory, asked: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        found(known, **asked)  # type: ignore[arg-type]  # what untyped programs hand over


@given(st.lists(st.text(min_size=1) | st.integers()))
def test_leaves_are_all_texts_and_numbers_in_order(values: list[str | int]) -> None:
    content = {"a": values, "b": [None, True, {"c": values}]}
    assert leaves(content) == [str(v) for v in values] * 2
