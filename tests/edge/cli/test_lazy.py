"""Commands are imported when they are called, quickly, and with nothing left switched off."""

import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakehouse.edge.cli.lazy import Entry, load

MODULE = """
import gc
LOOKED = gc.isenabled()
def command() -> None:
    '''One.'''
"""


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in ("fresh_commands", "broken_commands"):
        sys.modules.pop(name, None)
    gc.unfreeze()


def entry(where: str) -> Entry:
    return Entry(name="one", where=where, help="One.", panel="P")


def test_garbage_is_looked_for_after_an_import_and_not_meanwhile(commands: Path) -> None:
    (commands / "fresh_commands.py").write_text(MODULE)
    assert load(entry("fresh_commands:command")).name == "one"
    assert sys.modules["fresh_commands"].LOOKED is False
    assert gc.isenabled()


def test_a_module_that_is_there_already_settles_nothing_for_good(commands: Path) -> None:
    (commands / "fresh_commands.py").write_text(MODULE)
    load(entry("fresh_commands:command"))
    gc.unfreeze()
    load(entry("fresh_commands:command"))
    assert gc.get_freeze_count() == 0


def test_garbage_is_looked_for_after_an_import_that_failed(commands: Path) -> None:
    (commands / "broken_commands.py").write_text("raise ImportError('no')")
    with pytest.raises(ImportError):
        load(entry("broken_commands:command"))
    assert gc.isenabled()


def test_who_has_switched_it_off_finds_it_off(commands: Path) -> None:
    (commands / "fresh_commands.py").write_text(MODULE)
    gc.disable()
    try:
        load(entry("fresh_commands:command"))
        assert not gc.isenabled()
    finally:
        gc.enable()
