"""Made-up texts: as long as asked, the same again, with words as unevenly spread as in a language."""

from collections import Counter

import pytest

from lakehouse.bench.corpora.sentences import WORDS, texts, vocabulary


def test_the_vocabulary_has_no_word_twice() -> None:
    words = vocabulary()
    assert len(set(words)) == len(words)
    assert 0.5 * WORDS < len(words) <= WORDS
    assert all(word.isalpha() and word.islower() for word in words)


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001])
def test_there_are_as_many_texts_as_asked(count: int) -> None:
    assert len(list(texts(count, words=3, seed=1))) == count


def test_every_text_has_as_many_words_as_asked_all_of_them_known() -> None:
    known = set(vocabulary())
    for text in texts(50, words=30, seed=2):
        assert len(text.split(" ")) == 30
        assert set(text.split(" ")) <= known


def test_the_same_seed_gives_the_same_texts() -> None:
    assert list(texts(20, words=8, seed=3)) == list(texts(20, words=8, seed=3))
    assert list(texts(20, words=8, seed=3)) != list(texts(20, words=8, seed=4))


def test_a_few_words_are_everywhere_and_most_are_rare() -> None:
    counts = Counter(word for text in texts(1000, words=30, seed=5) for word in text.split(" "))
    total = counts.total()
    assert sum(n for _, n in counts.most_common(100)) > 0.35 * total
    assert sum(n == 1 for n in counts.values()) > 0.2 * len(counts)
