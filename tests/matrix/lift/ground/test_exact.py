import numpy as np

from lakehouse.matrix.lift.ground.exact import ExactBase

TEXTS = {"a": "forklift operator in a cold store", "b": "registered nurse", "c": "welder of pipes"}


def test_the_document_with_the_words_comes_first() -> None:
    (answer,) = ExactBase(TEXTS).answers(["a forklift operator"])
    assert next(iter(answer.scores)) == "a"
    assert list(answer.scores.values()) == sorted(answer.scores.values(), reverse=True)
    assert all(0 <= score <= 1 for score in answer.scores.values())


def test_vectors_have_length_one_and_two_bases_agree() -> None:
    one, two = ExactBase(TEXTS).answers(["nurse", "pipes"]), ExactBase(TEXTS).answers(["nurse", "pipes"])
    assert [a.scores for a in one] == [a.scores for a in two]
    assert all(abs(float(np.linalg.norm(a.vector)) - 1) < 1e-5 for a in one)


def test_it_says_which_model_it_compares_with() -> None:
    assert ExactBase(TEXTS, dimension=64).model != ExactBase(TEXTS).model
    assert ExactBase(TEXTS).version
