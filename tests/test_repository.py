"""What a fresh clone relies on: locks that are complete and name no address, a Makefile that says so."""

import re
import subprocess
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = PROJECT["project"]["optional-dependencies"]
LOCKS = {
    "requirements.lock": PROJECT["project"]["dependencies"],
    "requirements-dev.lock": PROJECT["project"]["dependencies"] + EXTRAS["dev"],
    "requirements-setup.lock": PROJECT["dependency-groups"]["setup"],
}


def pins(lock: str) -> dict[str, set[str]]:
    """Package name to the versions that the lock pins, one for each range of Python versions."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(
        r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", (ROOT / lock).read_text(), re.MULTILINE
    ):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_pins_what_the_project_asks_for(lock: str) -> None:
    pinned = pins(lock)
    for wanted in map(Requirement, LOCKS[lock]):
        versions = pinned.get(canonicalize_name(wanted.name), set())
        assert versions, f"{wanted.name} is not in {lock}; run: make lock"
        assert all(wanted.specifier.contains(v) for v in versions), (
            f"{lock} is older than {wanted}; run: make lock"
        )


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_has_a_hash_for_every_package_and_names_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    blocks = re.split(r"^(?=[A-Za-z0-9._-]+==)", text, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in block for block in blocks)
    assert not re.search(r"://|--(extra-)?index|--find-links|@ ", text)


def test_the_locks_agree_with_each_other() -> None:
    everything = pins("requirements-dev.lock")
    for name, versions in chain(pins("requirements.lock").items(), pins("requirements-setup.lock").items()):
        assert versions == everything.get(name, versions), name


def test_make_alone_lists_what_can_be_made() -> None:
    listing = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {"demo", "test", "check", "bench", "lock", "docs", "clean"} <= set(listing.split())
