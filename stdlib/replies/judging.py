"""Reading a verdict: a closed set of words, whole, not negated, and only one of them."""

from __future__ import annotations

from atkc.runtime.errors import ReplyError
from atkc.spec.contract import Verdict
from atkc.stdlib.replies.wording import Word, words_of

KEPT = "pass"  # the value of what a filter keeps
MAX_LINE = 2000  # characters of a verdict line that are looked at
_REACH = 3  # words ahead of a value in which "not" turns it round
_CLAUSE_ENDS = frozenset(".,:;!?()[]/|—–…،؛؟。，、；：！？")
_NEGATION_WORDS = """
    not no non never neither nor un without cannot hardly barely
    nicht kein keine keinen nie niemals ne pas jamais ni nunca jamás não не нет ни
    ليس ليست غير لا لم 不 不是 没有 并非
"""
_HEDGE_WORDS = """
    mostly partially partly partial somewhat almost nearly largely possibly maybe perhaps
    teilweise größtenteils überwiegend fast vielleicht partiellement parcialmente casi
    частично почти جزئيا تقريبا
"""
# Those of them that, straight before a word, say its opposite and nothing else.
_OPPOSITE_WORDS = "not non nicht pas no não не 不 不是 ليس ليست غير"
_NEGATIONS = frozenset(_NEGATION_WORDS.split())
_OPPOSITES = frozenset(_OPPOSITE_WORDS.split())
_HEDGES = frozenset(_HEDGE_WORDS.casefold().split())


def judge(verdict: Verdict, line: str) -> str:
    """Return the one value that the line says.

    Where phrases overlap the longest counts (`not suitable` over `suitable`). Where a verdict is
    either `pass` or one other value, what is said not to pass is the other. Raises `no-verdict`
    and, for two values or half of one ("partially relevant"), `ambiguous-verdict`.
    """
    words = words_of(line[:MAX_LINE])
    phrases = _phrases(verdict)
    opposite = _opposite(verdict)
    said: set[str] = set()
    at = 0
    while at < len(words):
        value, length = _longest(words, at, phrases)
        if value == KEPT and opposite and _denied(words, at):
            said.add(opposite)
        elif value is not None and not _negated(words, at):
            if at and words[at - 1].text in _HEDGES and not _ends_clause(words[at].gap):
                raise ReplyError("ambiguous-verdict", f"the verdict is half a one: `{_cut(line)}`")
            said.add(value)
        at += max(length, 1)
    if not said:
        raise ReplyError("no-verdict", f"no verdict stands in `{_cut(line)}`")
    if len(said) > 1:
        both = ", ".join(sorted(said))
        raise ReplyError("ambiguous-verdict", f"`{_cut(line)}` says all of: {both}")
    return said.pop()


def _phrases(verdict: Verdict) -> list[tuple[list[str], str]]:
    return [
        ([word.text for word in words_of(phrase)], value)
        for value, phrases in verdict.values
        for phrase in phrases
    ]


def _opposite(verdict: Verdict) -> str | None:
    """Return what a verdict is that does not pass, if that can be one value only."""
    names = [value for value, _ in verdict.values]
    others = [name for name in names if name != KEPT]
    return others[0] if len(others) == 1 and len(names) == 2 else None


def _longest(
    words: list[Word], at: int, phrases: list[tuple[list[str], str]]
) -> tuple[str | None, int]:
    best: tuple[str | None, int] = (None, 0)
    for phrase, value in phrases:
        here = [word.text for word in words[at : at + len(phrase)]]
        if here == phrase and len(phrase) > best[1]:
            best = (value, len(phrase))
    return best


def _denied(words: list[Word], at: int) -> bool:
    """Return whether the word straight before says the opposite: `not suitable`."""
    if not at or _ends_clause(words[at].gap):
        return False
    before = words[at - 1].text
    return before in _OPPOSITES or before.endswith("n't")


def _negated(words: list[Word], at: int) -> bool:
    """Return whether a negation stands closely ahead, in the same clause."""
    for back in range(at, max(at - _REACH, 0), -1):
        if _ends_clause(words[back].gap):
            return False
        before = words[back - 1].text
        if before in _NEGATIONS or before.endswith("n't"):
            return True
    return False


def _ends_clause(gap: str) -> bool:
    return any(char in _CLAUSE_ENDS for char in gap)


def _cut(line: str) -> str:
    line = line.strip()
    return line if len(line) <= 80 else line[:77] + "..."
