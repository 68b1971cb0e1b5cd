"""Search by words: whole commits, exact rankings, damage that is seen."""

import fcntl
import hashlib
import json
import math
import os
import random
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Corrupt, Invalid, LakehouseError, Unavailable
from lakehouse.index.words import native
from lakehouse.index.words.lexical import Document, Lexical, WordHit

COLLECTIONS = Path(__file__).parents[3] / "shared" / "data" / "ir"

RESUMES = {
    "a": "Forklift operator. Night shift, OSHA-10 certified.",
    "b": "Registered nurse with ten years of night shifts in the ICU.",
    "c": "Forklift driver; operated cranes. Certified welder.",
    "d": "Café manager, résumé attached",
}


def documents(texts: dict[str, str]) -> list[Document]:
    """One document for each key; the digest says which text it was."""
    return [Document(key, f"digest of {text[:20]}", text) for key, text in texts.items()]


def keys(hits: tuple[WordHit, ...]) -> list[str]:
    """The keys of hits, best first."""
    return [hit.key for hit in hits]


def held(lexical: Lexical) -> dict[str, str]:
    """Digest by key."""
    known = lexical.known()
    return dict(zip(known["key"].to_pylist(), known["digest"].to_pylist(), strict=True))


@pytest.fixture
def lexical(tmp_path: Path) -> Iterator[Lexical]:
    """An index of the four resumes."""
    opened = Lexical(tmp_path / "words")
    opened.update(documents(RESUMES))
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("forklift", {"a", "c"}),
        ("FORKLIFTS operating", {"a", "c"}),
        ("cafe resume", {"d"}),
        ("the of in", set()),
        ('"night shift"', {"a", "b"}),
        ('"shift night"', set()),
        ('nurse "forklift operator"', {"a"}),
        ('"years of night"', {"b"}),
        ('"years at night"', {"b"}),
        ('"years night"', set()),
        ("certified -welder", {"a"}),
        ('night -"forklift operator"', {"b"}),
        ("certified -osha-10", {"c"}),
        ("-forklift", set()),
        ('"the of" nurse', {"b"}),
        ("forklft~", {"a", "c"}),
        ("frklft~", set()),
        ("frklft~2", {"a", "c"}),
        ("nothing like it", set()),
        ("osha-10", {"a"}),
        ("x" * 100_000, set()),
        ("text:forklift AND (nurse* OR [a TO b]", {"a", "b", "c"}),
    ],
)
def test_words_are_found_as_they_are_meant(lexical: Lexical, query: str, found: set[str]) -> None:
    assert set(keys(lexical.search(query, 10))) == found


def test_a_word_said_twice_weighs_twice(lexical: Lexical) -> None:
    once, twice = lexical.search("crane", 1)[0], lexical.search("crane cranes", 1)[0]
    assert twice.score == pytest.approx(2 * once.score, abs=1e-3)


def test_scores_are_bm25(tmp_path: Path) -> None:
    lexical = Lexical(tmp_path)
    lexical.update(documents({"a": "nurse", "b": "nurse nurse nurse", "c": "welder crane", "d": "crane"}))
    idf, mean = math.log(1 + (4 - 2 + 0.5) / (2 + 0.5)), 7 / 4
    expected = {
        key: idf * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * length / mean))
        for key, tf, length in (("a", 1, 1), ("b", 3, 3))
    }
    assert {h.key: h.score for h in lexical.search("nurse", 9)} == pytest.approx(expected, abs=1e-3)


def test_equal_scores_are_ordered_by_key_however_many_there_are(tmp_path: Path) -> None:
    lexical, names = Lexical(tmp_path), [f"CANDIDATE-OF-2026-NUMBER-{n}" for n in range(3000)]
    mixed = random.Random(3).sample(names, len(names))
    for start in range(0, 3000, 1000):
        lexical.update(documents(dict.fromkeys(mixed[start : start + 1000], "a nurse")))
    assert keys(lexical.search("nurse", 25)) == sorted(names)[:25]
    assert keys(lexical.search("nurse", 3000)) == sorted(names)


