"""Source: a reader runs in a thread and its rows get their places, identities and a type check."""

from __future__ import annotations

import copy
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from atkc.compiler.plan import SourceOp
from atkc.runtime.api import Data, Placed, ReadFailure, ReadNote
from atkc.runtime.digests import Occurrences
from atkc.runtime.errors import InputError, RecordError
from atkc.runtime.events import RecordFailed, SourceRead, SourcesDone
from atkc.runtime.keys import source_identity
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Mark, Row
from atkc.runtime.trail import Source, Trail, digest, document_of
from atkc.spec.rowtype import Record, show

_MOST = 256  # rows of one trip to the thread
_SECONDS = 0.02  # and its longest time, so that a slow reader's first rows come early
_DOCUMENTS = 10_000  # that are named; the rows of a file are one


async def run(stage: Stage) -> None:
    """Read until the reader ends, the limit is reached, or nobody asks for more."""
    op = stage.node.op
    assert isinstance(op, SourceOp)
    limits = stage.run.settings.limits
    limit = limits.get(stage.node.id, limits.get(""))
    fit = fitter(op)
    place, tally = _Placer(stage, op.content), stage.tally
    leash = stage.run.leashes.get(stage.node.id)
    stage.ports.mark(Mark((), None))
    rows = iter(stage.run.bodies.readers[op.reader](op.options))
    async for item in _read(stage, rows, limit):
        if isinstance(item, ReadNote):
            stage.warn(item.kind, item.message)
            continue
        if leash is not None and not await leash.may(place.next):
            break
        tally.came += 1
        failure = item if isinstance(item, ReadFailure) else None
        at = _origin(op, item, tally.came)
        if not isinstance(item, ReadFailure):
            item, failure = fit(dict(item), at)
        if failure is not None:
            place.failed(failure)
        else:
            assert not isinstance(item, ReadFailure)
            place.row(item, at)
        if stage.ports.is_full():
            await stage.ports.room()
        if limit is not None and place.rows >= limit:
            break
    close = getattr(rows, "close", None)
    if close is not None:
        await stage.in_thread(close)  # a reader that was left early may hold a file
    stage.ports.mark(Mark((), place.next))
    stage.run.listen(SourceRead(stage.node.id, place.documents))
    _done(stage)


class _Placer:
    """Gives rows their ordinals and identities."""

    def __init__(self, stage: Stage, content: list[str] | None) -> None:
        self.next = 0
        self.rows = 0
        self._stage = stage
        self._content = content
        self._occurrences = Occurrences()
        self._tally = stage.tally
        self.documents: dict[str, int] = {}

    def row(self, data: Data, origin: str) -> None:
        names = self._content
        content = data if names is None else {name: data.get(name) for name in names}
        identity = self._occurrences.identity(content)
        text = data.get("text")
        known = digest(text) if isinstance(text, str) else b""
        trail = Trail((Source(self._stage.node.id, origin, known),))
        row = self._stage.enter(Row((self.next,), identity, data, trail))
        self._stage.leave(row, self._tally)
        self._count(origin)
        self.next += 1
        self.rows += 1

    def failed(self, failure: ReadFailure) -> None:
        told = {
            "step": self._stage.node.id,
            "kind": failure.kind,
            "message": failure.message,
            "request": None,
            "reply": failure.row,  # what was read
        }
        data = {"source": failure.source, "failure": told}
        content = {"source": failure.source, "kind": failure.kind, "message": failure.message}
        self._tally.failed += 1
        self._tally.aside("failed")
        step = self._stage.node.id
        self._stage.run.listen(RecordFailed(step, failure.kind, failure.message))
        trail = Trail((Source(self._stage.node.id, failure.source),))
        row = Row((self.next,), source_identity(content, 0), data, trail)
        self._stage.ports.row("failed", row)
        self._count(failure.source)
        self.next += 1
        self._stage.pass_gates(RecordError(failure.kind, failure.message))

    def _count(self, origin: str) -> None:
        name = document_of(origin)
        known = self.documents
        if name in known:
            known[name] += 1
        elif len(known) < _DOCUMENTS:
            known[name] = 1


Fitter = Callable[[Data, str], tuple[Data, ReadFailure | None]]


def fitter(op: SourceOp) -> Fitter:
    """Return a check of rows against the declared fields: (row, origin) -> (row, misfit)."""
    if op.fields is None:
        return lambda data, _: (data, None)
    from atkc.spec.conform import conform
    from atkc.spec.typetext import parse_type

    kind = parse_type(op.fields, {})
    assert isinstance(kind, Record)
    names = frozenset(kind.names()) if op.extra == "drop" else None
    plain = _plain(kind)

    def fit(data: Data, origin: str) -> tuple[Data, ReadFailure | None]:
        if names is not None and not names.issuperset(data):
            data = {name: value for name, value in data.items() if name in names}
        data = _filled(data, op.defaults)
        if plain is not None and {n: type(data.get(n)) for n in plain} == plain:
            return data, None
        found = conform(data, kind, closed=False)
        if not found:
            return data, None
        where = ".".join(map(str, found[0].path))
        message = f"`{where}`: {found[0].message}" if where else found[0].message
        return data, ReadFailure(origin, "bad-row", message, data)

    return fit


def _plain(kind: Record) -> dict[str, type] | None:
    """Return the Python types of fields that are all plain; None if one needs a closer look."""
    plain = {"string": str, "integer": int, "boolean": bool}
    found = {n: plain.get(show(f.type)) for n, f in kind.items() if not (f.optional or f.rule)}
    types = {name: told for name, told in found.items() if told is not None}
    return types if len(types) == len(kind.names()) else None


def _filled(data: Any, defaults: Mapping[str, Any]) -> Any:
    """Return a row with defaults for the fields that it leaves out."""
    if not defaults or not isinstance(data, dict):
        return data
    out = dict(data)
    for name, told in defaults.items():
        if name not in out:
            if "value" not in told:
                continue
            out[name] = copy.deepcopy(told["value"])
        if "inside" in told:
            out[name] = _filled(out[name], told["inside"])
        elif "each" in told and isinstance(out[name], list):
            out[name] = [_filled(item, told["each"]) for item in out[name]]
    return out


def _origin(op: SourceOp, item: Data | ReadFailure, position: int) -> str:
    """Return where a record stands; readers whose rows do not say so have them counted."""
    if isinstance(item, ReadFailure):
        return item.source
    if isinstance(item, Placed):
        return item.place
    if isinstance(source := item.get("source"), str):
        return source
    path = str(op.options.get("path") or op.reader)
    return f"{PurePosixPath(path).name}#{position}"


async def _read(
    stage: Stage, rows: Iterator[Any], limit: int | None
) -> AsyncIterator[Data | ReadFailure | ReadNote]:
    most = _MOST if limit is None else min(_MOST, max(limit, 1))
    done = limit == 0
    while not done:
        try:
            batch, done = await stage.in_thread(lambda: _take(rows, most))
        except InputError as error:
            found = error.diagnostic
            raise stage.mistake(found.code, found.message, found.help) from None
        for item in batch:
            yield item


def _take(rows: Iterator[Any], most: int) -> tuple[list[Any], bool]:
    end = time.monotonic() + _SECONDS
    batch = []
    for item in rows:
        batch.append(item)
        if len(batch) >= most or time.monotonic() > end:
            return batch, False
    return batch, True


def _done(stage: Stage) -> None:
    run = stage.run
    run.sources -= 1
    if run.sources == 0:
        run.listen(SourcesDone())
        prefer_far = getattr(run.caller, "prefer_far", None)
        if prefer_far is not None:
            prefer_far()
