"""Who speaks when: a system prompt at most at the start, then user and assistant in turn."""

from __future__ import annotations

from collections.abc import Iterator

from atkc.spec.diagnostic import Diagnostic
from atkc.stdlib.readiness.samples import Sample

_FOLLOWS = {
    "": ("system", "user"),
    "system": ("user",),
    "user": ("assistant",),
    "assistant": ("user", "tool"),
    "tool": ("tool", "assistant"),
}
_HINT = "mend the step that puts the turns together"


def check(sample: Sample) -> Iterator[Diagnostic]:
    """Yield the first turn out of order, and each empty one."""
    if sample.file.kind in ("chat", "sharegpt") and not sample.turns:
        yield sample.found("ATK810", "the conversation has no turns", _HINT)
    before = ""
    for turn in sample.turns:
        if turn.role not in _FOLLOWS.get(before, ()):
            where = f"after {before}" if before else "at the start"
            yield sample.found("ATK810", f"role `{turn.role}` stands {where}", _HINT)
            break
        before = turn.role
    else:
        if sample.turns and before != "assistant":
            message = f"the conversation ends with `{before}`, so nothing is learned of an answer"
            yield sample.found("ATK810", message, _HINT)
    for number, turn in enumerate(sample.turns, 1):
        if not turn.content.strip():
            message = f"turn {number} ({turn.role}) is empty"
            yield sample.found("ATK811", message, "filter such records out with `where`")