def test_an_update_replaces_by_key_and_takes_out(lexical: Lexical) -> None:
    lexical.update([Document("a", "new", "a plumber"), Document("a", "newer", "a painter")], ["b", "zzz"])
    assert (lexical.size, set(held(lexical)), held(lexical)["a"]) == (3, {"a", "c", "d"}, "newer")
    assert keys(lexical.search("painter plumber nurse", 9)) == ["a"]
    assert lexical.texts(["a", "b", "zzz"]) == {"a": Document("a", "newer", "a painter")}


def test_a_key_that_is_gone_and_changed_stays(lexical: Lexical) -> None:
    lexical.update([Document("a", "new", "a plumber")], ["a"])
    assert held(lexical)["a"] == "new"
    assert keys(lexical.search("plumber", 9)) == ["a"]


def test_nothing_to_do_writes_nothing(lexical: Lexical, tmp_path: Path) -> None:
    before = (tmp_path / "words" / "sealed.json").stat()
    lexical.update([])
    lexical.update(iter(()), iter(()))
    assert (tmp_path / "words" / "sealed.json").stat() == before


def test_it_can_be_emptied_and_filled_again(lexical: Lexical) -> None:
    lexical.update([], RESUMES)
    assert (lexical.size, held(lexical), lexical.search("nurse", 3)) == (0, {}, ())
    lexical.update(documents(RESUMES))
    assert keys(lexical.search("nurse", 3)) == ["b"]


def test_an_empty_index_answers_with_nothing(tmp_path: Path) -> None:
    lexical = Lexical(tmp_path / "deep" / "words")
    assert (lexical.size, held(lexical), lexical.search("nurse", 3), lexical.texts(["a"])) == (0, {}, (), {})


def test_it_opens_as_it_was_closed(lexical: Lexical, tmp_path: Path) -> None:
    lexical.close()
    again = Lexical(tmp_path / "words")
    assert (again.size, set(held(again))) == (4, set(RESUMES))
    assert again.texts(["d"])["d"].text == RESUMES["d"]


def test_a_failing_source_changes_nothing(lexical: Lexical, tmp_path: Path) -> None:
    def failing() -> Iterator[Document]:
        yield Document("e", "new", "electrician")
        raise OSError("the table is gone")

    with pytest.raises(OSError, match="the table is gone"):
        lexical.update(failing(), ["a"])
    assert set(held(lexical)) == set(RESUMES)
    assert lexical.search("electrician", 9) == ()
    assert [p.name for p in (tmp_path / "words").iterdir() if p.name.isdigit()] == ["1"]


@pytest.mark.parametrize("document", [("", "d", "x"), ("k" * 40_000, "d", "x"), ("k", "d", "\ud83d"), ("\ud83d", "d", "x")])  # fmt: skip  # noqa: E501
def test_what_cannot_be_a_row_is_refused(lexical: Lexical, document: tuple[str, str, str]) -> None:
    with pytest.raises(Invalid):
        lexical.update([Document(*document)])
    assert set(held(lexical)) == set(RESUMES)


def test_odd_keys_and_texts_are_kept_as_they_are(tmp_path: Path) -> None:
    lexical = Lexical(tmp_path)
    odd = {
        "a\0b": "nurse \0",
        "a": "nurse",
        "👩‍🚒": "nurse",
        " ": "nurse",
        "é" * 9000: "nurse" + " x" * 50_000,
        "B": "",
    }
    lexical.update(documents(odd))
    assert {key: d.text for key, d in lexical.texts(list(odd)).items()} == odd
    assert set(keys(lexical.search("nurse", 9))) == set(odd) - {"B"}
    lexical.update([], odd)
    assert lexical.size == 0


@pytest.mark.parametrize("k", [0, -1])
def test_no_hits_cannot_be_asked_for(lexical: Lexical, k: int) -> None:
    with pytest.raises(Invalid):
        lexical.search("nurse", k)


def test_a_closed_index_says_so(lexical: Lexical) -> None:
    lexical.close()
    with pytest.raises(Invalid, match="closed"):
        lexical.search("nurse", 1)


