from lakehouse.matrix.lift.ground.wordings import WORDINGS, company, wordings
from lakehouse.search.terms import STOP
from tests.matrix.lift.scene import collection

TEXTS = [
    "the engine burns fuel",
    "an engine burns fuel fast",
    "engine fuel and burns",
    "a wing carries load",
    "the wing carries load",
    "wing load carries",
]


def test_a_need_keeps_its_own_wording_and_gets_five_others() -> None:
    made = wordings({"q": "engine burns fuel beside the wing"}, TEXTS)["q"]
    assert (len(made), made[0]) == (WORDINGS, "engine burns fuel beside the wing")
    assert len(set(made)) > 3


def test_the_same_seed_makes_the_same_wordings_and_another_makes_others() -> None:
    needs, texts = collection().needs, list(collection().texts.values())
    assert wordings(needs, texts) == wordings(needs, texts)
    assert wordings(needs, texts, seed=8) != wordings(needs, texts)


def test_a_need_is_worded_alike_whatever_the_others_are() -> None:
    needs, texts = collection().needs, list(collection().texts.values())
    alone = dict([next(iter(needs.items()))])
    assert wordings(alone, texts).items() <= wordings(needs, texts).items()


def test_a_third_of_the_content_is_dropped() -> None:
    made = wordings(collection().needs, collection().texts.values())
    lengths = [(len(w.split()), len(variants[0].split())) for variants in made.values() for w in variants[1:]]
    assert all(0.6 <= kept / given <= 0.8 for kept, given in lengths)


def test_words_are_swapped_for_words_of_the_collection() -> None:
    known = {word for text in collection().texts.values() for word in text.split()}
    made = wordings(collection().needs, collection().texts.values())
    new = [set(w.split()) - set(variants[0].split()) for variants in made.values() for w in variants[1:]]
    assert all(len(words) <= 3 and words <= known for words in new)
    assert sum(map(bool, new)) > 0.8 * len(new)  # a neighbour may stand in the text already


def test_neighbours_are_words_that_stand_beside_the_word_and_are_no_form_of_it() -> None:
    known = company([*TEXTS, "engines burn fuels", "engines burn fuels", "engines burn fuels"])
    assert set(known.neighbours("engine")) <= {"burns", "fuel", "burn", "fuels"}
    assert "engines" not in known.neighbours("engine")
    assert "wing" not in known.neighbours("fuel")[:1]


def test_a_word_that_the_collection_hardly_knows_has_no_neighbours() -> None:
    known = company(TEXTS)
    assert known.neighbours("unheard") == ()
    assert known.neighbours("fast") == ()


def test_words_that_say_nothing_stay_where_they_are() -> None:
    made = wordings({"q": "the engine of the wing"}, TEXTS)["q"]
    assert all([w for w in text.split() if w in STOP] == ["the", "of", "the"] for text in made)


def test_a_need_without_content_is_asked_as_it_is() -> None:
    assert set(wordings({"q": "of the"}, TEXTS)["q"]) == {"of the"}
    assert set(wordings({"q": "?"}, TEXTS)["q"]) == {"?"}
