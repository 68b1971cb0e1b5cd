"""The documentation holds together: links lead somewhere, and the generators print what the source says."""

import dataclasses
import re
from pathlib import Path

import docs_reference as reference
import pytest
import typer
from fastapi import FastAPI

ROOT = Path(__file__).parents[1]
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"])

application = typer.Typer()
outer = typer.Typer()
outer.add_typer(application, name="talk", help="Words.")
service = FastAPI()


@application.command()
def greet(name: str, loud: bool = typer.Option(False, "--loud", help="In capitals.")) -> None:
    """Say hello."""


@application.command()
def leave() -> None:
    """Say goodbye."""


@service.get("/hello")
def say_hello() -> str:
    """Not shown: the summary is the name."""
    return "hello"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """What a package can be told."""

    timeout_s: float = 2.5
    """Seconds | after which
    a question is given up."""

    root: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """What everything can be told."""

    parser: Params = dataclasses.field(default_factory=Params)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text())
    assert [x for x in links if "://" not in x and not (page.parent / x).exists()] == []


@pytest.mark.parametrize("page", [p for p in PAGES if p.parent.parent == ROOT / "docs"], ids=lambda p: p.stem)
def test_every_page_can_be_reached_from_the_index_of_its_folder(page: Path) -> None:
    assert page.name == "index.md" or f"({page.name})" in (page.parent / "index.md").read_text()


def test_the_map_names_every_module_once(capsys: pytest.CaptureFixture[str]) -> None:
    reference.modules()
    listed = re.findall(r"^\| `([a-z0-9_.]+)`", capsys.readouterr().out, re.MULTILINE)
    stored = [p for p in reference.SOURCE.rglob("*.py") if p.name != "__init__.py"]
    assert len(set(listed)) == len(listed)
    assert {".".join(p.relative_to(reference.SOURCE).with_suffix("").parts) for p in stored} <= set(listed)


def test_the_six_kinds_of_error_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    reference.errors()
    assert (
        "| `Conflict` | Someone committed first; read again, then retry. | 409 | yes |"
        in capsys.readouterr().out
    )


def test_a_command_is_listed_with_its_options(capsys: pytest.CaptureFixture[str]) -> None:
    reference.commands(f"{__name__}:application")
    printed = capsys.readouterr().out
    assert "## greet\n\nSay hello." in printed
    assert "| `--loud` | `False` | In capitals. |" in printed


def test_the_commands_of_a_group_are_listed_under_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    reference.commands(f"{__name__}:outer")
    printed = capsys.readouterr().out
    assert "## talk\n\nWords.\n" in printed
    assert "## talk greet\n\nSay hello." in printed


def test_a_route_is_listed_with_its_answers(capsys: pytest.CaptureFixture[str]) -> None:
    reference.routes(f"{__name__}:service")
    assert "| `GET /hello` | Say Hello | 200 |" in capsys.readouterr().out


def test_a_setting_is_listed_with_its_default_and_its_note(capsys: pytest.CaptureFixture[str]) -> None:
    reference.settings(f"{__name__}:Whole")
    printed = capsys.readouterr().out
    assert "## [parser]\n\nWhat a package can be told.\n" in printed
    assert "| `timeout_s` | `2.5` | Seconds \\| after which a question is given up. |" in printed
    assert "| `root` |  |  |" in printed