WORDS = ("nurse", "welder", "forklift", "crane", "night")


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_restricted_searches_are_the_full_ranking_with_rows_left_out(
    data: st.DataObject, many: Lexical
) -> None:
    query = " ".join(data.draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3)))
    step, k = data.draw(st.sampled_from([1, 2, 7, 50, 900])), data.draw(st.sampled_from([1, 10, 100, 5000]))
    names = [f"row-{n}" for n in range(3000)]
    allowed, excluded = names[::step], set(names[:: data.draw(st.sampled_from([1, 2, 3]))][1:])
    full = many.search(query, 3000)
    assert many.search(query, k) == full[:k]
    inside = [hit for hit in full if hit.key in set(allowed)]
    assert many.search(query, k, allowed=allowed) == tuple(inside[:k])
    assert many.search(query, k, excluded=excluded) == tuple(h for h in full if h.key not in excluded)[:k]
    left = tuple(h for h in inside if h.key not in excluded)
    assert many.search(query, k, allowed=set(allowed), excluded=list(excluded)) == left[:k]
    assert many.search(query, k, allowed=()) == ()


def test_a_large_set_that_holds_none_of_the_best_is_still_exact(many: Lexical) -> None:
    full = keys(many.search("nurse", 3000))
    worst = set(full[-20:]) | {f"row-{n}" for n in range(3000) if f"row-{n}" not in full}
    assert keys(many.search("nurse", 5, allowed=worst)) == full[-20:-15]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lexical]:
    """3,000 rows in several segments."""
    lexical, dice = Lexical(tmp_path_factory.mktemp("many")), random.Random(7)
    texts = {f"row-{n}": " ".join(dice.choices(WORDS, k=dice.randint(1, 12))) for n in range(3000)}
    rows = documents(texts)
    for start in range(0, 3000, 600):
        lexical.update(rows[start : start + 600])
    yield lexical
    lexical.close()


@settings(max_examples=10, deadline=None)
@given(st.lists(st.dictionaries(st.integers(0, 6), st.none() | st.sampled_from(WORDS)), max_size=8))
def test_any_history_of_updates_ends_as_a_dict_would(
    tmp_path_factory: pytest.TempPathFactory, history: list[dict[int, str | None]]
) -> None:
    lexical, model = Lexical(tmp_path_factory.mktemp("history")), dict[str, str]()
    for changes in history:
        put = {str(key): word for key, word in changes.items() if word}
        gone = [str(key) for key, word in changes.items() if not word]
        lexical.update(documents(put), gone)
        model = {key: word for key, word in (model | put).items() if key not in gone}
        assert held(lexical) == {d.key: d.digest for d in documents(model)}
    assert lexical.size == len(model)
    for word in WORDS:
        assert set(keys(lexical.search(word, 9))) == {key for key, said in model.items() if said == word}


def test_many_small_updates_leave_few_files(tmp_path: Path) -> None:
    lexical = Lexical(tmp_path)
    for n in range(40):
        lexical.update([Document(str(n), "d", "nurse")])
    assert lexical.size == len(lexical.known()) == 40
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) < 9 * 8 + 12  # eight segments of eight files, each with its deletions
    assert len([path for path in tmp_path.iterdir() if path.is_dir()]) == 1
    again = Lexical(tmp_path)
    assert len(again.search("nurse", 200)) == 40


def test_another_opening_of_the_folder_sees_whole_commits(lexical: Lexical, tmp_path: Path) -> None:
    other = Lexical(tmp_path / "words")
    lexical.update([Document("e", "d", "electrician")], ["a"])
    assert keys(other.search("electrician", 3)) == ["e"]
    other.update([Document("f", "d", "florist")])
    assert (lexical.size, other.size) == (5, 5)
    assert keys(lexical.search("florist", 3)) == ["f"]


