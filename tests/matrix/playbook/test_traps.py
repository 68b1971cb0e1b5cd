"""How a naive playbook fakes success, each with the check that catches it, in a small world of a fixed seed.

Twenty needs of three words in several orders and companies; ten rows each, of which three are right. The base
ranks at random, so that there is everything to learn; lift is the gain of right rows in the first three.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from lakehouse.matrix.playbook.events import Outcome, Search, Shown
from lakehouse.matrix.playbook.memory import Memory
from lakehouse.search.blend import blend
from tests.matrix.playbook.told import CORPUS, NOW, audited, need, said

NEEDS, ROWS, RIGHT, SHOWN = 20, 10, 3, 5
Answer = Callable[[str, tuple[str, ...], np.random.Generator], tuple[str, ...]]
"""Need and keys that were shown -> those that somebody says are right."""


@dataclass
class World:
    """A playbook among people of one kind."""

    answer: Answer
    audits: float = 0.25
    """Share of searches that an auditor looks at."""

    permuted: bool = False
    """The rows of each trace get each other's names on their way into the memory."""

    seed: int = 11

    def __post_init__(self) -> None:
        self.memory = Memory()
        self.drawn = np.random.default_rng(self.seed)
        self.names = np.arange(ROWS)

    def play(self, count: int) -> "World":
        """So many searches, each with what became of it."""
        for n in range(count):
            wanted = f"n{n % NEEDS}"
            text = wording(wanted, self.drawn)
            base = scores(wanted, self.drawn)
            keys = self.rank(text, base)[:SHOWN]
            self.names = self.drawn.permutation(ROWS) if self.permuted else self.names
            shown = tuple(
                Shown(corpus=CORPUS, key=self._name(key), rank=rank, base=base[key])
                for rank, key in enumerate(keys, 1)
            )
            one = Search(search_id=f"s{n}", at_ms=NOW, text=text, vector=None, model="", shown=shown)
            self.memory.tell(one, list(self._said(f"s{n}", wanted, keys)))
            self.memory.study()
        return self

    def rank(self, text: str, base: dict[str, float], *, learned: bool = True) -> tuple[str, ...]:
        """Keys, best first."""
        found = self.memory.boosts(need(text))
        boosts = found.scaled() if learned else {}
        ranked, _ = blend(
            {(CORPUS, key): score for key, score in base.items()},
            boosts,
            injected=found.injected if learned else frozenset(),
            k=SHOWN,
        )
        return tuple(one.row[1] for one in ranked)

    def lift(self, *, fresh: bool = False) -> float:
        """Gain of right rows in the first three, over new wordings of every need, or of needs never asked."""
        drawn, gains = np.random.default_rng(99), list[float]()
        for n in range(NEEDS * 5):
            wanted = f"{'f' if fresh else 'n'}{n % NEEDS}"
            text, base = wording(wanted, drawn), scores(wanted, drawn)
            with_it, without = self.rank(text, base), self.rank(text, base, learned=False)
            gains.append(share(wanted, with_it) - share(wanted, without))
        return float(np.mean(gains))

    def _said(self, name: str, wanted: str, keys: tuple[str, ...]) -> Iterator[Outcome]:
        source = f"u{int(self.drawn.integers(8))}"
        for key in self.answer(wanted, keys, self.drawn):
            yield said(name, self._name(key), source=source)
        if self.drawn.random() < self.audits:
            for key in keys:
                yield audited(name, self._name(key), is_right=is_right(wanted, key))

    def _name(self, key: str) -> str:
        wanted, _, row = key.partition("-")
        return f"{wanted}-{self.names[int(row)]}"


def wording(wanted: str, drawn: np.random.Generator) -> str:
    """The need's own three words in any order, and one of thirty that everybody uses."""
    own = [f"{wanted}{word}" for word in ("alpha", "beta", "gamma")]
    return " ".join([*drawn.permutation(own).tolist(), f"common{int(drawn.integers(30))}"])


def scores(wanted: str, drawn: np.random.Generator) -> dict[str, float]:
    """A base that knows which rows belong to the need, and not which of them are right."""
    return {f"{wanted}-{n}": float(drawn.random()) for n in range(ROWS)}


def is_right(wanted: str, key: str) -> bool:
    return key in {f"{wanted}-{n}" for n in range(RIGHT)}


