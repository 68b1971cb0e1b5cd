from lakehouse.matrix.lift.attack import Attacked
from lakehouse.matrix.lift.plan import Task, tasks
from lakehouse.matrix.lift.proof import figures, report
from lakehouse.matrix.lift.rejudge import Rejudged
from lakehouse.matrix.lift.run import HIDDEN, RETIRED, perform, run, setting
from lakehouse.matrix.lift.stream import CHECKPOINTS, Played
from tests.matrix.lift.scene import tiny

USERS = ("clicks", "random", "focused")
FAST = ("cache", "popularity")


def task(kind: str, user: str = "", *, has_curve: bool = False) -> Task:
    return Task(world="tiny", kind=kind, user=user, seed=1, arms=("none", "cache"), has_curve=has_curve)


def written(*, processes: int) -> str:
    plan = [one for one in tasks([tiny()], seeds=1, quick=True, arms=FAST) if one.user in USERS]
    dones = tuple(run([tiny()], plan, processes=processes))
    return report.text(report.document(figures.of(dones, {"tiny": tiny()}), code="c", seeds=1))


def test_a_rerun_is_the_same_byte_for_byte_however_many_processes_share_it() -> None:
    once = written(processes=1)
    assert once == written(processes=1)
    assert once == written(processes=2)


def test_every_kind_of_task_gives_its_kind_of_result() -> None:
    streams = perform(tiny(), task("stream", "clicks"))
    assert all(isinstance(shown, Played) for shown in streams.shown.values())
    attacks = perform(tiny(), task("attack", "sybil")).shown["cache"]
    assert isinstance(attacks, tuple)
    assert all(isinstance(one, Attacked) for one in attacks)
    assert isinstance(perform(tiny(), task("rejudged")).shown["none"], Rejudged)
    assert sorted(perform(tiny(20), task("titles")).shown["none"]) == [0, 20]


def test_half_of_the_documents_come_later_and_a_third_is_retired() -> None:
    later, dead = setting(tiny(), task("new documents")), setting(tiny(), task("dead documents"))
    assert len(later.hidden) == HIDDEN * len(tiny().documents)
    assert len(dead.retired) == RETIRED * len(tiny().documents)
    assert (later.retired, dead.hidden) == (frozenset(), frozenset())
    assert setting(tiny(), task("new documents")) == later


def test_only_a_curve_is_measured_on_the_way() -> None:
    assert setting(tiny(), task("stream", "clicks")).checkpoints == ()
    assert setting(tiny(), task("stream", "clicks", has_curve=True)).checkpoints == CHECKPOINTS
