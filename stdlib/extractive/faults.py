"""Several checks in one verdict: each word that is no pass names the check whose fault it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from atkc.stdlib.extractive.aligning import Judgement
from atkc.stdlib.extractive.wanted import word_for

# The first row whose pattern fits a word is its check.
_CHECKS = (
    ("premise", r"\bpremise|\b(?:un|not |no )contradict"),
    ("question", r"answer|question"),
    ("relevancy", r"relevan|relate|topic|off the point|stray|digress"),
    ("accuracy", r"accura|correct|fact|support|contradict|untrue|wrong|false|error"),
)
_WRONG = ("number", "name", "negation", "word")  # said of the matter, and not as the passage has it


def checks_in(words: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return (check, word) for each word that names a fault, in order; none where one does not."""
    passing = word_for(tuple(words), "pass") if words else ""
    found = [(_check_of(word), word) for word in words if word != passing]
    return tuple(found) if all(check for check, _ in found) else ()


def _check_of(word: str) -> str:
    return next((check for check, fits in _CHECKS if re.search(fits, word.lower())), "")


def first_fault(
    checks: Iterable[tuple[str, str]], judge: Callable[[str], Judgement]
) -> tuple[str, Judgement]:
    """Return the word of the first check that fails, empty if none does, and the judgement.

    What an answer says wrongly is a matter of accuracy where that is checked as well as relevancy.
    """
    checks = tuple(checks)
    accuracy = any(check == "accuracy" for check, _ in checks)
    judged = Judgement(True, "Nothing is checked.")
    for check, word in checks:
        judged = judge(check)
        wrong = check == "relevancy" and accuracy and judged.kind in _WRONG
        if not judged.ok and not wrong:
            return word, judged
    return "", judged
