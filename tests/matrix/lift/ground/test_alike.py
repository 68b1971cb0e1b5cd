import numpy as np

from lakehouse.matrix.lift.ground.alike import alike, clusters
from tests.matrix.lift.scene import tiny

ONE, NEAR, FAR = np.array([[1, 0], [0.9, 0.436], [0, 1]], np.float32)


def test_a_question_is_wholly_like_itself_and_its_wordings_are_nearer_than_other_needs() -> None:
    asked = tiny().asked
    found = alike(asked[:12], asked[:12])
    assert np.allclose(np.diag(found), 1, atol=1e-4)
    assert np.allclose(found, found.T, atol=1e-5)
    assert found[0, 1:6].min() > alike(asked[:1], asked[12:]).max()


def test_nothing_is_like_nothing() -> None:
    assert alike([], tiny().asked[:3]).shape == (0, 3)
    assert alike(tiny().asked[:3], []).shape == (3, 0)


def test_needs_that_are_nearly_one_are_in_one_cluster_and_so_are_their_likes() -> None:
    chain = {"a": ONE, "b": NEAR, "c": FAR, "d": np.array([0.57, 0.82], np.float32)}
    assert clusters(chain, least=0.86) == (("a", "b", "d"), ("c",))
    assert clusters({"a": ONE, "b": FAR}, least=0.85) == (("a",), ("b",))


def test_the_order_in_which_needs_come_changes_no_cluster() -> None:
    forward = {"a": ONE, "b": NEAR, "c": FAR}
    assert clusters(forward, least=0.8) == clusters(dict(reversed(forward.items())), least=0.8)
