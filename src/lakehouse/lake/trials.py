"""[acts] Trials of the indexes of a lake: measured, written down, compared; the best one is promoted."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial

from lakehouse.base.errors import Invalid, NotFound, Unavailable
from lakehouse.index.ann import Config, Vectors
from lakehouse.index.definition import configured
from lakehouse.index.generation import Facts
from lakehouse.index.index import Index, Machine
from lakehouse.index.refresh import Watch, unwatched
from lakehouse.index.trials import tuning
from lakehouse.index.trials.trial import Metric, Trial, best
from lakehouse.lake.jobs import Job, Jobs
from lakehouse.store.journal import Journal

QUERIES = 200
"""Of a trial; what they say is shown with its interval."""


class Trials(ABC):
    """What `lake.index` can do about trials; `Indexes` completes it. Safe between threads."""

    def __init__(self, machine: Machine, *, jobs: Jobs, journal: Journal) -> None:
        self._m, self.jobs, self._journal = machine, jobs, journal

    @abstractmethod
    def get(self, name: str) -> Index:
        """One index, kept open."""

    def trial(
        self,
        name: str,
        config: Mapping[str, object] | None = None,
        *,
        queries: int = QUERIES,
        eval_set: str = "",
        watch: Watch | None = None,
    ) -> Trial:
        """Build with a configuration beside the serving one, measure it, and write down what came out.

        Args:
            config: over the index's own: m, ef_construction, ef_search, storage, rerank, backend.
            queries: how many to draw from the vectors, where no set is named.
            eval_set: questions that `evaluate_on` keeps under this name.

        Raises:
            Invalid: the configuration cannot be, or there are no vectors.
            NotFound: no set of that name.
        """
        index = self.get(name)
        made = tuning.trial(
            index,
            configured(config or {}, index.definition().config),
            questions=self._questions(index, eval_set) if eval_set else tuning.drawn(queries),
            eval_set=eval_set,
            threads=self._m.threads,
            watch=watch or unwatched,
        )
        self._journal.append("trials", [tuning.record(made)])
        return made

    def evaluate_on(self, name: str, eval_set: str, questions: Sequence[str]) -> int:
        """Keep people's questions under a name, for trials of this index; how many.

        Raises:
            Invalid: no name, no question, or too many.
        """
        index = self.get(name)
        asked = [q for q in questions if q.strip()]
        if not eval_set.strip():
            raise Invalid("a set of questions needs a name", hint="evaluate_on(index, 'recruiters', […])")
        tuning.drawn(len(asked))
        self._journal.append("evals", [{"index_name": index.name, "eval_set": eval_set, "questions": asked}])
        return len(asked)

    def trials(self, name: str) -> tuple[Trial, ...]:
        """Every trial of an index, oldest first."""
        index = self.get(name)
        self._journal.flush()
        return tuning.of_index(self._journal.replay("trials"), index.name)

    def best(self, name: str, metric: Metric = "recall") -> tuple[Trial, ...]:
        """The best trial by recall or latency, or the frontier of both (pareto).

        Raises:
            NotFound: none was made yet.
            Invalid: no such metric.
        """
        if metric not in {"recall", "latency", "pareto"}:
            raise Invalid("the best by what?", hint="metric is recall, latency or pareto")
        tried = self.trials(name)
        if not tried:
            raise NotFound(f"{name} has no trials yet", hint=f"lakehouse index trial {name}")
        return best(tried, metric=metric, floor=self.get(name).definition().min_recall)

    def autotune(self, name: str, *, budget: int = 6, watch: Watch | None = None) -> Facts | None:
        """Try configurations until the grid or the budget is spent, then build and promote the best.

        Returns:
            The new generation; None where no trial reached the index's floor.
        """
        index = self.get(name)
        base = _base(index)
        for _ in range(budget):
            config = tuning.untried(self.trials(name), base)
            if config is None:
                break
            self.trial(name, asdict(config), watch=watch)
        chosen = best(self.trials(name), metric="recall", floor=index.definition().min_recall)
        if not chosen:
            return None
        index.table.redefine(lambda d: replace(d, config=chosen[0].config))
        return index.build(watch or unwatched, by="tuner")

    def tune_later(self, name: str) -> bool:
        """Queue one trial that has not been made; False when the grid is spent."""
        config = tuning.untried(self.trials(name), _base(self.get(name)))
        if config is None:
            return False
        self.start_trial(name, asdict(config))
        return True

    def start_trial(
        self,
        name: str,
        config: Mapping[str, object] | None = None,
        *,
        queries: int = QUERIES,
        eval_set: str = "",
    ) -> Job:
        """Make a trial in the background; what cannot be, or names no set of questions, is said now."""
        index = self.get(name)
        configured(config or {}, index.definition().config)
        if eval_set:
            self._kept(index, eval_set)
        work = partial(self.trial, name, config, queries=tuning.drawn(queries), eval_set=eval_set)
        return self.jobs.start("trial", name, lambda watch: work(watch=watch), again=True)

    def start_autotune(self, name: str, *, budget: int = 6) -> Job:
        """Try configurations in the background, then build and promote the best."""
        self.get(name)
        work = partial(self.autotune, name, budget=budget)
        return self.jobs.start("autotune", name, lambda watch: work(watch=watch), again=True)

    def _kept(self, index: Index, eval_set: str) -> list[str]:
        """The questions of a set, as it was kept last."""
        self._journal.flush()
        kept = [
            record["questions"]
            for record in self._journal.replay("evals")
            if (record.get("index_name"), record.get("eval_set")) == (index.name, eval_set)
        ]
        if not kept:
            raise NotFound(
                f"there is no set of questions {eval_set[:60]!r}", hint="SELECT * FROM system.evals"
            )
        return [str(q) for q in kept[-1]] if isinstance(kept[-1], list) else []

    def _questions(self, index: Index, eval_set: str) -> Vectors:
        questions = self._kept(index, eval_set)
        embedder = self._m.embedder()
        if embedder is None or str(embedder.model) != index.definition().model:
            raise Unavailable(
                "the model of this index is not here", hint=f"lakehouse index show {index.name}"
            )
        return tuning.embedded(questions, embedder)


def _base(index: Index) -> Config:
    """What the grid varies: the same whichever configuration has won so far, or it would never be spent."""
    return Config(backend=index.definition().config.backend)
