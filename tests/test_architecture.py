"""The map that docstrings draw is true: marks are there, pure is pure, importing costs little."""

import ast
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

SOURCE = Path(__file__).parents[1] / "src"
GRAPH = grimp.build_graph("lakehouse", include_external_packages=True)
MARKS = ("pure", "seam", "acts")
WORLD = {"os", "io", "pathlib", "time", "random", "socket", "subprocess", "threading", "asyncio"}
WORLD |= {"sqlite3", "duckdb", "httpx", "starlette", "obstore"}
HEAVY = ("pyiceberg", "pyarrow", "duckdb", "fastapi", "sqlalchemy", "numpy")


def mark(module: str) -> str:
    """The word in brackets that opens the module's docstring; empty when there is none."""
    path = SOURCE.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    docstring = ast.get_docstring(ast.parse(file.read_text())) or "" if file.exists() else ""
    return docstring[1:].split("]")[0] if docstring.startswith("[") else ""


OURS = {name: mark(name) for name in sorted(GRAPH.modules) if name.split(".")[0] == "lakehouse"}


@pytest.mark.parametrize("module", OURS)
def test_every_module_opens_with_its_mark(module: str) -> None:
    assert OURS[module] in MARKS


@pytest.mark.parametrize("module", [name for name, kind in OURS.items() if kind == "pure"])
def test_a_pure_module_imports_neither_the_world_nor_a_module_that_acts(module: str) -> None:
    imported = GRAPH.find_modules_directly_imported_by(module)
    assert not {name for name in imported if name.split(".")[0] in WORLD}
    assert not {name for name in imported if OURS.get(name) == "acts"}


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_loads_no_engine_and_no_markdown(option: str) -> None:
    code = "import sys\nfrom lakehouse.__main__ import app\n"
    code += f"try: app([{option!r}], prog_name='lakehouse')\nexcept SystemExit: print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {*HEAVY, "rich.markdown", "pygments", "uvicorn"} & set(loaded.stdout.split())


def test_importing_the_package_loads_no_engine() -> None:
    listing = "import sys, lakehouse; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    assert not set(HEAVY) & set(loaded.stdout.split())