def test_readers_beside_a_writer_see_only_whole_commits(tmp_path: Path) -> None:
    lexical, done, wrong = Lexical(tmp_path), threading.Event(), list[object]()
    lexical.update(documents({str(n): "nurse round0" for n in range(20)}))

    def read() -> None:
        mine = Lexical(tmp_path)
        while not done.is_set():
            hits, known = len(mine.search("round0", 99)), set(held(mine).values())
            wrong.extend([hits] if hits not in {0, 20} else [])
            wrong.extend([known] if len(known) != 1 else [])

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for n in range(1, 10):
        lexical.update(Document(str(key), f"{n}", f"nurse round{n}") for key in range(20))
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []


def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from lakehouse.index.words.lexical import Document, Lexical\n"
        "mine = Lexical(Path(sys.argv[1]))\n"
        "for n in range(6): mine.update([Document(sys.argv[2] + str(n), 'd', 'nurse')])\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name]) for name in "xy"]
    assert [writer.wait() for writer in writers] == [0, 0]
    lexical = Lexical(tmp_path)
    assert lexical.size == len(lexical.known()) == len(lexical.search("nurse", 99)) == 12


def test_a_writer_waits_for_the_lock_only_so_long(tmp_path: Path) -> None:
    lexical = Lexical(tmp_path, lock_wait_s=0)
    handle = os.open(tmp_path / "lock", os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(Unavailable, match="another process"):
        lexical.update([Document("a", "d", "nurse")])
    os.close(handle)
    lexical.update([Document("a", "d", "nurse")])
    assert lexical.size == 1


@pytest.mark.crash
@pytest.mark.parametrize("after", range(4))
def test_a_killed_writer_leaves_the_old_state_or_the_new_one(tmp_path: Path, after: int) -> None:
    code = (
        "import sys; from pathlib import Path; from lakehouse.index.words.lexical import Document, Lexical\n"
        "mine = Lexical(Path(sys.argv[1]))\n"
        "for n in range(10_000):\n"
        "    mine.update([Document(str(key), str(n), f'nurse round{n}') for key in range(30)])\n"
        "    print(n, flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        spin = random.Random(after).randint(0, 40_000)
        for _ in range(after + 1):
            acknowledged = int(writer.stdout.readline())
        sum(range(spin))  # so that the kill falls at another moment of the next update
        writer.kill()
    lexical = Lexical(tmp_path)
    [digest] = set(held(lexical).values())
    assert int(digest) >= acknowledged
    assert lexical.size == len(lexical.search(f"round{digest}", 99)) == 30
    lexical.update([Document("after", "d", "florist")])
    assert lexical.size == 31
    assert len([path for path in tmp_path.iterdir() if path.name.isdigit()]) == 1


def test_every_damaged_file_is_seen_on_opening(lexical: Lexical, tmp_path: Path) -> None:
    lexical.update([Document("e", "d", "electrician")])
    lexical.close()
    dice, sound = random.Random(5), tmp_path / "words"
    names = [p.relative_to(sound) for p in sound.rglob("*") if p.is_file() and "lock" not in p.name]
    assert len(names) > 10
    for name in names:
        for _ in range(3):
            hurt = tmp_path / "hurt"
            shutil.copytree(sound, hurt)
            _damage(hurt / name, dice)
            with pytest.raises(Corrupt) as raised:
                Lexical(hurt)
            assert "delete its folder" in raised.value.hint
            shutil.rmtree(hurt)


def _damage(path: Path, dice: random.Random) -> None:
    data = bytearray(path.read_bytes())
    if dice.random() < 0.3 or not data:
        path.write_bytes(data[: len(data) // 2] if data else b"x")
        return
    data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    path.write_bytes(data)


@pytest.mark.parametrize("name", ["sealed.json", "1"])
def test_a_missing_piece_is_damage(lexical: Lexical, tmp_path: Path, name: str) -> None:
    lexical.close()
    path = tmp_path / "words" / name
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(Corrupt):
        Lexical(tmp_path / "words")


def test_a_folder_that_was_taken_away_is_damage_to_who_has_it_open(lexical: Lexical, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "words")
    with pytest.raises(Corrupt):
        lexical.search("nurse", 1)
    Lexical(tmp_path / "words").update([Document("z", "d", "nurse")])
    assert keys(lexical.search("nurse", 9)) == ["z"]


def test_a_seal_of_another_version_is_made_again(lexical: Lexical, tmp_path: Path) -> None:
    path = tmp_path / "words" / "sealed.json"
    body = json.loads(path.read_bytes())["state"] | {"format": 999}
    proof = hashlib.sha256(json.dumps(body, separators=(",", ":")).encode()).hexdigest()
    path.write_text(json.dumps({"sha256": proof, "state": body}))
    with pytest.raises(Corrupt, match="another version"):
        Lexical(tmp_path / "words")


@pytest.mark.parametrize("seal", ["", "{}", "[]", "null", '{"state": 1, "sha256": 2}'])
def test_a_seal_that_is_none_is_damage(tmp_path: Path, seal: str) -> None:
    (tmp_path / "sealed.json").write_text(seal)
    with pytest.raises(Corrupt):
        Lexical(tmp_path)


def test_a_file_where_the_folder_must_be_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "words").write_text("")
    with pytest.raises(LakehouseError, match="a file stands where a folder must be"):
        Lexical(tmp_path / "words")


def test_a_process_ends_cleanly_and_no_merging_outlives_an_update(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from lakehouse.index.words.lexical import Document, Lexical\n"
        "mine = Lexical(Path(sys.argv[1]))\n"
        "for n in range(4): mine.update([Document(str(n), 'd', 'nurse')])\n"
        "names = [p.read_text() for p in Path('/proc/self/task').glob('*/comm')]\n"
        "assert not [name for name in names if name.startswith('merge')], names\n"
        "mine.close()\n"
    )
    command = [sys.executable, "-W", "error", "-c", code, str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_panic_of_the_native_part_is_an_error_of_ours() -> None:
    panic = type("PanicException", (BaseException,), {})
    for raised in (panic("out of bounds"), ValueError("corrupt"), OSError("gone")):
        with pytest.raises(Corrupt, match="cannot be read"), native.Border(Corrupt, "cannot be read", "hint"):
            raise raised
    with pytest.raises(KeyboardInterrupt), native.Border(Corrupt, "cannot be read", "hint"):
        raise KeyboardInterrupt


def test_importing_it_does_not_load_the_library() -> None:
    code = "import sys, lakehouse.index.words.lexical; assert 'tantivy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.skipif(not COLLECTIONS.is_dir(), reason="the retrieval collections are not here")
@pytest.mark.parametrize(
    ("name", "floor"), [("cran", 0.360), ("time", 0.676), ("cisi", 0.396), ("npl", 0.436)]
)
def test_english_is_searched_as_well_as_the_reference_does(tmp_path: Path, name: str, floor: float) -> None:
    def lines(file: str) -> Iterator[dict[str, str]]:
        yield from map(json.loads, (COLLECTIONS / name / file).read_text().splitlines())

    lexical = Lexical(tmp_path)
    lexical.update(Document(d["id"], "", f"{d['title']} {d['text']}") for d in lines("docs.jsonl"))
    judged: dict[str, dict[str, float]] = {}
    for line in (COLLECTIONS / name / "qrels.tsv").read_text().splitlines()[1:]:
        query, document, grade = line.split("\t")
        judged.setdefault(query, {})[document] = float(grade)
    scores = [
        ndcg(keys(lexical.search(q["text"], 10)), judged[q["id"]])
        for q in lines("queries.jsonl")
        if q["id"] in judged
    ]
    print(f"{name}: nDCG@10 {sum(scores) / len(scores):.4f} over {len(scores)} queries")
    assert sum(scores) / len(scores) >= floor - 0.005


def ndcg(found: list[str], grades: dict[str, float]) -> float:
    """nDCG@10 with the grade itself as gain."""
    best = sorted(grades.values(), reverse=True)[:10]
    gains = [grades.get(key, 0.0) for key in found]
    return sum(g / math.log2(n + 2) for n, g in enumerate(gains)) / sum(
        g / math.log2(n + 2) for n, g in enumerate(best)
    )
