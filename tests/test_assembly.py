"""The one place where concrete classes are chosen: folders, settings and secrets become a lake."""

from pathlib import Path

import pytest

from lakehouse.assembly import _bucket, _remote, open_lake
from lakehouse.base.clock import FixedClock, SystemClock, iso
from lakehouse.base.errors import Invalid, LakehouseError, Refused, Unavailable
from lakehouse.llm.params import EmbeddingParams
from lakehouse.secrets import EnvironmentSecrets, Secrets
from lakehouse.settings import DurabilityParams, Settings, StorageParams, WriterParams
from lakehouse.store.remote import RemoteParams

QUICK = Settings(durability=DurabilityParams(mode="process"))
KEYS = Secrets(
    EnvironmentSecrets({"LAKEHOUSE_SECRET_S3_KEY_ID": "key", "LAKEHOUSE_SECRET_S3_SECRET": "hunter2"})
)


def test_the_settings_of_the_model_reach_it(tmp_path: Path) -> None:
    for embedding in (EmbeddingParams(threads=-1), EmbeddingParams(batch_tokens=0)):
        settings = Settings(durability=DurabilityParams(mode="process"), embedding=embedding)
        with open_lake(tmp_path, settings=settings) as lake, pytest.raises(Invalid, match="embedder with"):
            lake.embed(["one"])


@pytest.mark.parametrize("mode", ["full", "process"])
def test_a_folder_that_is_not_there_becomes_a_lake(tmp_path: Path, mode: str) -> None:
    settings = Settings(durability=DurabilityParams(mode=mode))  # type: ignore[arg-type]
    with open_lake(tmp_path / "a" / "b" / "lake", settings=settings) as lake:
        assert lake.tables() == ()
    inside = {p.name for p in (tmp_path / "a" / "b" / "lake").iterdir()}
    assert {"catalog.sqlite", "warehouse", "journal"} <= inside


def test_a_lake_is_opened_again_and_again_and_by_two_at_once(tmp_path: Path) -> None:
    for _ in range(2):
        with open_lake(tmp_path, settings=QUICK) as first, open_lake(tmp_path, settings=QUICK) as second:
            assert first.tables() == second.tables() == ()


@pytest.mark.parametrize("mark", ["lakehouse.toml", "catalog.sqlite", "warehouse", "journal", ".partial"])
def test_a_folder_with_a_mark_of_a_lake_is_one(tmp_path: Path, mark: str) -> None:
    (tmp_path / mark).touch() if "." in mark[1:] else (tmp_path / mark).mkdir()
    with open_lake(tmp_path, settings=QUICK) as lake:
        assert lake.tables() == ()


def test_a_folder_of_other_things_is_no_lake_and_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").touch()
    with pytest.raises(Invalid, match="other things") as caught:
        open_lake(tmp_path)
    assert "--root" in caught.value.hint
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]


def test_a_file_in_the_lakes_place_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "lake").touch()
    with pytest.raises(LakehouseError) as caught:
        open_lake(tmp_path / "lake")
    assert caught.value.hint


def test_a_disk_that_refuses_is_told_in_words() -> None:
    with pytest.raises(LakehouseError) as caught:
        open_lake(Path("/proc/lake"))
    assert caught.value.hint


