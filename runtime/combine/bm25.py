"""BM25 over words: which texts of a pool are about the same things as a query."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

_K1, _B = 1.2, 0.75  # the usual values: saturation of repeats, weight of length

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_WORD = re.compile(rf"[{_CJK}]+|[^\W{_CJK}]+")
_IS_CJK = re.compile(rf"[{_CJK}]")


def words(text: str) -> list[str]:
    """Return the words of a text; scripts without spaces give pairs of characters."""
    found = []
    for word in _WORD.findall(text.casefold()):
        if len(word) > 1 and _IS_CJK.match(word):
            found += [word[i : i + 2] for i in range(len(word) - 1)]
        else:
            found.append(word)
    return found


class Bm25:
    """An index over the texts of a pool."""

    def __init__(self, texts: Sequence[str]) -> None:
        postings: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        lengths = []
        for number, text in enumerate(texts):
            counts = Counter(words(text))
            lengths.append(counts.total())
            for word, count in counts.items():
                postings[word].append((number, count))
        mean = sum(lengths) / len(lengths) if lengths else 0
        self._postings = postings
        self._norms = [_K1 * (1 - _B + _B * n / mean) if mean else _K1 for n in lengths]

    def ranked(self, query: str) -> list[int]:
        """Return the texts that share a word with the query, best first, ties in pool order."""
        scores: defaultdict[int, float] = defaultdict(float)
        for word in dict.fromkeys(words(query)):
            found = self._postings.get(word, ())
            idf = math.log(1 + (len(self._norms) - len(found) + 0.5) / (len(found) + 0.5))
            for number, count in found:
                scores[number] += idf * count * (_K1 + 1) / (count + self._norms[number])
        return sorted(scores, key=lambda number: (-scores[number], number))
