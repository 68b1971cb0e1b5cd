"""[acts] The generated parts of docs/reference: each function prints Markdown for one cog block.

A page calls one of them between cog's marks, and `make docs` fills in what it prints. To add a page,
write the call with where to look, as MODULE:NAME; for example reference.commands("package.module:app").
"""

import ast
import dataclasses
import inspect
import re
import tomllib
from collections.abc import Iterator, Sequence
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import typer
from fastapi import FastAPI
from typer._click.core import Context, Parameter  # as a command's own list names them
from typer.core import TyperArgument, TyperGroup

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "lakehouse"
METHODS = ("get", "post", "put", "patch", "delete", "head")


def modules() -> None:
    """The map: every package from the base upwards, its modules, and what each gives you."""
    for package in _bottom_up():
        _table(
            f"## {package.name}\n\n{_says(package / '__init__.py')[1]}\n",
            ("module", "kind", "what it is"),
            [
                (f"`{_dotted(p)}`", *_says(p))
                for p in sorted(package.rglob("*.py"))
                if p != package / "__init__.py"
            ],
        )
    _table(
        "## Above the packages\n",
        ("module", "kind", "what it is"),
        [(f"`{_dotted(p)}`", *_says(p)) for p in sorted(SOURCE.glob("*.py"))],
    )


def errors() -> None:
    """The six kinds of error, what each means, and whether trying again may help."""
    tree = import_module("lakehouse.base.errors")
    _table(
        "",
        ("kind", "what it means", "HTTP status", "may a retry help?"),
        [
            (f"`{kind.__name__}`", kind.__doc__, kind.status, "yes" if kind.retry else "no")
            for kind in tree.LakehouseError.__subclasses__()
        ],
    )


def commands(where: str) -> None:
    """Every command of the Typer application at `where`, those of its groups too, with all their options."""
    found = _find(where)
    assert isinstance(found, typer.Typer)
    root = typer.main.get_command(found)
    assert isinstance(root, TyperGroup)
    _commands(root, root.make_context("", [], resilient_parsing=True), within="")


def _commands(group: TyperGroup, context: Context, *, within: str) -> None:
    for name in group.list_commands(context):
        _, command, _ = group.resolve_command(context, [name])
        assert command is not None
        print(f"## {within}{name}\n\n{inspect.cleandoc(command.help or '')}\n")
        if isinstance(command, TyperGroup):
            inner = command.make_context(name, [], parent=context, resilient_parsing=True)
            _commands(command, inner, within=f"{within}{name} ")
            continue
        _table(
            "",
            ("argument or option", "default", "what it does"),
            [
                (f"`{_spelled(p)}`", _default(p.default), getattr(p, "help", "") or "")
                for p in command.params
                if not getattr(p, "hidden", False)
            ],
        )


def routes(where: str) -> None:
    """Every route of the FastAPI application that the function at `where` makes, from its document."""
    found = _find(where)
    application = found() if inspect.isfunction(found) else found
    assert isinstance(application, FastAPI)
    rows = [
        (f"`{method.upper()} {path}`", operation.get("summary", ""), ", ".join(operation["responses"]))
        for path, operations in application.openapi()["paths"].items()
        for method, operation in operations.items()
        if method in METHODS
    ]
    _table("", ("route", "what it does", "answers"), rows)


def settings(where: str) -> None:
    """Every section of the settings at `where`: what it is about, its keys, their defaults and reasons."""
    for section, params in sections(where):
        notes = dict(_field_notes(params))
        about = (inspect.getdoc(params) or "").partition("\n")[0]
        _table(
            f"## [{section}]\n\n{about}\n",
            ("key", "default", "what it does"),
            [(f"`{f.name}`", _default(f.default), notes.get(f.name, "")) for f in dataclasses.fields(params)],
        )


def sections(where: str) -> Iterator[tuple[str, type]]:
    """The sections of the settings at `where`, by name, each with the dataclass that defines it."""
    make = _find(where)
    assert callable(make)
    whole = make()
    for field in dataclasses.fields(whole):
        yield field.name, type(getattr(whole, field.name))


def _bottom_up() -> Iterator[Path]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    for layer in reversed(layers):
        yield from (SOURCE / n for n in re.findall(r"\w+", layer) if (SOURCE / n / "__init__.py").exists())


def _says(path: Path) -> tuple[str, str]:
    # The mark in brackets, and the rest of the docstring's first sentence.
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    found = re.match(r"\[(\w+)\]\s+(.*)", docstring)
    return (found[1], found[2]) if found else ("", docstring.partition("\n")[0])


def _dotted(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts) or "lakehouse"


def _spelled(parameter: Parameter) -> str:
    if isinstance(parameter, TyperArgument):
        return parameter.metavar or parameter.name.upper()
    return ", ".join([*parameter.opts, *parameter.secondary_opts])


def _field_notes(params: type) -> Iterator[tuple[str, str]]:
    body = next(n for n in ast.parse(inspect.getsource(params)).body if isinstance(n, ast.ClassDef)).body
    for field, note in pairwise(body):
        match field, note:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, " ".join(text.split())


def _find(where: str) -> object:
    module, _, name = where.partition(":")
    return getattr(import_module(module), name)


def _default(value: object) -> str:
    return "" if value in (None, "", dataclasses.MISSING) else f"`{value}`"


def _table(title: str, head: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> None:
    print(title)
    if not rows:
        return
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for row in rows:
        cells = (str(cell).replace("|", "\\|") for cell in row)
        print(f"| {' | '.join(cells)} |")
    print()
