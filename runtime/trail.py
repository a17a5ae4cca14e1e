"""Where a record comes from: the sources that it was made of and the calls that made it.

A trail is immutable and shared. What a step adds is copied (it is short); what was united lies
below as it was, so that the children of a large group share the trail of the group.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple


class Source(NamedTuple):
    """A source record or a stretch of its text; `start` and `end` count its characters.

    `digest` is that of the text (of the stretch), by which it is known again; empty without one.
    """

    step: str
    name: str
    digest: bytes = b""
    start: int | None = None
    end: int | None = None
    page: int | None = None


class Call(NamedTuple):
    """What a step asked: the store's keys of the replies that counted, one for each ballot.

    A vote has `ballots` (None: could not be read) and a verdict; a prompt has neither.
    """

    step: str
    keys: tuple[bytes, ...]
    ballots: tuple[bool | None, ...] | None = None
    passed: bool | None = None


class Trail(NamedTuple):
    """Sources and calls of its own, those of the trails `before` it, and trails that were shown.

    Shown is what stood beside the record when a model was asked, and is no part of it.
    """

    sources: tuple[Source, ...] = ()
    calls: tuple[Call, ...] = ()
    before: tuple[Trail, ...] = ()
    shown: tuple[Trail, ...] = ()

    def called(self, call: Call) -> Trail:
        """Return the trail with one more call; the same one where no reply came."""
        if not call.keys:
            return self
        return Trail(self.sources, (*self.calls, call), self.before, self.shown)

    def beside(self, others: Iterable[Trail]) -> Trail:
        """Return the trail of a record that others are shown with."""
        shown = _distinct((*self.shown, *others))
        return Trail(self.sources, self.calls, self.before, shown) if shown else self

    def cut(self, whole: bytes, piece: str, start: int, page: int | None) -> Trail:
        """Return the trail of a piece that begins at `start` of the text with the digest `whole`.

        It is narrowed only if that text is the source's: one that was changed on the way has no
        places there.
        """
        own = _own(self)
        sources = list(dict.fromkeys(source for t in own for source in t.sources))
        if len(sources) != 1 or sources[0].digest != whole:
            return self
        source = sources[0]
        start += source.start or 0
        within = source._replace(
            digest=digest(piece), start=start, end=start + len(piece), page=page
        )
        calls = tuple(call for t in own for call in t.calls)
        return Trail((within,), calls, (), tuple(other for t in own for other in t.shown))


def document_of(name: str) -> str:
    """Return the name of a source less the number of its row: the rows of a file are one."""
    file, mark, row = name.rpartition("#")
    return file if mark and row.isdecimal() else name


NO_TRAIL = Trail()


def united(trails: Iterable[Trail]) -> Trail:
    """Return the trail of a record that is made of several, in their order."""
    distinct = _distinct(trails)
    if len(distinct) == 1:
        return distinct[0]
    return Trail(before=distinct) if distinct else NO_TRAIL


def digest(text: str) -> bytes:
    """Return 8 bytes by which a text is known again."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8]


def flat(trail: Trail) -> dict[str, list[dict[str, Any]]]:
    """Return sources and calls as a sidecar tells them: each once, what was only shown last."""
    sources = dict.fromkeys(trail.sources, False)
    calls = dict.fromkeys(trail.calls, False)
    if trail.before or trail.shown:
        sources, calls = _gathered(trail)
    return {
        "sources": [_source(source, shown) for source, shown in sources.items()],
        "calls": [_call(call, shown) for call, shown in calls.items()],
    }


def _gathered(trail: Trail) -> tuple[dict[Source, bool], dict[Call, bool]]:
    """Return all sources and calls, and of each whether it was only shown."""
    sources: dict[Source, bool] = {}
    calls: dict[Call, bool] = {}
    # What is shown comes second: a source that is both is the record's own.
    for shown, found in ((False, _own(trail)), (True, _shown(trail))):
        for part in found:
            for source in part.sources:
                sources.setdefault(source, shown)
            for call in part.calls:
                calls.setdefault(call, shown)
    return sources, calls


def _own(trail: Trail) -> list[Trail]:
    """Return the trails that a record is made of, oldest first."""
    return _reached((trail,), lambda t: t.before) if trail.before else [trail]


def _shown(trail: Trail) -> list[Trail]:
    """Return the trails of all that was shown beside it or beside what it is made of."""
    first = [other for t in _own(trail) for other in t.shown]
    return _reached(first, lambda t: (*t.before, *t.shown))


def _reached(first: Sequence[Trail], below: Callable[[Trail], tuple[Trail, ...]]) -> list[Trail]:
    """Return all trails that are reached, each once, after those below it."""
    out: list[Trail] = []
    seen: set[int] = set()
    left: list[tuple[Trail, bool]] = [(trail, False) for trail in reversed(first)]
    while left:
        trail, done = left.pop()
        if done:
            out.append(trail)
        elif id(trail) not in seen:
            seen.add(id(trail))
            left.append((trail, True))
            left += [(other, False) for other in reversed(below(trail))]
    return out


def _distinct(trails: Iterable[Trail]) -> tuple[Trail, ...]:
    known = {id(trail): trail for trail in trails if trail is not NO_TRAIL}
    return tuple(known.values())


def _source(source: Source, shown: bool) -> dict[str, Any]:
    return {
        "source": source.name,
        "step": source.step,
        "page": source.page,
        "start": source.start,
        "end": source.end,
        "digest": source.digest.hex(),
        "shown": shown,
    }


def _call(call: Call, shown: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"step": call.step, "keys": [key.hex() for key in call.keys]}
    if call.ballots is not None:
        told |= {"ballots": list(call.ballots), "passed": call.passed}
    return {**told, "shown": shown}