@pytest.mark.parametrize("text", ["[limitz]\n", "[limits]\nrows = 'x'\n", "rows = ["])
def test_wrong_settings_open_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "lakehouse.toml").write_text(text)
    with pytest.raises(Invalid):
        open_lake(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["lakehouse.toml"]


def test_secrets_that_others_can_read_open_nothing(tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").write_text('token = "hunter2"\n')
    (tmp_path / "secrets.toml").chmod(0o644)
    (tmp_path / "journal").mkdir()
    with pytest.raises(Refused, match="read by others") as caught:
        open_lake(tmp_path)
    assert "chmod 600" in caught.value.hint
    assert not (tmp_path / "catalog.sqlite").exists()


def test_settings_given_are_used_and_the_file_is_not_asked(tmp_path: Path) -> None:
    (tmp_path / "lakehouse.toml").write_text("rows = [")
    given = Settings(durability=DurabilityParams(mode="process"), writer=WriterParams(threads=1))
    with open_lake(tmp_path, settings=given) as lake:
        assert lake.tables() == ()


def test_the_clock_given_dates_what_is_written(tmp_path: Path) -> None:
    ahead = FixedClock(SystemClock().now_ms() + 86_400_000)  # no version is older than its own files
    (tmp_path / "people.csv").write_text("id\n1\n")
    with open_lake(tmp_path / "lake", settings=QUICK, clock=ahead) as lake:
        lake.ingest(tmp_path / "people.csv")
        assert lake.tables()[0].updated_at[:19] == iso(ahead.now_ms())[:19]


def test_what_a_killed_process_left_in_the_cache_is_removed(tmp_path: Path) -> None:
    left = tmp_path / "cache" / "hot" / "of-a-process-that-is-gone"
    left.mkdir(parents=True)
    (left / "people.duckdb").touch()
    (tmp_path / "journal").mkdir()
    with open_lake(tmp_path, settings=QUICK):
        assert not left.exists()


def test_a_closed_lake_leaves_no_scratch(tmp_path: Path) -> None:
    with open_lake(tmp_path, settings=QUICK):
        assert list((tmp_path / "cache" / "staging").iterdir())
    assert [p for p in (tmp_path / "cache" / "staging").iterdir() if p.is_dir()] == []
    assert list((tmp_path / "cache" / "hot").iterdir()) == []


def test_a_catalog_elsewhere_is_asked_instead_of_the_lakes_own_file(tmp_path: Path) -> None:
    elsewhere = f"sqlite:///{tmp_path / 'elsewhere.sqlite'}"
    settings = Settings(durability=DurabilityParams(mode="process"), storage=StorageParams(catalog=elsewhere))
    with open_lake(tmp_path / "lake", settings=settings) as lake:
        assert lake.tables() == ()
    assert (tmp_path / "elsewhere.sqlite").exists()
    assert not (tmp_path / "lake" / "catalog.sqlite").exists()


def test_a_catalog_whose_driver_is_missing_is_told_with_its_setting(tmp_path: Path) -> None:
    settings = Settings(storage=StorageParams(catalog="postgresql+nodriver://u:hunter2@h/d"))
    with pytest.raises(Unavailable, match="driver") as caught:
        open_lake(tmp_path, settings=settings)
    assert "storage.catalog" in caught.value.hint
    assert "hunter2" not in f"{caught.value} {caught.value.context}"


def test_without_a_url_there_is_no_bucket() -> None:
    assert _remote(StorageParams(), KEYS) is None


def test_a_bucket_takes_its_keys_from_the_secrets_alone() -> None:
    found = _remote(StorageParams(url="s3://bucket/lake", region="eu-north-1"), KEYS)
    assert found is not None
    assert (found.url, found.region, found.access_key, found.secret_key) == (
        "s3://bucket/lake",
        "eu-north-1",
        "key",
        "hunter2",
    )
    without = _remote(StorageParams(url="s3://bucket/lake"), Secrets())
    assert without is not None
    assert (without.access_key, without.secret_key) == ("", "")


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("", {}),
        ("http://127.0.0.1:9000", {"ENDPOINT": "127.0.0.1:9000", "URL_STYLE": "path", "USE_SSL": "false"}),
        ("https://s3.example.com", {"ENDPOINT": "s3.example.com", "URL_STYLE": "path", "USE_SSL": "true"}),
    ],
)
@pytest.mark.parametrize("url", ["s3://bucket/lake", "s3://bucket/lake/"])
def test_engines_are_told_of_the_same_bucket_in_their_words(
    url: str, endpoint: str, expected: dict[str, str]
) -> None:
    given = _bucket(RemoteParams(url=url, endpoint=endpoint, access_key="key", secret_key="hunter2"))
    assert given.root == "s3://bucket/lake/"
    assert dict(given.options) == {"KEY_ID": "key", "SECRET": "hunter2", "REGION": "us-east-1", **expected}
    assert "hunter2" not in repr(given)


def test_a_bucket_without_keys_is_opened_without_them() -> None:
    given = _bucket(RemoteParams(url="s3://bucket/lake", access_key="", secret_key=""))
    assert dict(given.options) == {"REGION": "us-east-1"}
