"""Which word of a clause is its finite verb, where only one can be."""

from __future__ import annotations

import re

from atkc.stdlib.extractive.grammar import BREAKS, DETERMINER, PREPOSITIONS, is_plural
from atkc.stdlib.extractive.verbs import AUXILIARIES, finite
from atkc.stdlib.extractive.words import NEGATIONS


def _candidate(low: list[str], words: list[str], i: int) -> bool:
    word, before = low[i], low[i - 1]
    if i == 0 or words[i][0].isupper():
        return False
    if word in AUXILIARIES:
        return True
    form = finite(word)
    if form is None or before in DETERMINER or before in PREPOSITIONS or "-" in word:
        return False
    after = low[i + 1] if i + 1 < len(low) else ""
    if form.tense == "past":
        return not (word.endswith("ed") and before in AUXILIARIES | {"been", "being", "not", "be"})
    if before in AUXILIARIES | NEGATIONS or before.endswith("'s"):
        return False
    if form.tense == "third":
        return (
            not is_plural(before)
            and after not in AUXILIARIES
            and (after != "of" or word == "consists")
        )
    return is_plural(before) and after not in AUXILIARIES | {"of"}


def main_verb(main: str, tokens: list[tuple[int, int, str]]) -> int | None:
    """Return the index of the finite verb, or None where two words claim it."""
    low = [t[2].lower() for t in tokens]
    raw = [t[2] for t in tokens]
    found = [i for i in range(min(len(tokens), 22)) if _candidate(low, raw, i)]
    if not found:
        return None
    first = found[0]
    for other in found[1:]:
        between = main[tokens[first][1] : tokens[other][0]]
        if low[first] in AUXILIARIES or re.search(r"[,;:–—(]", between):
            break
        if any(w in BREAKS for w in low[first + 1 : other]) and low[first + 1] not in PREPOSITIONS:
            break
        if low[other] in AUXILIARIES and low[first].endswith("ed"):
            return None  # "the method used by the team was slow"
        if finite(low[first]) and finite(low[first]).tense != "past":  # type: ignore[union-attr]
            return None if low[other] in AUXILIARIES else first
        if low[first].endswith("ed") and low[first + 1] in PREPOSITIONS | {"by"}:
            return None
        break
    return first
