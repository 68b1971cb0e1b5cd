"""What an index is, kept as text and read back; what serves, moved and moved back."""

from dataclasses import replace

import pytest

from lakehouse.base.errors import Corrupt, Invalid
from lakehouse.index import definition as defined
from lakehouse.index.ann import Config
from lakehouse.index.definition import Definition, Pointer, Promotion

RESUMES = Definition(name="resumes", table="candidates", id="candidate_id", text=("resume",))


def promotion(generation: int) -> Promotion:
    return Promotion(generation=generation, at="2026-01-01T00:00:00Z", by="build", recall=0.99)


def test_a_definition_survives_being_written_down() -> None:
    full = replace(RESUMES, config=Config(m=32, storage="int8", rerank=50), weight=0.25, model="m@1")
    assert defined.read(defined.write(full)) == full


def test_members_of_a_newer_version_are_left_aside() -> None:
    newer = defined.write(RESUMES).replace("{", '{"later": 1, ', 1)
    assert defined.read(newer) == RESUMES


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"name": 1}', '{"config": 3}'])
def test_what_is_no_definition_is_corrupt(text: str) -> None:
    with pytest.raises(Corrupt, match="definition"):
        defined.read(text)


@pytest.mark.parametrize("text", ["{", "[]", '{"current": {"x": 1}}', '{"history": [3]}'])
def test_what_is_no_pointer_is_corrupt(text: str) -> None:
    with pytest.raises(Corrupt, match="promotions"):
        defined.read_pointer(text)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Resumes"}, {"name": "../x"}, {"name": ""}, {"text": ()}, {"chunk_tokens": 3},
        {"overlap_tokens": 150}, {"min_recall": 1.5}, {"weight": -0.1}, {"refresh": "often"}, {"every_s": 0},
    ],
)  # fmt: skip
def test_a_definition_that_cannot_be_built_is_refused_with_a_hint(wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid) as error:
        defined.check(replace(RESUMES, **wrong))  # type: ignore[arg-type]
    assert error.value.hint


def test_the_reading_changes_with_the_text_and_with_nothing_else() -> None:
    assert replace(RESUMES, text=("{role}",)).reading != RESUMES.reading
    assert replace(RESUMES, config=Config(m=8), weight=0.5, model="m").reading == RESUMES.reading


@pytest.mark.parametrize(
    "wrong",
    [
        {"m": 3},
        {"m": 16.0},
        {"m": True},
        {"ef_search": 0},
        {"storage": "fp8"},
        {"backend": "x"},
        {"speed": 9},
    ],
)
def test_a_setting_out_of_range_or_unknown_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid) as error:
        defined.configured(wrong)
    assert error.value.hint


def test_settings_that_are_given_stand_over_those_that_were() -> None:
    assert defined.configured({"m": 32}, Config(storage="int8")) == Config(m=32, storage="int8")


def test_a_pointer_goes_forward_and_back_and_survives_being_written_down() -> None:
    pointer = Pointer().promoted(promotion(1)).promoted(promotion(2))
    assert defined.read_pointer(defined.write_pointer(pointer)) == pointer
    assert pointer.rolled_back().current == promotion(1)
    assert pointer.rolled_back().rolled_back() == Pointer()
    assert defined.read_pointer("") == Pointer()


def test_a_pointer_remembers_only_so_many() -> None:
    pointer = Pointer()
    for n in range(defined.HISTORY + 20):
        pointer = pointer.promoted(promotion(n))
    assert len(pointer.history) == defined.HISTORY
    assert pointer.history[0] == promotion(defined.HISTORY + 18)
