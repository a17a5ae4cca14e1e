"""Taking a model's thinking out of its reply: `<think>` blocks are never data."""

from __future__ import annotations

import re

_MARK = re.compile(r"<(/?)(think|thinking|reasoning)>", re.IGNORECASE)


def without_reasoning(text: str) -> str:
    """Return the reply less its thinking.

    A block that is not closed reaches to the end; an end without a beginning (the prompt held
    it) ends thinking that began with the reply.
    """
    if "<" not in text:
        return text
    kept: list[str] = []
    depth, begin = 0, 0
    for mark in _MARK.finditer(text):
        if mark[1]:
            if depth == 0:
                kept.clear()
            depth = max(depth - 1, 0)
            begin = mark.end()
        else:
            if depth == 0:
                kept.append(text[begin : mark.start()])
            depth += 1
    return "".join([*kept, "" if depth else text[begin:]])
