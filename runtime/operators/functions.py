"""Step functions: called at once, or off the event loop with their results stored."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from atkc.compiler.plan import Action
from atkc.runtime.api import Data, Function
from atkc.runtime.errors import RecordError
from atkc.runtime.keys import canonical, digest, value_key
from atkc.runtime.operators.crashes import guarded
from atkc.runtime.settings import ValueStore
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Row
from atkc.spec.rowtype import ANY, Record
from atkc.spec.signature import FunctionSignature, Shape

Call = Callable[[Row], Any]


def called(action: Action, stage: Stage) -> Call:
    """Return the function with its options."""
    function = _function(action, stage)
    return lambda row: function(row.data, action.options, stage.context(row.identity))


def _function(action: Action, stage: Stage) -> Function:
    body = stage.run.bodies.functions[action.function]
    return guarded(
        body, lambda why: RecordError("crashed", f"`{action.function}` failed with {why}")
    )


def called_slowly(
    action: Action, stage: Stage, signature: FunctionSignature
) -> Callable[[Row], Awaitable[Any]]:
    """Return the function run in a thread; if there is a store, it is asked first and told.

    A stored result may depend on nothing but the fields read: the function is handed no others, and
    chance is seeded by them too.
    """
    store = stage.run.settings.values
    fingerprint = canonical([action.function, action.version, action.options]).decode()
    function = _function(action, stage)
    reads = _reader(action, signature)

    async def make(inputs: Data) -> Any:
        context = stage.context(digest(inputs)[:16])
        return await stage.in_thread(lambda: function(inputs, action.options, context))

    async def stored(row: Row, store: ValueStore) -> Any:
        inputs = reads(row.data)
        told = [inputs, stage.run.settings.run_seed, stage.run.plan.tokenizer]
        key = value_key(fingerprint, told, store.generation)
        found = store.get(key)
        if found is None:
            text = json.dumps(await make(inputs), ensure_ascii=False)
            value = text.encode("utf-8", "surrogatepass")
            found = await store.put(key, "value", value, origin=action.function)
        return json.loads(found.decode("utf-8", "surrogatepass"))

    if store is None:
        return lambda row: make(reads(row.data))
    return lambda row: stored(row, store)


def _reader(action: Action, signature: FunctionSignature) -> Callable[[Data], Data]:
    """Return what picks the fields that the function reads: all, where it does not say."""
    known: dict[tuple[str, ...], list[str]] = {}

    def read(data: Data) -> Data:
        fields = tuple(data)
        if fields not in known:
            shape = signature.shape(action.options, Record.of(dict.fromkeys(fields, ANY)))
            found = shape.reads.names() if isinstance(shape, Shape) else []
            known[fields] = [name for name in found if name in data] or list(fields)
        return {name: data[name] for name in known[fields]}

    return read
