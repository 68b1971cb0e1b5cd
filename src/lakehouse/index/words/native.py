"""[acts] The one module that knows tantivy: how a text becomes terms, how a state is written and searched.

Import it late: it costs 20 ms. Whatever the library throws, a panic of its native part too, ends here.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from struct import Struct
from types import TracebackType
from typing import Final, Self

from tantivy import (
    DocAddress,
    Document,
    Filter,
    Index,
    Occur,
    Query,
    Schema,
    SchemaBuilder,
    TextAnalyzer,
    TextAnalyzerBuilder,
    Tokenizer,
)

from lakehouse.base.errors import Corrupt, LakehouseError, Unavailable
from lakehouse.index.words.phrase import Asked
from lakehouse.index.words.weigh import rarity

STOP_WORDS: Final = """
a about above after again against all also am an and any are as at be because been before being below between
both but by can cannot could did do does doing down during each few for from further had has have having he
her here hers herself him himself his how i if in into is it its itself may me might more most must my myself
no nor not of off on once only or other ought our ours ourselves out over own same shall she should so some
such t s than that the their theirs them themselves then there these they this those through to too under
until up upon very was we were what when where which while who whom why will with would you your yours
yourself yourselves
"""
"""English function words; `s` and `t` are what an apostrophe leaves. nDCG@10 on CISI is .383 with the 33 that
the library brings, .417 with these; Cranfield .358 and .366, TIME .682 and .681, NPL .435 and .439."""

LONGEST: Final = 100
"""Bytes of a word; what is longer is no word but data (a key, a picture), and would bloat the dictionary."""

HEAP_BYTES: Final = 64_000_000
"""Of the one indexing thread; when it is full, a segment is written."""

HEAD: Final = Struct(">QQQ")
"""What `ORDER` keeps of a key."""

ORDER: Final = ("order0", "order1", "order2")
"""Columns with the first 24 bytes of the key, 8 in each: ties are put in order without reading rows."""

FIRST: Final = 64
"""Hits to fetch at first; little more than a page costs nothing more."""

SPARE: Final = 16
"""Fetched beyond what will be read, since rows that share the last score wait for the next fetch."""

GROWTH: Final = 8

PENDING: Final = 50_000
"""Changes between two commits to the draft, which nobody sees; until then deletions wait in memory."""

Row = tuple[str, str, str]
"""Key, digest, text."""


class Border:
    """Turns what the library throws inside into errors of ours."""

    def __init__(self, kind: type[LakehouseError], message: str, hint: str) -> None:
        self._error = kind(message, hint=hint)

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A panic derives from BaseException alone, and its class cannot be imported.
        if kind and (issubclass(kind, ValueError | OSError) or kind.__name__ == "PanicException"):
            raise self._error from error


def _reading() -> Border:
    return Border(Corrupt, "the index of words cannot be read", "delete its folder; it is made again")


def _writing() -> Border:
    return Border(Unavailable, "the index of words cannot be written", "free disk space, then try again")


def schema() -> Schema:
    """The fields of a row."""
    builder = SchemaBuilder()
    builder.add_text_field("key", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("digest", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("text", stored=True, tokenizer_name="words", index_option="position")
    for name in ORDER:
        builder.add_unsigned_field(name, fast=True)
    return builder.build()


def analyser() -> TextAnalyzer:
    """How a text becomes terms: words in lower case, without accents and endings, function words left out."""
    builder = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(LONGEST))
    builder = builder.filter(Filter.lowercase()).filter(Filter.ascii_fold())
    builder = builder.filter(Filter.custom_stopword(STOP_WORDS.split()))
    return builder.filter(Filter.stemmer("english")).build()


class Writer:
    """Writes rows into a folder; the end of `with` commits them, an error takes all of them back."""

    def __init__(self, folder: Path, *, is_new: bool) -> None:
        with _writing():
            index = Index(schema(), str(folder)) if is_new else Index.open(str(folder))
            index.config_reader("manual")  # else a thread looks for changes twice a second
            index.register_tokenizer("words", analyser())
            self._writer = index.writer(HEAP_BYTES, 1)
        self._pending = 0

    def put(self, key: str, digest: str, text: str) -> None:
        """Add a row in place of the one with the same key."""
        row = Document(key=key, digest=digest, text=text)
        head = key.encode()[:24].ljust(24, b"\0")
        for n, name in enumerate(ORDER):
            row.add_unsigned(name, int.from_bytes(head[8 * n : 8 * n + 8], "big"))
        self.remove(key)
        with _writing():
            self._writer.add_document(row)

    def remove(self, key: str) -> None:
        """Take the row with this key out, if there is one."""
        self._pending += 1
        with _writing():
            if self._pending % PENDING == 0:
                self._writer.commit()
            self._writer.delete_documents_by_term("key", key)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Either way no thread is at work any more afterwards.
        with _writing():
            if kind:
                self._writer.rollback()
            else:
                self._writer.commit()
            self._writer.wait_merging_threads()


class Reader:
    """One state, loaded; safe between threads. Its files must have been checked before."""

    def __init__(self, folder: Path) -> None:
        with _reading():
            index = Index.open(str(folder))
            index.config_reader("manual")
            index.reload()
            self._searcher = index.searcher()
            self._schema = index.schema
        self._analyser = analyser()

    @property
    def rows(self) -> int:
        """How many there are."""
        return self._searcher.num_docs

    @property
    def segments(self) -> int:
        """Parts that every search looks into; merging keeps them few."""
        return self._searcher.num_segments

    def read(self, keys: Sequence[str]) -> Iterator[Row]:
        """The rows with these keys, those that there are. Cost: 5 µs a row."""
        with _reading():
            for key in keys:
                # One term each: a set of terms would walk the dictionary of every segment.
                for _, address in self._searcher.search(self._term("key", key), 1, count=False).hits:
                    row = self._searcher.doc(address)
                    yield str(row["key"][0]), str(row["digest"][0]), str(row["text"][0])

    def ranked(
        self, asked: Asked, *, first: int = 0, allowed: Collection[str] | None = None
    ) -> Iterator[tuple[str, float]]:
        """Keys and scores of the rows that answer, best first, equal ones by key; read as far as needed.

        Args:
            first: how many will be read at least; they are then fetched in one go.
            allowed: keys of the rows that may answer; a set of terms, so 1 µs for each.
        """
        query = self._query(asked)
        if query is None:
            return
        if allowed is not None:
            keys = Query.const_score_query(Query.term_set_query(self._schema, "key", list(allowed)), 0.0)
            query = Query.boolean_query([(Occur.Must, query), (Occur.Must, keys)])
        limit, given = max(FIRST, first + SPARE), set[str]()
        while True:
            with _reading():
                hits = self._searcher.search(query, limit, count=False).hits
            is_all = len(hits) < limit
            scores = [-_rounded(hit) for hit in hits]
            # The rest of those with the last score may not be here yet.
            whole = len(hits) if is_all else bisect_left(scores, scores[-1])
            found = self._keys([address for _, address in hits[:whole]])
            ordered = sorted(zip(scores, found, strict=False))
            yield from ((key, -score) for score, key in ordered if key not in given)
            if is_all:
                return
            given.update(found)
            limit *= GROWTH

    def terms(self, asked: Asked) -> Counter[str]:
        """The terms of a question and how often it says each; excluded ones are not counted."""
        said = (*asked.words, *asked.phrases, *(fuzzy.word for fuzzy in asked.fuzzy))
        return Counter(term for word in said for term in self._analyser.analyze(word))

    def holding(self, terms: Collection[str]) -> dict[str, int]:
        """Term to rows that say it, where any does; rows that were replaced lately may still be counted."""
        with _reading():
            counted = {term: self._searcher.doc_freq("text", term) for term in terms}
        return {term: rows for term, rows in counted.items() if rows}

    def weighed(self, weights: Mapping[str, float], keys: Collection[str]) -> dict[str, float]:
        """BM25 of these rows with weights of the caller's; a row that says none of the terms is left out.

        Rows that were replaced or removed and are not merged away yet shift it by some percent of itself.
        """
        clauses = [
            (
                Occur.Should,
                Query.boost_query(self._term("text", term), weights[term] / rarity(self.rows, rows)),
            )
            for term, rows in self.holding(weights).items()
        ]
        if not clauses or not keys:
            return {}
        named = Query.const_score_query(Query.term_set_query(self._schema, "key", list(keys)), 0.0)
        query = Query.boolean_query([(Occur.Must, Query.boolean_query(clauses)), (Occur.Must, named)])
        with _reading():
            hits = self._searcher.search(query, len(keys), count=False).hits
        found = self._keys([address for _, address in hits])
        return dict(zip(found, map(_rounded, hits), strict=True))

    def saying(self, phrase: str, among: Collection[str] | None = None) -> frozenset[str] | None:
        """Keys of the rows that say a word or phrase; None: it is all function words.

        Args:
            among: of these rows only; a set of terms, so 1 µs for each.
        """
        said = next(self._phrases((phrase,)), None)
        if said is None:
            return None
        clauses = [(Occur.Must, Query.const_score_query(said, 0.0))]
        if among is not None:
            keys = Query.term_set_query(self._schema, "key", list(among))
            clauses.append((Occur.Must, Query.const_score_query(keys, 0.0)))
        most = self.rows if among is None else len(among)
        if not most:
            return frozenset()
        with _reading():
            hits = self._searcher.search(Query.boolean_query(clauses), most, count=False).hits
        return frozenset(self._keys([address for _, address in hits]))

    def _keys(self, addresses: list[DocAddress]) -> list[str]:
        """The keys of these rows, out of columns where they are short, else out of the rows themselves."""
        if not addresses:
            return []
        with _reading():
            columns = [self._searcher.fast_field_values(name, addresses) for name in ORDER]
        heads = [HEAD.pack(*parts) for parts in zip(*columns, strict=True)]
        return [
            self._key(address) if head[-1] else head.rstrip(b"\0").decode()
            for head, address in zip(heads, addresses, strict=True)
        ]

    def _key(self, address: DocAddress) -> str:
        with _reading():
            return str(self._searcher.doc(address)["key"][0])

    def _query(self, asked: Asked) -> Query | None:
        counted = Counter(term for word in asked.words for term in self._analyser.analyze(word))
        clauses = [(Occur.Should, _boosted(self._term("text", t), n)) for t, n in counted.items()]
        for fuzzy in asked.fuzzy:
            for term in self._analyser.analyze(fuzzy.word):
                near = Query.fuzzy_term_query(self._schema, "text", term, fuzzy.distance)
                clauses += [(Occur.Should, self._term("text", term)), (Occur.Should, near)]
        clauses += [(Occur.Must, phrase) for phrase in self._phrases(asked.phrases)]
        if not clauses:
            return None
        clauses += [(Occur.MustNot, phrase) for phrase in self._phrases(asked.excluded)]
        return Query.boolean_query(clauses)

    def _phrases(self, phrases: Sequence[str]) -> Iterator[Query]:
        for phrase in phrases:
            tokens = self._analyser.pre_tokenize(phrase).tokens
            # A function word that was left out leaves its gap, in the text as in the phrase.
            if len(tokens) > 1:
                yield Query.phrase_query(self._schema, "text", [(t.position, t.text) for t in tokens])
            elif tokens:
                yield self._term("text", tokens[0].text)

    def _term(self, field: str, text: str) -> Query:
        # With positions the term would be decoded with them; frequencies are what the score needs.
        return Query.term_query(self._schema, field, text, "freq" if field == "text" else "basic")


def _rounded(hit: tuple[float, DocAddress]) -> float:
    # The order in which floats are summed depends on the limit, so the last digits carry no meaning.
    return round(hit[0], 4)


def _boosted(query: Query, times: int) -> Query:
    return Query.boost_query(query, float(times)) if times > 1 else query
