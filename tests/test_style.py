"""The script that measures the house limits counts what it says it counts."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "scripts" / "style.py"
CLEAN = '"""[pure] One."""\n\n\ndef one() -> int:\n    """1, always."""\n    return 1\n'
TEST = "def test_one() -> None:\n    assert one() == 1\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that keeps every limit."""
    write(tmp_path, "src/lakehouse/one.py", CLEAN)
    write(tmp_path, "tests/test_one.py", TEST)
    return tmp_path


def write(root: Path, name: str, text: str) -> None:
    """Write one file of a project."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def broken_limits(root: Path) -> list[str]:
    """The names of the limits that the script says are broken."""
    run = subprocess.run([sys.executable, SCRIPT, root], capture_output=True, text=True, check=False)
    assert run.stderr == ""
    marked = [line[2:27].strip() for line in run.stdout.splitlines() if line.startswith("✗")]
    assert run.returncode == bool(marked)
    return marked


def test_a_clean_project_breaks_nothing(project: Path) -> None:
    assert broken_limits(project) == []


@pytest.mark.parametrize(
    ("code", "limit"),
    [
        ("def two(x):\n    '''2.'''\n    return 2\n", "typed %"),
        ("def two() -> int:\n    return 2\n", "public docs %"),
        ("try:\n    pass\nexcept Exception:\n    pass\n", "broad except per 1000"),
        ("from typing import Any\nx: Any = 1\n", "Any per 1000"),
        ("x = 1  # noqa: F841\n", "suppressions per 1000"),
        ("def _f() -> None:\n    import json\n", "local imports per 1000"),
        ("def _f(a: int, b: int, c: int, d: int, e: int, f: int, g: int) -> None: ...\n", "params p95"),
        ("def _f() -> None:\n" + "    print()\n" * 60, "function length max"),
        ("x = 1\n" * 501, "file length max"),
        ("import lakehouse.three\n", "modules in a cycle"),
    ],
)
def test_each_limit_is_seen_to_break(project: Path, code: str, limit: str) -> None:
    write(project, "src/lakehouse/two.py", '"""[pure] Two."""\n' + code)
    write(project, "src/lakehouse/three.py", '"""[pure] Three."""\nfrom lakehouse import two\n')
    assert limit in broken_limits(project)


def test_a_module_without_a_docstring_is_seen(project: Path) -> None:
    write(project, "src/lakehouse/two.py", "x = 1\n")
    assert "module docs %" in broken_limits(project)


def test_a_folder_shows_at_most_twenty_entries(project: Path) -> None:
    for n in range(20):
        write(project, f"src/lakehouse/m{n}.py", '"""[pure] An entry."""\n')
    assert broken_limits(project) == ["entries in a folder"]


def test_mocks_and_missing_tests_are_seen(project: Path) -> None:
    write(project, "tests/test_one.py", "def test_one(mocker): mocker.patch('x')\n")
    assert broken_limits(project) == ["mocks per test", "tests to code"]


def test_imports_inside_functions_and_for_types_alone_make_no_cycle(project: Path) -> None:
    guarded = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import lakehouse.one\n"
    late = "def _f() -> None:\n    import lakehouse.one\n"
    write(project, "src/lakehouse/late.py", f'"""[pure] Late."""\n{guarded}{late}')
    write(project, "src/lakehouse/one.py", '"""[pure] One."""\nimport lakehouse.late\n')
    assert "modules in a cycle" not in broken_limits(project)
