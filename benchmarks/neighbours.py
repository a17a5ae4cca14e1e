"""How fast `combine op: neighbours` ranks, by words and by vectors.

    python benchmarks/neighbours.py                    20,000 texts, each of them a query
    python benchmarks/neighbours.py --texts 500        small: does it still work?

By words it is held against BM25 over Python dictionaries, which is timed on a few queries; by
vectors against one product of vector and matrix per query. Both ratios say little of the machine.
Ends with 1 if a bound is missed.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from atkc.runtime.combine.bm25 import Bm25
from atkc.runtime.combine.cosine import Cosine
from atkc.runtime.combine.nearest import best
from atkc.spec.words import words

TOP, GROUP, BY_HAND = 3, 64, 10
LEAST_WORDS, LEAST_VECTORS = 20.0, 4.0  # times as fast as by hand
DIMENSIONS = 384


def texts(count: int) -> list[str]:
    """Return texts of 100 to 300 words, some of which are in most of them as in any language."""
    rng = random.Random(1)
    names = [f"w{rank}" for rank in range(30_000)]
    weights = list(accumulate(1 / (rank + 10) for rank in range(30_000)))
    return [
        " ".join(rng.choices(names, cum_weights=weights, k=rng.randint(100, 300)))
        for _ in range(count)
    ]


def timed(work: Callable[[], object]) -> float:
    """Return the CPU seconds that something takes: others on the machine do not count."""
    began = time.process_time()
    work()
    return time.process_time() - began


def by_dictionaries(pool: Sequence[str], queries: Sequence[str]) -> float:
    """Return the seconds per query of BM25 as one would write it by hand, less its index."""
    postings: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    counts = [Counter(words(text)) for text in pool]
    for number, found in enumerate(counts):
        for word, count in found.items():
            postings[word].append((number, count))
    lengths = [found.total() for found in counts]
    mean = sum(lengths) / len(lengths)
    norms = [1.2 * (0.25 + 0.75 * length / mean) for length in lengths]

    def rank(query: str) -> list[int]:
        scores: defaultdict[int, float] = defaultdict(float)
        for word in dict.fromkeys(words(query)):
            found = postings.get(word, ())
            idf = math.log(1 + (len(pool) - len(found) + 0.5) / (len(found) + 0.5))
            for number, count in found:
                scores[number] += idf * count / (count + norms[number])
        return sorted(scores, key=lambda number: (-scores[number], number))[:TOP]

    return timed(lambda: [rank(query) for query in queries]) / len(queries)


def by_words(pool: Sequence[str]) -> tuple[float, float]:
    """Return the seconds of the index, and of a query."""
    indexes: list[Bm25] = []
    built = timed(lambda: indexes.append(Bm25(pool)))
    ranked = timed(
        lambda: [best(indexes[0].scores(text), TOP, [at]) for at, text in enumerate(pool)]
    )
    return built, ranked / len(pool)


def by_vectors(count: int) -> tuple[float, float]:
    """Return the seconds of a query, and of one product for each query."""
    rows = np.random.default_rng(1).standard_normal((count, DIMENSIONS), dtype="f4")
    packed = [row.tobytes() for row in rows]
    index = Cosine(packed)
    groups = [range(at, min(at + GROUP, count)) for at in range(0, count, GROUP)]
    ranked = timed(
        lambda: [index.ranked([packed[n] for n in g], TOP, [[n] for n in g]) for g in groups]
    )
    few = rows[:BY_HAND].astype("f8")
    wide = rows.astype("f8")
    single = timed(lambda: [np.argsort(-(wide * query).sum(axis=1)) for query in few])
    return ranked / count, single / BY_HAND


def main() -> int:
    """Print the table; return 1 if a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__, add_help=True)
    parser.add_argument("--texts", type=int, default=20_000)
    count = parser.parse_args().texts
    pool = texts(count)
    index, query = by_words(pool)
    hand = by_dictionaries(pool, pool[:BY_HAND])
    vector, single = by_vectors(count)
    print(f"{count} texts, each a query, the best {TOP} of the others; CPU seconds")
    print(f"words, index               {index:10.2f} s")
    for name, own, other, least in (
        ("words", query, hand, LEAST_WORDS),
        ("vectors", vector, single, LEAST_VECTORS),
    ):
        print(f"{name + ', all queries':<27}{own * count:10.2f} s {1e3 * own:10.3f} ms each")
        print(f"{name + ', by hand':<27}{other * count:10.2f} s {1e3 * other:10.3f} ms, estimated")
        print(f"{'times as fast':<27}{other / own:10.1f}   at least {least:g}")
    small = count < 10_000  # where fixed costs count most, bounds mean nothing
    return int(not small and (hand / query < LEAST_WORDS or single / vector < LEAST_VECTORS))


if __name__ == "__main__":
    sys.exit(main())
