"""[acts] One call: what was typed before the command, and the screens it writes to."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Final

import typer
from rich.console import Console
from rich.text import Text

from lakehouse.edge.document import document as as_json

UNBOUNDED: Final = 4096
"""Columns of a screen that is a file or a pipe: nothing is cut to fit."""


def console(*, stderr: bool = False) -> Console:
    """A screen on stdout or stderr, as wide as the terminal; values are never taken for markup."""
    stream = sys.stderr if stderr else sys.stdout
    screen = Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=False)
    if not screen.is_terminal and "COLUMNS" not in os.environ:
        screen.width = UNBOUNDED
    return screen


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The options that every command shares."""

    root: Path = Path("lake")
    json: bool = False
    quiet: bool = False
    debug: bool = False
    command: str = ""
    """What was typed as its name: sql, or index build."""

    plugs: Mapping[str, str] = field(default_factory=dict)
    """What the entry point alone may know, as `module:function` by name."""

    out: Console = field(default_factory=console)
    """For data."""

    err: Console = field(default_factory=lambda: console(stderr=True))
    """For progress and messages."""

    def at(self, root: Path) -> "Call":
        """The same call on another lake."""
        return replace(self, root=root)

    def plugged(self, name: str) -> object:
        """The function that the entry point named, imported now."""
        module, _, function = self.plugs[name].partition(":")
        found: object = getattr(import_module(module), function)
        return found

    def say(self, message: str | Text = "") -> None:
        """A message for a person; scripts and the quiet do not get it."""
        if not (self.quiet or self.json):
            self.err.print(message)

    def onward(self, command: str) -> None:
        """The command that one would type next, on one line, so that it can be copied."""
        if not (self.quiet or self.json):
            self.err.print(Text.assemble(("next  ", "dim"), f"{self.program} {command}"), soft_wrap=True)

    @property
    def program(self) -> str:
        """The program, on this lake, as one types it."""
        return "lakehouse" if str(self.root) == "lake" else f"lakehouse --root {self.root}"

    def emit(self, document: object) -> None:
        """One JSON document on one line of stdout; snapshot ids as text."""
        print(json.dumps(as_json(document), ensure_ascii=False, default=str), flush=True)


def of(context: typer.Context) -> Call:
    """The call that a command belongs to."""
    found = context.find_object(Call)
    path = " ".join(context.command_path.split()[1:])
    return replace(found if found is not None else Call(), command=path or context.info_name or "")
