"""What `make bench-peers` installs: pinned with hashes, no address, and torch chosen by the script alone."""

import re
import subprocess
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from lakehouse.bench.search import strangers

ROOT = Path(__file__).parents[3]
LOCK = (ROOT / "requirements-peers.lock").read_text()
SCRIPT = (ROOT / "scripts" / "peers.sh").read_text()
ASKED = [
    Requirement(line)
    for line in (ROOT / "requirements-peers.in").read_text().splitlines()
    if line and not line.startswith("#")
]


def pinned(name: str, text: str = LOCK) -> list[str]:
    return re.findall(rf'^(?:torch=")?{re.escape(name)}==([^ ;\\"]+)', text, re.MULTILINE)


@pytest.mark.parametrize("wanted", [each for each in ASKED if each.name != "torch"], ids=str)
def test_every_peer_is_pinned_as_it_was_asked_for(wanted: Requirement) -> None:
    versions = pinned(wanted.name)
    assert versions
    assert all(wanted.specifier.contains(version) for version in versions)


def test_torch_comes_from_the_script_in_a_version_that_was_asked_for() -> None:
    (wanted,) = (each for each in ASKED if each.name == "torch")
    (version,) = pinned("torch", SCRIPT)
    assert wanted.specifier.contains(version)
    assert '"$torch+cpu"' in SCRIPT


def test_nothing_for_graphics_cards_is_pinned() -> None:
    assert not re.search(r"^(torch|triton|nvidia-|cuda-)", LOCK, re.MULTILINE)


def test_every_pin_has_a_hash_and_none_an_address() -> None:
    blocks = re.split(r"^(?=[A-Za-z0-9._-]+==)", LOCK, flags=re.MULTILINE)[1:]
    assert len(blocks) > 50
    assert all("--hash=sha256:" in block for block in blocks)
    assert not re.search(r"://|--(extra-)?index|--find-links|@ ", LOCK)


def test_every_peer_that_can_be_asked_is_installed_by_the_lock_or_the_script() -> None:
    packages = {"lancedb": "lancedb", "chroma": "chromadb", "embed": "sentence-transformers"}
    assert set(packages) == set(strangers.KNOWN)
    assert all(pinned(package) for package in packages.values())


@pytest.mark.parametrize("script", ["peers.sh", "lock.sh"])
def test_the_scripts_are_sound_for_a_plain_shell(script: str) -> None:
    done = subprocess.run(["sh", "-n", str(ROOT / "scripts" / script)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
