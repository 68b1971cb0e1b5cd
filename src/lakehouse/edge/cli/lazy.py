"""[acts] A group of commands whose modules are imported when one is called, so that help costs nothing."""

import gc
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import ClassVar, Final, TypeGuard

import typer
from rich.console import Group as RenderGroup
from rich.table import Table
from rich.text import Text
from typer._click.core import Command, Context, Parameter  # as TyperGroup's own methods name them
from typer._click.formatting import HelpFormatter
from typer.core import TyperCommand, TyperGroup, TyperOption

from lakehouse.edge.cli import failure
from lakehouse.edge.cli.call import Call, console

FLAGS: Final = frozenset({"--json", "--quiet", "-q", "--debug"})
VALUED: Final = frozenset({"--root"})
"""Options of the group that may also stand behind the command."""

NAMES_WIDTH: Final = 22
"""Of the longest option, so that all sections of the help align."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One command: how help lists it, and where it is."""

    name: str
    where: str
    """`module:function`; `module:ENTRIES` for a group of commands."""

    help: str
    """One line."""

    panel: str
    """The heading that it stands under."""

    usual: str = ""
    """Of a group: the command that is meant where none is typed; empty: the group says what it has."""


class Group(TyperGroup):
    """Lists stubs; the command itself is imported once its name was typed."""

    entries: ClassVar[tuple[Entry, ...]] = ()
    usual: ClassVar[str] = ""

    def make_context(
        self, info_name: str | None, args: list[str], parent: Context | None = None, **extra: object
    ) -> Context:
        """Fill in the stubs first: lists, suggestions and completion look at them."""
        self.commands = {entry.name: _stub(entry) for entry in self.entries}
        try:
            return super().make_context(info_name, args, parent, **extra)
        except KeyboardInterrupt as problem:  # reading options imports much; Typer would end silently
            raise typer.Exit(failure.report(problem, None)) from problem

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """The command that the first word names, imported now."""
        name, _, rest = super().resolve_command(ctx, args)
        found = next((entry for entry in self.entries if entry.name == name), None)
        return name, load(found) if found else None, rest

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Read the options of the group, wherever on the line they stand."""
        return super().parse_args(ctx, hoisted(args) or [self.usual] * bool(self.usual))

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """The commands under their headings, then the options.

        Not Typer's own page: that imports a Markdown parser and a highlighter, half of the time it takes.
        """
        del formatter
        screen = console()
        usage = f"{ctx.command_path} [OPTIONS] COMMAND …\n\n"
        screen.print(Text.assemble(("Usage  ", "bold"), usage, self.help or ""))
        for panel in dict.fromkeys(entry.panel for entry in self.entries):
            rows = [(entry.name, entry.help) for entry in self.entries if entry.panel == panel]
            screen.print(_section(panel, rows))
        options = [
            (_spelled(option), option.help or "") for option in self.get_params(ctx) if _is_ours(option)
        ]
        if options:
            screen.print(_section("Options", options))
        if self.epilog:
            screen.print(Text(f"\n{self.epilog}", "dim"))

    def invoke(self, ctx: Context) -> object:
        """Run the command; what goes wrong is said in words and becomes the exit code."""
        try:
            return super().invoke(ctx)
        except failure.EXPECTED as problem:
            raise typer.Exit(failure.report(problem, ctx.find_object(Call))) from problem
        except Exception as fault:  # a door: a fault of ours must not reach people as a traceback
            raise typer.Exit(failure.report(fault, ctx.find_object(Call))) from fault


def hoisted(args: list[str]) -> list[str]:
    """The same words with the group's options first; what follows `--` stays as it is."""
    front: list[str] = []
    rest: list[str] = []
    words = iter(args)
    for word in words:
        if word == "--":
            return [*front, *rest, word, *words]
        if word in VALUED:
            front += [word, *[value for _, value in zip(range(1), words, strict=False)]]
        elif word in FLAGS or word.split("=")[0] in VALUED:
            front.append(word)
        else:
            rest.append(word)
    return front + rest


def _section(title: str, rows: Sequence[tuple[str, str]]) -> RenderGroup:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="cyan", no_wrap=True, min_width=NAMES_WIDTH)
    table.add_column()
    for name, text in rows:
        table.add_row(f"  {name}", text)
    return RenderGroup(Text(f"\n{title}", "bold"), table)


def _is_ours(option: Parameter) -> TypeGuard[TyperOption]:
    return isinstance(option, TyperOption) and not option.hidden


def _spelled(option: TyperOption) -> str:
    return ", ".join(option.opts) + ("" if option.is_flag else f" {option.name.upper()}")


def load(entry: Entry) -> Command:
    """Import the function and make it a command; several entries become a group."""
    module, _, name = entry.where.partition(":")
    found = getattr(_imported(module), name)
    if isinstance(found, tuple):
        return _group(entry, found)
    alone = typer.Typer(add_completion=False)
    alone.command(entry.name)(found)
    return typer.main.get_command(alone)


def _imported(module: str) -> ModuleType:
    """A module of commands. What it brings stays, so looking for garbage among that is time lost: 0.15 s."""
    if module in sys.modules or not gc.isenabled():
        return import_module(module)
    gc.disable()
    try:
        return import_module(module)
    finally:
        gc.freeze()
        gc.enable()


def _group(entry: Entry, commands: tuple[Entry, ...]) -> Command:
    class Listed(Group):
        entries = commands
        usual = entry.usual

    inner = typer.Typer(name=entry.name, cls=Listed, no_args_is_help=True, add_completion=False)
    inner.callback(help=entry.help)(_nothing)
    return typer.main.get_group(inner)


def _nothing() -> None:
    """A group does nothing by itself."""


def _stub(entry: Entry) -> TyperCommand:
    return TyperCommand(entry.name, help=entry.help, rich_help_panel=entry.panel)
