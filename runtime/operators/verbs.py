"""The verbs of a map, each compiled once to a function of a row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from msgspec import Struct

from atkc.compiler.plan import Action
from atkc.runtime.api import Data
from atkc.runtime.digests import Occurrences
from atkc.runtime.errors import RecordError
from atkc.runtime.formulas import formula, template
from atkc.runtime.keys import child_identity
from atkc.runtime.operators.functions import called, called_slowly
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Row
from atkc.runtime.trail import digest


class Made(NamedTuple):
    """What a verb made of a row: new data, a rejection, children, or data for a port of its own."""

    data: Data
    rejected: bool = False
    children: list[Data] | None = None
    port: str = ""


# (parent, data of the child, its index, label of the branch) -> child
Child = Callable[[Row, Data, int, str], Row]


def by_index(row: Row, data: Data, index: int, branch: str) -> Row:
    """Return a child known by its parent, the branch's label and its index."""
    identity = child_identity(row.identity, branch, index)
    return Row((*row.ordinal, index), identity, data, row.trail)


def by_content(fields: tuple[str, ...]) -> Child:
    """Return what makes children known by content and occurrence; rows come in canonical order."""
    occurrences = Occurrences()

    def child(row: Row, data: Data, index: int, branch: str) -> Row:
        identity = occurrences.identity({name: data.get(name) for name in fields})
        if branch:
            identity = child_identity(identity, branch, 0)
        return Row((*row.ordinal, index), identity, data, row.trail)

    return child


def cut_out(child: Child, field: str, place: str) -> Child:
    """Return what makes children that are stretches of a field: their trails say of which."""

    last: tuple[str, bytes] = ("", digest(""))  # one text has many children

    def cut(row: Row, data: Data, index: int, branch: str) -> Row:
        nonlocal last
        made = child(row, data, index, branch)
        if data is row.data:
            return made  # the step was passed by
        text, at = row.data[field], data[place]
        if text is not last[0]:
            last = (text, digest(text))
        piece = text[at["start"] : at["end"]]
        trail = row.trail.cut(last[1], piece, at["start"], at["page"])
        return Row(made.ordinal, made.identity, made.data, trail)

    return cut


class Verb(Struct, frozen=True):
    """A compiled action. `now` does it at once; `slowly`, if there is one, off the event loop."""

    now: Callable[[Row], Made]
    splits: bool = False
    child: Child = by_index
    ordered: bool = False  # rows have to come in canonical order
    slowly_: Callable[[Row], Awaitable[Made]] | None = None
    slow: bool = False  # the action is to run off the event loop

    def slowly(self, row: Row) -> Awaitable[Made]:
        """Do it off the event loop."""
        assert self.slowly_ is not None
        return self.slowly_(row)


def verb(action: Action, stage: Stage) -> Verb:
    """Return the action, compiled."""
    return _VERBS[action.verb](action, stage)


def _where(action: Action, stage: Stage) -> Verb:
    assert action.test is not None
    test = formula(action.test, stage.run.bodies)

    def where(row: Row) -> Made:
        return Made(row.data, rejected=not test(row.data, stage.env(row.identity)))

    return Verb(where)


def _set(action: Action, stage: Stage) -> Verb:
    values = {n: formula(v, stage.run.bodies) for n, v in action.values.items()}

    def put(row: Row) -> Made:
        env = stage.env(row.identity)
        return Made({**row.data, **{n: value(row.data, env) for n, value in values.items()}})

    return Verb(put)


def _render(action: Action, _stage: Stage) -> Verb:
    texts = {name: template(text) for name, text in action.texts.items()}
    return Verb(lambda row: Made({**row.data, **{n: text(row.data) for n, text in texts.items()}}))


def _rename(action: Action, _stage: Stage) -> Verb:
    names = action.names
    return Verb(lambda row: Made({names.get(n, n): v for n, v in row.data.items()}))


def _drop(action: Action, _stage: Stage) -> Verb:
    gone = frozenset(action.fields)
    return Verb(lambda row: Made({n: v for n, v in row.data.items() if n not in gone}))


def _keep(action: Action, _stage: Stage) -> Verb:
    kept = frozenset(action.fields)
    return Verb(lambda row: Made({n: v for n, v in row.data.items() if n in kept}))


def _cases(action: Action, stage: Stage) -> Verb:
    cases = [(port, formula(test, stage.run.bodies)) for port, test in action.values.items()]

    def choose(row: Row) -> Made:
        env = stage.env(row.identity)
        for port, test in cases:
            if test(row.data, env):
                return Made(row.data, port=port)
        raise RecordError("no-case", "no case is true of this record")

    return Verb(choose)


def _unnest(action: Action, _stage: Stage) -> Verb:
    def unnest(row: Row) -> Made:
        items = row.data.get(action.field)
        if items is None:
            items = []
        if not isinstance(items, list):
            raise RecordError("bad-field", f"`{action.field}` is not a list")
        rest = dict(row.data)
        if action.field not in action.keep:
            rest.pop(action.field, None)
        return Made(row.data, children=[_element(action, rest, i, x) for i, x in enumerate(items)])

    return Verb(unnest, splits=True)


def _element(action: Action, rest: Data, index: int, item: Any) -> Data:
    at = {action.index: index} if action.index else {}
    if action.name:
        return {**rest, action.name: item, **at}
    if not isinstance(item, dict):
        raise RecordError("bad-field", f"an item of `{action.field}` is not a record")
    return {**rest, **item, **at}


def _apply(action: Action, stage: Stage) -> Verb:
    signature = stage.run.library.functions[action.function]
    call = called(action, stage)
    make = _MAKE[signature.cardinality]

    def now(row: Row) -> Made:
        return make(row, call(row))

    slowly = None
    if signature.costly:
        wait = called_slowly(action, stage, signature)

        async def slowly(row: Row) -> Made:
            return make(row, await wait(row))

    splits = signature.cardinality == "1:n"
    child = by_content(signature.content) if signature.identity == "content" else by_index
    if signature.cuts is not None:
        option, place = signature.cuts
        child = cut_out(child, str(action.options.get(option)), place)
    return Verb(now, splits, child, signature.identity == "content", slowly, slowly is not None)


_MAKE: dict[str, Callable[[Row, Any], Made]] = {
    "1:1": lambda row, got: Made({**row.data, **got}),
    "1:n": lambda row, got: Made(row.data, children=[{**row.data, **item} for item in got]),
    "filter": lambda row, got: Made(row.data, rejected=not got),
}

_VERBS: dict[str, Callable[[Action, Stage], Verb]] = {
    "where": _where,
    "unnest": _unnest,
    "set": _set,
    "render": _render,
    "rename": _rename,
    "drop": _drop,
    "keep": _keep,
    "apply": _apply,
    "cases": _cases,
}
