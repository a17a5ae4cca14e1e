"""Tokens as bytes and back, for what waits on disk; what only one process reads needs no format."""

from __future__ import annotations

import marshal
import pickle
from collections.abc import Sequence
from itertools import starmap
from typing import Any

from atkc.runtime.tokens import Mark, Row, Token
from atkc.runtime.trail import Call, Source, Trail

_MARSHAL, _PICKLE = b"m", b"p"


def packed(tokens: Sequence[Token]) -> bytes:
    """Return tokens as bytes: by `marshal`, which takes half the time, if all of them are plain."""
    plain = [_plain(token) for token in tokens]
    if None not in plain:
        try:
            return _MARSHAL + marshal.dumps(plain)
        except ValueError:
            pass  # a field holds something else than JSON can say, or is nested deeply
    return _PICKLE + pickle.dumps(list(tokens), pickle.HIGHEST_PROTOCOL)


def unpacked(data: bytes) -> list[Token]:
    """Return the tokens."""
    rest = memoryview(data)[1:]
    if data[:1] == _PICKLE:
        tokens: list[Token] = pickle.loads(rest)  # noqa: S301 (our own nameless file)
        return tokens
    return [_token(*parts) for parts in marshal.loads(rest)]  # noqa: S302 (as above)


def _plain(token: Token) -> tuple[Any, ...] | None:
    """Return plain tuples; None where trails share others, which only pickle keeps shared."""
    if isinstance(token, Mark):
        return tuple(token)
    sources, calls, before, shown = token.trail
    if before or shown:
        return None
    return (*token[:3], tuple(map(tuple, sources)), tuple(map(tuple, calls)))


def _token(ordinal: Any, second: Any, third: Any, fourth: Any, calls: Any = None) -> Token:
    if calls is None:
        return Mark(ordinal, second, third, fourth)
    trail = Trail(tuple(starmap(Source, fourth)), tuple(starmap(Call, calls)))
    return Row(ordinal, second, third, trail)
