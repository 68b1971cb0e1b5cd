"""Secrets: found in order, kept from others, and never shown."""

import pickle
from pathlib import Path

import pytest

from lakehouse.base.errors import Invalid, LakehouseError, NotFound, Refused
from lakehouse.secrets import EnvironmentSecrets, FileSecrets, Secret, Secrets, of_lake

HIDDEN = "hunter2-hunter2"


def secrets_file(folder: Path, text: str | bytes, mode: int = 0o600) -> Path:
    path = folder / "secrets.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(mode)
    return path


def test_a_secret_shows_itself_only_when_asked() -> None:
    secret = Secret(HIDDEN)
    shown = (f"{secret}", str(secret), repr(secret), f"{[secret]}", f"{secret!r:>10}")
    assert all(HIDDEN not in text and "***" in text for text in shown)
    assert secret.reveal() == HIDDEN
    assert not hasattr(secret, "__dict__")


def test_the_environment_is_asked_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets_file(tmp_path, f'token = "{HIDDEN}"\nother = "o"\n')
    monkeypatch.setenv("LAKEHOUSE_SECRET_TOKEN", "from the environment")
    found = of_lake(tmp_path)
    assert found.require("token").reveal() == "from the environment"
    assert found.require("other").reveal() == "o"
    assert HIDDEN not in repr(found)


def test_a_lake_without_a_file_has_the_environments(tmp_path: Path) -> None:
    assert of_lake(tmp_path).get("token") is None
    assert EnvironmentSecrets({"LAKEHOUSE_SECRET_TOKEN": HIDDEN}).get("token")
    assert EnvironmentSecrets({"LAKEHOUSE_SECRET_TOKEN": ""}).get("token") is None


def test_a_missing_secret_is_named_with_where_to_put_it() -> None:
    with pytest.raises(NotFound, match="'token'") as missing:
        Secrets(EnvironmentSecrets({})).require("token")
    assert "LAKEHOUSE_SECRET_TOKEN" in missing.value.hint
    assert "0600" in missing.value.hint


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o666, 0o700 | 0o001])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = secrets_file(tmp_path, f'token = "{HIDDEN}"\n', mode)
    with pytest.raises(Refused, match="read by others") as refused:
        of_lake(tmp_path)
    assert refused.value.hint == f"chmod 600 {path}"


@pytest.mark.parametrize(
    "text", [f"token = {HIDDEN}", f'token = "{HIDDEN}', b"\xff" + HIDDEN.encode(), f'{HIDDEN} = "a'.encode()]
)
def test_a_broken_file_is_told_of_without_its_content(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(LakehouseError) as refused:
        FileSecrets(secrets_file(tmp_path, text))
    assert isinstance(refused.value, Invalid)
    told = (str(refused.value), refused.value.hint, repr(refused.value.context))
    assert HIDDEN not in "".join(told)


def test_a_secret_does_not_travel() -> None:
    with pytest.raises(TypeError, match="secret"):
        pickle.dumps(Secret(HIDDEN))
