"""[pure] Words that carry no value but say how the values are meant; of English, of no table."""

from typing import Final


def bag(words: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(words.split())


PLACE: Final = bag("in near from around at within inside across throughout outside nearby to of")
"""Before a place."""

PREPOSITIONS: Final = PLACE | bag(
    "with without for on by under over above below after before about as into onto since until till "
    "through during per via having holding w"
)
HOLDING: Final = bag(
    "with without w no has have having had hold holds holding held got knows know knowing can do does "
    "possess possesses possessing carry carries carrying need needs want wants require requires and or plus "
    "lack lacked lacking lacks minus nor than except excluding certified trained"
)
"""Before something that a row has one or more of."""

QUALITIES: Final = bag("valid current active own")
DETERMINERS: Final = QUALITIES | bag(
    "a an the any some all every each another this that these those my our your their his her its "
    "such several many few more"
)
ARTICLES: Final = bag("a an the this that every each per one another my our your his her their")
COUNTING: Final = bag(
    "which what whose a an any some all every no another several many few more two three four five "
    "six seven eight"
)
CONJUNCTIONS: Final = bag("and or nor but & / + plus yet")
LISTING: Final = PLACE | bag(", not with also too both either only just")
"""Between values of one list, beside conjunctions."""
RELATIVES: Final = bag("who whom that which whose where when")
VERBS: Final = bag(
    "is are was were be been am isn't aren't has have had hold holds do does did can could will "
    "would should must may might "
    "need needs want wants live lives work works working know knows please show give find get list available "
    "required preferred wanted needed certified licensed asap today tomorrow now"
)
"""Common verbs and the like: they end a noun phrase."""

ASKING: Final = bag(
    "there need needs want wants find show get list give hire hiring seeking wanted me for search "
    "recruit fill"
)
COPULAS: Final = bag("is are was were be being am isn't aren't wasn't weren't not isnt arent")
STAND_INS: Final = bag("one ones")
"""After a value: what was named before."""

GENERIC_ROWS: Final = bag(
    "people person persons someone somebody anyone anybody everyone everybody nobody folks "
    "worker staff personnel"
)
"""What a row of people may be called in any table."""

FUNCTION: Final = (
    PREPOSITIONS
    | (DETERMINERS - QUALITIES)
    | CONJUNCTIONS
    | RELATIVES
    | bag("i me my we us you he him she her it they them is are was be am do does so if no not hi oh ok")
)
"""Never a value in lower case, whatever a table has: IN and OR are states, in and or are not."""

LITTLE: Final = bag("in or as at is it no so to us we be by do he if my of on up an am me hi oh ok")
"""Words that are codes of places too."""

CLOSING: Final = (
    PREPOSITIONS
    | CONJUNCTIONS
    | RELATIVES
    | VERBS
    | HOLDING
    | bag(
        "not neither never paid up except anywhere everywhere away other instead rather but "
        "available usually often preferably ideally"
    )
)
"""After a noun phrase."""

CLOSING_ENDS: Final = ("ing", "ed", "ly", "n't")

ENDS: Final = bag(". ; : ? ! ( ) [ ] — – | \n")
"""Marks that end a clause."""

SMALL_NUMBERS: Final = """\
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty"""
NUMBERS: Final = {word: float(n) for n, word in enumerate(SMALL_NUMBERS.split())} | {
    "thirty": 30.0, "forty": 40.0, "fifty": 50.0, "sixty": 60.0, "hundred": 100.0
}  # fmt: skip

MONTHS: Final = {
    name: n
    for n, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
"""By their first three letters."""