def share(wanted: str, keys: tuple[str, ...]) -> float:
    return sum(is_right(wanted, key) for key in keys[:3]) / 3


def honest(wanted: str, keys: tuple[str, ...], _: np.random.Generator) -> tuple[str, ...]:
    return tuple(key for key in keys if is_right(wanted, key))


def inverted(wanted: str, keys: tuple[str, ...], _: np.random.Generator) -> tuple[str, ...]:
    return tuple(key for key in keys if not is_right(wanted, key))


def anyhow(_: str, keys: tuple[str, ...], drawn: np.random.Generator) -> tuple[str, ...]:
    return tuple(key for key in keys if drawn.random() < 0.35)


def mean_lift(answer: Answer, *, permuted: bool = False) -> float:
    """Over four worlds: what chance does to a need in one of them, it does not do in all."""
    worlds = [World(answer, permuted=permuted, seed=seed).play(200) for seed in range(4)]
    return float(np.mean([world.lift() for world in worlds]))


def test_people_who_know_are_worth_listening_to() -> None:
    world = World(honest).play(200)
    assert world.lift() > 0.4


def test_the_same_seed_gives_the_same_bit_for_bit() -> None:
    one, other = World(honest).play(120), World(honest).play(120)
    asked = need("n1alpha n1gamma n1beta")
    assert one.memory.boosts(asked) == other.memory.boosts(asked)
    assert one.lift() == other.lift()


def test_needs_that_nobody_ever_asked_for_move_by_nothing() -> None:
    assert World(honest).play(200).lift(fresh=True) == 0


def test_random_feedback_moves_next_to_nothing() -> None:
    assert abs(mean_lift(anyhow)) < 0.04


def test_permuted_row_ids_make_the_gain_vanish() -> None:
    assert abs(mean_lift(honest, permuted=True)) < 0.04


def test_a_pool_that_colludes_altogether_ends_with_no_trust_and_no_lift() -> None:
    world = World(inverted).play(200)
    assert {world.memory.lessons.weight(f"u{n}") for n in range(8)} == {0}
    assert world.memory.lessons.weight("newcomer") == 0
    assert world.lift() == 0


def test_colluders_whom_nobody_audits_gain_no_trust_by_agreeing() -> None:
    world = World(inverted, audits=0).play(200)
    assert {world.memory.lessons.weight(f"u{n}") for n in range(8)} == {Memory().lessons.weight("u0")}


def test_a_right_row_that_was_never_shown_has_no_evidence() -> None:
    world = World(honest).play(60)
    seen = {doc[1] for n in range(60) for doc in rows(world.memory, f"s{n}")}
    hidden = {f"n{n}-{row}" for n in range(NEEDS) for row in range(RIGHT)} - seen
    assert hidden
    for n in range(NEEDS):
        found = world.memory.boosts(need(wording(f"n{n}", np.random.default_rng(n)))).evidence
        assert not hidden & {key for _, key in found}


def test_evaluation_writes_nothing_back() -> None:
    world = World(honest).play(60)
    count, before = len(world.memory), world.memory.boosts(need("n1alpha n1beta n1gamma"))
    world.lift()
    assert len(world.memory) == count
    assert world.memory.boosts(need("n1alpha n1beta n1gamma")) == before


def test_one_source_alone_cannot_lift_a_row_however_often_it_says_so() -> None:
    once, often = Memory(), Memory()
    row = (CORPUS, "n1-9")
    for memory, count in ((once, 1), (often, 45)):
        for n in range(count):
            shown = (Shown(corpus=CORPUS, key="n1-9", rank=1, base=0.5),)
            one = Search(
                search_id=f"s{n}", at_ms=NOW, text="n1alpha n1beta", vector=None, model="", shown=shown
            )
            memory.tell(one, [said(f"s{n}", "n1-9", source="mallory")])
    asked = need("n1alpha n1beta")
    assert once.boosts(asked).evidence[row].boost < often.boosts(asked).evidence[row].boost <= 0.2 + 1e-9


def rows(memory: Memory, name: str) -> set[tuple[str, str]]:
    """That a search showed."""
    one = memory.search(name)
    assert one is not None
    return {shown.doc for shown in one.shown}
