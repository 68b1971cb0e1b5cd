"""[acts] Our playbook as a ranker under test: the same memory and the same blending that the lake runs."""

from collections.abc import Sequence
from dataclasses import replace

from lakehouse.matrix.lift.arm import Asked
from lakehouse.matrix.playbook.events import Need, Outcome, Search, Shown
from lakehouse.matrix.playbook.memory import Memory
from lakehouse.matrix.playbook.params import DEFAULTS, PlaybookParams
from lakehouse.search.blend import blend
from lakehouse.search.hits import Learning

CORPUS = "lift"
MODEL = "lift"
SHOWN = 10
DAY_MS = 86_400_000


class Ours:
    """The playbook, whole or without one of its parts."""

    def __init__(self, params: PlaybookParams = DEFAULTS, *, without: str = "", a_day: int = 50) -> None:
        """Args: `without` names a part to leave out; `a_day` is how many searches pass in a day."""
        chosen = replace(params, without=",".join((*params.left_out, without))) if without else params
        self.name = f"ours minus {without}" if without else "ours"
        self.memory = Memory(chosen)
        self.counters = Learning()
        self._searches = 0
        self._step_ms = DAY_MS // a_day

    def rank(self, asked: Asked) -> Sequence[str]:
        """Keys, best first."""
        need = self._need(asked)
        found = self.memory.boosts(need)
        if not found.evidence or found.weight == 0:  # the search then leaves its own order alone
            self.counters = Learning()
            return [key for key in asked.order if key not in asked.gone]
        base = {(CORPUS, key): score for key, score in asked.base.items()}
        boosts, joining = found.scaled(), found.injected
        if asked.allowed is not None:  # what does not meet the conditions is never looked at
            joining = frozenset(row for row in joining if row in base or row[1] in asked.allowed)
            boosts = {row: boost for row, boost in boosts.items() if row in base or row in joining}
        ranked, self.counters = blend(base, boosts, injected=joining, k=SHOWN)
        return [one.row[1] for one in ranked if one.row[1] not in asked.gone]

    def learn(self, search_id: str, asked: Asked, shown: Sequence[str], outcomes: Sequence[Outcome]) -> None:
        """Take a list that was shown with what became of it."""
        need = self._need(asked)
        rows = tuple(
            Shown(corpus=CORPUS, key=key, rank=rank, base=asked.base.get(key, 0.0))
            for rank, key in enumerate(shown, 1)
        )
        told = Search(
            search_id=search_id, at_ms=need.now_ms, text=asked.text, vector=asked.vector, model=MODEL,
            shown=rows, keys=asked.keys,
        )  # fmt: skip
        self.memory.tell(told, [replace(one, corpus=CORPUS) for one in outcomes])
        self.memory.study()
        self._searches += 1

    def _need(self, asked: Asked) -> Need:
        now_ms = self._searches * self._step_ms
        return Need(text=asked.text, vector=asked.vector, model=MODEL, keys=asked.keys, now_ms=now_ms)


def make_ours(params: PlaybookParams = DEFAULTS, *, without: str = "") -> Ours:
    """A fresh one."""
    return Ours(params, without=without)
