"""[acts] Secrets: from the environment or a file that only its owner may read; they print as ***."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn, Protocol

from lakehouse.base.errors import Invalid, NotFound, Refused


class Secret:
    """A value that shows itself only when asked."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value; call this only where it is used."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret stays where it is")

    __str__ = __repr__


class SecretsProvider(Protocol):
    """Finds a secret by name."""

    def get(self, name: str) -> Secret | None:
        """The secret, or None where this provider has none of that name."""
        ...


class EnvironmentSecrets:
    """`LAKEHOUSE_SECRET_<NAME>` in the environment."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment

    def get(self, name: str) -> Secret | None:
        """The secret, or None."""
        value = self._environment.get(f"LAKEHOUSE_SECRET_{name.upper()}")
        return Secret(value) if value else None


class FileSecrets:
    """`name = "value"` lines of a TOML file of mode 0600.

    Raises:
        Refused: others may read the file.
        Invalid: it is not TOML.
    """

    def __init__(self, path: Path) -> None:
        if path.stat().st_mode & 0o077:
            raise Refused(f"{path.name} can be read by others", hint=f"chmod 600 {path}")
        try:
            values = tomllib.loads(path.read_text())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            # The parser's own words may quote the file, so its error ends here.
            raise Invalid(f"{path.name} is not TOML", hint='write lines such as token = "…"') from None
        self._values = {name: str(value) for name, value in values.items()}

    def get(self, name: str) -> Secret | None:
        """The secret, or None."""
        value = self._values.get(name)
        return Secret(value) if value else None


class Secrets:
    """Providers asked in order; the first that knows a name wins."""

    def __init__(self, *providers: SecretsProvider) -> None:
        self._providers = providers

    def get(self, name: str) -> Secret | None:
        """The secret, or None where no provider has it."""
        return next((found for p in self._providers if (found := p.get(name))), None)

    def require(self, name: str) -> Secret:
        """The secret.

        Raises:
            NotFound: no provider has it.
        """
        found = self.get(name)
        if found is None:
            hint = f"set LAKEHOUSE_SECRET_{name.upper()}, or write it to secrets.toml (mode 0600) in the lake"
            raise NotFound(f"the secret {name!r} is not set", hint=hint)
        return found


def of_lake(root: Path) -> Secrets:
    """The environment first, then `secrets.toml` in the lake where there is one."""
    file = root / "secrets.toml"
    return Secrets(EnvironmentSecrets(), *([FileSecrets(file)] if file.exists() else []))
