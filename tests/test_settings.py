"""Settings: one file and the environment, and no mistake goes unnoticed."""

from dataclasses import fields
from pathlib import Path

import pytest

from lakehouse.base.errors import Invalid
from lakehouse.settings import FILE, Settings, load


def written(folder: Path, text: str) -> Path:
    (folder / FILE).write_text(text)
    return folder


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    assert load(tmp_path, {}) == Settings()


def test_the_file_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    found = load(written(tmp_path, '[durability]\nmode = "process"\n[limits]\nrows = 5\ntimeout_s = 3\n'), {})
    assert (found.durability.mode, found.limits.rows, found.limits.timeout_s) == ("process", 5, 3.0)
    assert isinstance(found.limits.timeout_s, float)
    assert found.limits.bytes == Settings().limits.bytes
    assert found.writer == Settings().writer


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    environment = {
        "LAKEHOUSE_LIMITS_ROWS": "7",
        "LAKEHOUSE_LIMITS_TIMEOUT_S": "1.5",
        "LAKEHOUSE_DURABILITY_MODE": "process",
        "LAKEHOUSE_ROOT": "/elsewhere",
        "LAKEHOUSE_SECRET_S3_SECRET": "not a setting",
    }
    found = load(written(tmp_path, "[limits]\nrows = 5\n"), environment)
    assert (found.limits.rows, found.limits.timeout_s, found.durability.mode) == (7, 1.5, "process")


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("[limit]\nrows = 5", "'limit' is no section", "did you mean limits?"),
        ("[limits]\nrow = 5", r"'row' is no key of \[limits\]", "did you mean rows?"),
        ("[limits]\nzzz = 5", "'zzz' is no key", "there are: bytes, rows, timeout_s"),
        ("limits = 5", "'limits' is a section", "[limits]"),
        ('[limits]\nrows = "5"', "limits.rows must be int", FILE),
        ("[limits]\nrows = 5.5", "limits.rows must be int", FILE),
        ("[limits]\nrows = true", "limits.rows must be int", FILE),
        ("[limits]\ntimeout_s = true", "limits.timeout_s must be float", FILE),
        ("[storage]\nurl = 5", "storage.url must be str", FILE),
        ('[durability]\nmode = "fast"', "durability.mode must be full or process", FILE),
        ("[limits\nrows = 5", "is not TOML", FILE),
        ("rows", "is not TOML", FILE),
    ],
)
def test_a_mistake_is_named_with_its_cure(tmp_path: Path, text: str, said: str, hint: str) -> None:
    with pytest.raises(Invalid, match=said) as refused:
        load(written(tmp_path, text), {})
    assert hint in refused.value.hint


@pytest.mark.parametrize(
    ("name", "value"),
    [("LIMITS_ROWS", "many"), ("LIMITS_ROWS", ""), ("LIMITS_TIMEOUT_S", "soon"), ("DURABILITY_MODE", "FULL")],
)
def test_a_mistake_in_the_environment_is_named_too(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(Invalid, match=r"must be") as refused:
        load(tmp_path, {f"LAKEHOUSE_{name}": value})
    assert "environment" in refused.value.hint


@pytest.mark.parametrize("content", [b"\xff\xfe", b"\x00"])
def test_a_file_that_is_no_text_is_said_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(Invalid, match="not TOML"):
        load(tmp_path, {})


def test_a_folder_in_the_files_place_is_said_so(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(Invalid, match="cannot be read") as refused:
        load(tmp_path, {})
    assert refused.value.hint


def test_every_setting_has_a_type_that_toml_and_the_environment_can_say() -> None:
    for section in fields(Settings):
        for key in fields(getattr(Settings(), section.name)):
            value = getattr(getattr(Settings(), section.name), key.name)
            assert type(value) in {str, int, float, bool, tuple}, f"{section.name}.{key.name}"


def test_a_list_of_texts_is_an_array_in_the_file_and_has_commas_in_the_environment(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('[downgrade]\nweak_models = ["tiny", "small:free"]\n')
    assert load(tmp_path, {}).downgrade.weak_models == ("tiny", "small:free")
    named = load(tmp_path, {"LAKEHOUSE_DOWNGRADE_WEAK_MODELS": "one, two,"})
    assert named.downgrade.weak_models == ("one", "two")


@pytest.mark.parametrize("value", ['"tiny"', "[1]", "3"])
def test_what_is_no_list_of_texts_is_refused(tmp_path: Path, value: str) -> None:
    (tmp_path / FILE).write_text(f"[downgrade]\nweak_models = {value}\n")
    with pytest.raises(Invalid, match="a list of texts"):
        load(tmp_path, {})
