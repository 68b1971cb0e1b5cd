"""Where inputs end: nothing, one, the largest that is allowed, NULL, odd characters, damaged text."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Corrupt, Invalid, NotFound
from lakehouse.index import allowed, changes, chunk, seal, template
from lakehouse.index import definition as defined
from lakehouse.index.ann import Config
from lakehouse.index.definition import Definition, Pointer, Promotion
from lakehouse.index.source import HELD_TYPES, Unusable, numbers
from lakehouse.index.words.phrase import Fuzzy, meant, parse
from lakehouse.table.schema import Column

RESUMES = Definition(name="resumes", table="people", id="id", text=("resume",))


def rows(*keys: str, digest: str = "1", size: int = 10) -> pa.Table:
    n = len(keys)
    arrays = [
        pa.array(keys, pa.string()),
        pa.array([digest] * n, pa.string()),
        pa.array([size] * n, pa.int64()),
    ]
    return pa.table(arrays, names=["key", "digest", "bytes"])


def test_between_nothing_and_nothing_there_is_nothing_to_do() -> None:
    plan = changes.plan(rows(), rows())
    assert not plan
    assert (len(plan.todo), len(plan.stale), plan.gone) == (0, 0, 0)


def test_a_table_that_was_emptied_leaves_only_what_must_go() -> None:
    plan = changes.plan(rows(), rows("a", "b"))
    assert (len(plan.todo), sorted(plan.stale.to_pylist()), plan.gone) == (0, ["a", "b"], 2)
    assert plan


def test_the_order_of_rows_is_no_change() -> None:
    assert not changes.plan(rows("a", "b", "c"), rows("c", "a", "b"))


def test_a_plan_over_tables_in_pieces_is_that_over_whole_ones() -> None:
    wanted = pa.concat_tables([rows("a"), rows("b", digest="2"), rows(), rows("c", "d")])
    known = pa.concat_tables([rows("d", "b"), rows("e"), rows()])
    plan = changes.plan(wanted, known)
    assert plan.todo["key"].to_pylist() == ["a", "b", "c"]
    assert (plan.stale.to_pylist(), plan.gone) == (["e", "b"], 1)


def test_no_rows_make_no_pieces_and_a_row_of_any_size_makes_one() -> None:
    assert changes.batches(rows(), rows=5, size=5) == ()
    assert [len(piece) for piece in changes.batches(rows("a", size=2**40), rows=1, size=1)] == [1]
    assert [len(piece) for piece in changes.batches(rows(*"abcde", size=0), rows=2, size=0)] == [2, 2, 1]
    assert [len(piece) for piece in changes.batches(rows(*"abcde", size=5), rows=9, size=10)] == [2, 2, 1]


def test_keys_that_stand_once_are_unique_and_so_are_none() -> None:
    for keys in ([], ["a"], ["a", "A", " a", "á", "a\u0301"]):
        changes.require_unique(pa.chunked_array([pa.array(keys, pa.string())]), column="id", table="t")
    with pytest.raises(Invalid, match="id does not identify a row of t") as refused:
        changes.require_unique(pa.chunked_array([["a"], ["b", "a"]]), column="id", table="t")
    assert "--id" in refused.value.hint


@settings(max_examples=50, deadline=None)
@given(st.lists(st.booleans(), max_size=70), st.data())
def test_bits_of_any_length_from_any_place_come_out_as_they_are(
    bits: list[bool], data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(bits)))
    length = data.draw(st.integers(0, len(bits) - start))
    array = pa.array([True, *bits, False], pa.bool_())[1 + start : 1 + start + length]
    assert allowed.as_mask(array).tolist() == bits[start : start + length]


def test_rows_of_two_conditions_are_those_of_both() -> None:
    built, fresh = pa.array(["a", "b", "a", "c"]), pa.array(["c", "d"])
    one, two = (allowed.by_keys(pa.array(k), built=built, fresh=fresh) for k in (["a", "c"], ["c", "d", "x"]))
    both = allowed.both(one, two)
    assert both.built is not None
    assert both.built.tolist() == [False, False, False, True]
    assert both.fresh.tolist() == [True, False]
    assert both.keys == {"c"}
    bare = allowed.by_keys(pa.array(["a"]), built=None, fresh=fresh)
    assert allowed.both(one, bare).built is allowed.both(bare, one).built is None


def test_a_place_that_no_row_has_marks_no_passage() -> None:
    order = allowed.Order(pa.array(["a", "b"]), built=pa.array(["gone", "b", None]), fresh=pa.array(["a"]))
    every = order.allowed(np.array([0, 1], np.int32))
    assert every.built is not None
    assert every.built.tolist() == [False, True, False]
    none = order.allowed(np.zeros(0, np.int32))
    assert (none.fresh.tolist(), none.keys) == ([False], frozenset())


def texts(said: str, values: str, kind: str = "VARCHAR") -> object:
    """What a template over one column `a` makes of a value, written as SQL."""
    compiled = template.compile((said,), [Column(name="a", type=kind)])
    found = duckdb.sql(f"SELECT {compiled.sql} FROM (SELECT {values}::{kind} AS a)").fetchone()
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    ("said", "value", "kind", "made"),
    [
        ("{a}", "NULL", "VARCHAR", ""),
        ("Pay: {a}.", "NULL", "DOUBLE", ""),
        ("Pay: {a}.", "1.5", "DOUBLE", "Pay: 1.5."),
        ("{a} {a}", "'x'", "VARCHAR", "x x"),
        ("on {a}", "'2024-02-29'", "DATE", "on 2024-02-29"),
        ("{a}?", "true", "BOOLEAN", "true?"),
        ("[{a}]", "[]", "VARCHAR[]", ""),
        ("[{a}]", "[NULL, 'x']", "VARCHAR[]", "[x]"),
        ("{{{a}}} }}{{", "'b'", "VARCHAR", "{b} }{"),
        ("{a}\n{a}", "'長い 👩‍🚒'", "VARCHAR", "長い 👩‍🚒\n長い 👩‍🚒"),
        ("{ A }", "'spaced'", "VARCHAR", "spaced"),
    ],
)
def test_any_type_of_value_is_written_and_none_leaves_nothing(
    said: str, value: str, kind: str, made: str
) -> None:
    assert texts(said, value, kind) == made


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_a_value_of_any_text_comes_out_as_it_is(value: str) -> None:
    compiled = template.compile(("{a}",), [Column(name="a", type="VARCHAR")])
    found = duckdb.execute(f"SELECT {compiled.sql} FROM (SELECT $1::VARCHAR AS a)", [value]).fetchone()
    assert found == (value,)


def test_a_column_that_is_wanted_twice_is_read_once_and_a_missing_one_is_named() -> None:
    columns = [Column(name="Role", type="VARCHAR"), Column(name="city", type="VARCHAR")]
    assert template.compile(("role", "CITY", "Role"), columns).columns == ("Role", "city")
    with pytest.raises(NotFound, match="'cty'") as missing:
        template.compile(("role", "cty"), columns)
    assert missing.value.hint == "did you mean city?"
    assert missing.value.context == {"column": "cty"}


def cut(text: str, size: int, overlap: int = 0) -> list[str]:
    return [text[c.start : c.end] for c in chunk.split(text, size=size, overlap=overlap, count=len)]


def test_the_smallest_size_gives_every_character_a_passage() -> None:
    assert cut("a b\n\nc", 1) == ["a", "b", "c"]
    assert cut(" x ", 1) == ["x"]


def test_a_text_of_just_the_size_is_one_passage_and_one_more_is_two() -> None:
    assert cut("word" * 5, 20) == ["word" * 5]
    assert len(cut("word" * 5 + "s", 20)) == 2


def test_no_overlap_repeats_nothing() -> None:
    text = " ".join(f"word{n}." for n in range(200))
    assert " ".join(cut(text, 40)) == text


def test_a_size_that_cannot_be_is_refused_with_the_usual_one() -> None:
    with pytest.raises(Invalid, match="overlap must be below the size") as refused:
        chunk.split("text", size=5, overlap=5, count=len)
    assert (refused.value.hint, refused.value.context) == ("leave them at 200 and 20", {"size": 5})


@pytest.mark.parametrize(
    "right",
    [
        {"name": "a"}, {"name": "a" * 63}, {"name": "a_1"}, {"chunk_tokens": 16, "overlap_tokens": 8},
        {"chunk_tokens": 8192, "overlap_tokens": 4096}, {"overlap_tokens": 0}, {"min_recall": 0},
        {"min_recall": 1}, {"weight": 0.0}, {"weight": 1.0}, {"every_s": 1}, {"text": (), "vector": "v"},
    ],
)  # fmt: skip
def test_a_definition_at_the_edge_of_what_may_be_is_taken(right: dict[str, object]) -> None:
    made = replace(RESUMES, **right)  # type: ignore[arg-type]
    assert defined.check(made) is made
    assert defined.read(defined.write(made)) == made


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "a" * 64}, {"name": "1a"}, {"name": "_a"}, {"name": "a-b"}, {"name": "ä"}, {"name": "a\n"},
        {"chunk_tokens": 15, "overlap_tokens": 0}, {"chunk_tokens": 8193}, {"overlap_tokens": 101},
        {"overlap_tokens": -1}, {"min_recall": float("nan")}, {"weight": float("nan")}, {"weight": 1.1},
        {"config": Config(m=65)}, {"config": Config(storage="fp8")},  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_a_definition_one_step_beyond_the_edge_is_refused_with_a_hint(wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refused:
        defined.check(replace(RESUMES, **wrong))  # type: ignore[arg-type]
    assert refused.value.hint


@pytest.mark.parametrize("name", defined.BOUNDS)
def test_a_setting_may_have_any_whole_number_of_its_range(name: str) -> None:
    low, high = defined.BOUNDS[name]
    for value in (low, high):
        assert getattr(defined.configured({name: value}), name) == value
    for wrong in (low - 1, high + 1, str(low), None, float(low), [low]):
        with pytest.raises(Invalid, match=f"{name} is a whole number from {low} to {high}"):
            defined.configured({name: wrong})


def test_no_settings_leave_the_configuration_as_it_was() -> None:
    assert defined.configured({}) == Config()
    assert defined.configured({}, Config(m=32)) == Config(m=32)


promotions = st.builds(
    Promotion, generation=st.integers(1), at=st.text(), by=st.text(), recall=st.floats(0, 1), note=st.text()
)


@settings(max_examples=40)
@given(st.lists(promotions, max_size=8))
def test_as_many_steps_back_as_forward_end_where_they_began(made: list[Promotion]) -> None:
    pointer = Pointer()
    for one in made:
        pointer = defined.read_pointer(defined.write_pointer(pointer.promoted(one)))
        assert pointer.current == one
    for one in reversed(made):
        assert pointer.current == one
        pointer = pointer.rolled_back()
    assert pointer == Pointer() == pointer.rolled_back()


def test_reasons_for_refusing_vectors_add_up_and_are_said_in_words() -> None:
    both = Unusable(misfit=1200) + Unusable(infinite=1, empty=2) + Unusable()
    assert (both, both.count) == (Unusable(1200, 1, 2), 1203)
    assert both.why(384) == "1,200 not of 384 dimensions, 1 not all finite, 2 all zeros"
    assert Unusable().why(384) == ""


def test_null_among_the_numbers_of_a_list_is_nan() -> None:
    lists = pa.array([[1.0, None], [], None, [3.0]], pa.list_(pa.float32()))
    assert str(numbers(lists).tolist()) == "[1.0, nan, 3.0]"
    assert numbers(lists[3:]).tolist() == [3.0]
    assert numbers(lists[:0]).tolist() == []


@pytest.mark.parametrize(
    ("kind", "held"),
    [("VARCHAR", True), ("BIGINT", True), ("UTINYINT", True), ("HUGEINT", True), ("DECIMAL(9,2)", True),
     ("TIMESTAMP WITH TIME ZONE", True), ("UUID", True), ("VARCHAR[]", False), ("STRUCT(a INTEGER)", False),
     ("BLOB", False), ("FLOAT[384]", False), ("MAP(VARCHAR, INTEGER)", False), ("DECIMAL(9,2)[]", False)],
)  # fmt: skip
def test_only_columns_of_short_values_are_held_for_conditions(kind: str, held: bool) -> None:
    assert bool(HELD_TYPES.fullmatch(kind)) is held


@pytest.mark.parametrize("files", [0, 1, 40])
def test_a_folder_of_any_number_of_files_is_sealed_and_checked(tmp_path: Path, files: int) -> None:
    for n in range(files):
        path = tmp_path / "gen" / f"below {n % 3}" / f"föle {n}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(n))
    (tmp_path / "gen").mkdir(exist_ok=True)
    sealed = seal.seal(tmp_path / "gen", {"text": "ü 👩‍🚒", "none": None, "deep": {"list": [1, 2.5, True]}})
    assert seal.check(tmp_path / "gen") == sealed == seal.read(tmp_path / "gen")
    assert (len(sealed.files), sealed.bytes) == (files, sum(range(files)))
    assert [f.name for f in sealed.files] == sorted(f.name for f in sealed.files)


def without_a_file(said: dict[str, object]) -> object:
    return said | {"files": []}


def with_another_digest(said: dict[str, object]) -> object:
    return said | {"sha256": "0" * 64}


def with_more(said: dict[str, object]) -> object:
    return said | {"more": 1}


@pytest.mark.parametrize("change", [without_a_file, with_another_digest, with_more, lambda said: [said]])
def test_a_manifest_written_as_it_should_be_but_saying_else_is_corrupt(
    tmp_path: Path, change: Callable[[dict[str, object]], object]
) -> None:
    (tmp_path / "file").write_text("content")
    seal.seal(tmp_path, {"m": 1})
    path = tmp_path / seal.MANIFEST
    said = change(json.loads(path.read_text()))
    path.write_text(json.dumps(said, sort_keys=True, indent=1) + "\n")
    for ask in (seal.read, seal.check):
        with pytest.raises(Corrupt, match=r"manifest\.json is not as it was sealed") as corrupt:
            ask(tmp_path)
        assert corrupt.value.context["file"] == seal.MANIFEST


def test_a_folder_in_the_place_of_a_sealed_file_is_damage(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    seal.seal(tmp_path, {})
    (tmp_path / "file").unlink()
    (tmp_path / "file").mkdir()
    with pytest.raises(Corrupt, match="file is not as it was sealed"):
        seal.check(tmp_path)


@pytest.mark.parametrize(
    ("typed", "fuzzy"),
    [
        ("résumé~", Fuzzy("résumé", 1)),
        ("x-ray~2", Fuzzy("x-ray", 2)),
        ("看護師~", Fuzzy("看護師", 1)),
        ("a~1?!", Fuzzy("a", 1)),
    ],
)
def test_a_fuzzy_word_may_be_of_any_script(typed: str, fuzzy: Fuzzy) -> None:
    assert parse(typed).fuzzy == (fuzzy,)


@settings(max_examples=60)
@given(st.text(st.sampled_from('"-~ ab“”\n'), max_size=40))
def test_meaning_never_asks_for_what_is_excluded_as_a_word(text: str) -> None:
    asked = parse(text + " nurse -zebra")
    assert "zebra" in asked.excluded
    assert "zebra" not in meant(text + " nurse -zebra").split()
