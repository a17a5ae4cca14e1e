"""Replies that seem cut off: in the middle of a sentence, a block of code or a quotation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from atkc.spec.diagnostic import Diagnostic
from atkc.stdlib.readiness.samples import Sample

_HINT = "raise `max_tokens`, or resample replies with `cut: reject`"
_SAID = r"(?:output )?truncated|cut[ -]off|continued"
_MARK = re.compile(rf"[\[<(](?:{_SAID})[\])>]\s*\Z", re.IGNORECASE)
_FENCE = re.compile(r"^\s*(?:```|~~~)", re.MULTILINE)
# A last line of one of these kinds is no sentence: items, headings, tables, rules, key: value.
_NO_SENTENCE = re.compile(r"\s*(?:[-*+•#|>=]|\d+[.)]|[\w ]{1,24}:\s)")
_ENDS = re.compile(r"[.!?…:;\"'”’»«›)\]}>*_`~$|/\\。！？”）」』]\s*\Z")
_WORDS = 8  # a last line of fewer is an answer such as a name


def check(sample: Sample) -> Iterator[Diagnostic]:
    """Yield at most one finding, on the replies of a conversation or on a whole text."""
    if sample.turns:
        if not sample.turns[-1].ended:
            yield sample.found("ATK814", "the last turn has no end mark", _HINT)
            return
        replies = [turn.content for turn in sample.turns if turn.role == "assistant"]
    else:
        replies = [sample.text]
    for reply in replies:
        if problem := _problem(reply, prose=bool(sample.turns)):
            yield sample.found("ATK814", problem, _HINT)
            return


def _problem(reply: str, *, prose: bool) -> str | None:
    tail = reply.rstrip()[-40:]
    if _MARK.search(reply):
        return f"a reply says that it is cut off: `{tail}`"
    if len(_FENCE.findall(reply)) % 2:
        return "a block of code is not closed"
    last = reply.rstrip().rpartition("\n")[2]
    if last.count("“") > last.count("”") + last.count("„"):
        return f"a quotation is not closed: `{tail}`"
    if prose and _open_sentence(last):
        return f"a reply ends within a sentence: `{tail}`"
    return None


def _open_sentence(last: str) -> bool:
    if len(last.split()) < _WORDS or _NO_SENTENCE.match(last):
        return False
    return not _ENDS.search(last)
