"""Glob patterns over POSIX paths, with `**` for any number of folders."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache


def matches_any(path: str, patterns: Iterable[str]) -> bool:
    """Return whether a pattern matches the path or a folder above it.

    A pattern without a slash is tried on every name along the path.
    """
    return any(_matches(path, pattern) for pattern in patterns)


def _matches(path: str, pattern: str) -> bool:
    names = path.split("/")
    pattern = pattern.removeprefix("./").rstrip("/")
    if "/" not in pattern:
        return any(_compiled(pattern).fullmatch(name) for name in names)
    heads = ("/".join(names[:n]) for n in range(1, len(names) + 1))
    return any(_compiled(pattern).fullmatch(head) for head in heads)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    out = re.sub(r"\*\*/|\*\*|\*|\?|\[!?[^\]/]+\]|.", _piece, pattern, flags=re.DOTALL)
    return re.compile(out, re.DOTALL)


def _piece(found: re.Match[str]) -> str:
    piece = found[0]
    fixed = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    if piece in fixed:
        return fixed[piece]
    if len(piece) > 1:
        negated = piece[1] == "!"
        inner = piece[2 if negated else 1 : -1].replace("\\", r"\\").replace("^", r"\^")
        return f"[{'^' if negated else ''}{inner}]"
    return re.escape(piece)
